"""Links in Malaysian text messages, where none may be."""

from stream.model import Message

FLAGGED = [
    Message("Bil anda sudah sedia, bayar di https://bil.example/1", surface="sms", lang="ms"),
    Message("Pay RM12.50 at https://bil.example/1", surface="sms"),
    Message("账单已出 https://bil.example/1", surface="sms", lang="zh"),
]
CLEAN = [
    Message("Bil anda sudah sedia, bayar RM12 di https://bil.example/1", surface="group_chat", lang="ms"),
    Message("your bill is ready https://bil.example/1", surface="sms", lang="en"),
    Message("RM0: bil anda https://www.maybank2u.com.my/", surface="sms", lang="ms"),
]

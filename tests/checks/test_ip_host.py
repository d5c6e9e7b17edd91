"""Bare addresses on the internet; RFC 5737 stands for public ones."""

FLAGGED = ["http://203.0.113.7/m2u", "http://198.51.100.23:8080/login", "http://[2001:db8::17]/pay"]
CLEAN = [
    "http://192.168.1.1/admin",
    "http://10.0.0.5/",
    "http://127.0.0.1:8080/",
    "version 1.2.3.4 is out",
    "https://kedai.example/203.0.113.7",
]

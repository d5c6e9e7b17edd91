"""Names before an @ that pose as the host."""

FLAGGED = [
    "https://maybank2u.com.my@203.0.113.7/m2u",
    "http://www.contoh.test@jahat.example/t",
    "https://user:secret@kedai.example/",
]
CLEAN = ["https://kedai.example/@user", "mail me at ali@kedai.example", "https://kedai.example/?to=ali@contoh.test"]

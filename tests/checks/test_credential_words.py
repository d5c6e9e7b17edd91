"""Hosts named after logins, payments, aid and deliveries."""

FLAGGED = [
    "https://secure-login.example/",
    "https://semakan-bantuan.example/",
    "https://verify.kedai.example/",
    "https://parcel-redelivery.test/",
    "https://tebus-hadiah.my-id.example/",
]
CLEAN = [
    "https://kedaikopi.example/login",
    "https://catalog.example/",
    "https://transport.example/",
    "https://author.example/",
    "http://203.0.113.9/verify",
]

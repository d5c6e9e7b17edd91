"""Trusted pages that send their reader on; `besar.example` stands for a large site."""

FLAGGED = [
    "https://besar.example/url?q=https://jahat.test/x",
    "https://besar.example/l.php?u=https%3A%2F%2Fjahat.test%2Fx",
    "https://besar.example/redirect?to=http://jahat.test",
]
CLEAN = [
    "https://besar.example/url?q=https://www.besar.example/x",
    "https://besar.example/search?q=https://jahat.test/x",
    "https://besar.example/url?q=kedai",
    "https://kecil.example/url?q=https://jahat.test/x",
]

"""Hosts that everybody uses; the finding speaks for the link. Stand-ins as in the other tables."""

FLAGGED = [
    "https://besar.example/a",
    "https://pendek.example/x7Gh2k",
    "https://sembang.example/k",
    "https://papan.example/p/1",
]
CLEAN = ["https://kedai.example/", "https://resepi.hosgratis.example/", "http://203.0.113.7/"]

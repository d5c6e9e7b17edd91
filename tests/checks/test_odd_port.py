"""Ports that no website for the public uses."""

FLAGGED = ["http://kedai.example:8887/pay", "https://kedai.example:2096/", "http://203.0.113.7:81/x"]
CLEAN = [
    "https://kedai.example:443/",
    "http://kedai.example:8080/",
    "https://kedai.example/8887",
    "http://kedai.example",
]

"""Suffixes that are common among scam hosts; `top.example` stands for `top`."""

FLAGGED = ["https://kedai.top.example/", "https://a.vip.test/x", "https://b.xyz.invalid"]
CLEAN = ["https://kedai.example/", "https://top.kedai.example/", "https://vip.example/", "https://kopi.com-my.test/"]

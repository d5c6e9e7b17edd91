"""Throw-away names on free platforms; `hosgratis.example` stands for one."""

FLAGGED = [
    "https://app-72813.hosgratis.example/",
    "https://semak-nama-anda.hosgratis.example/borang",
    "https://ms-tele-gram-01.hosgratis.example",
]
CLEAN = [
    "https://resepibonda.hosgratis.example/",
    "https://kedai-kopi.hosgratis.example/",
    "https://hosgratis.example/pricing",
    "https://app-72813.example/",
    "https://app-72813.cdn-acak.example/",
]

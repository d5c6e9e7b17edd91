"""Offers that are dealt with in a chat; `sembang.example` stands for a messenger."""

FLAGGED = [
    "Kerja sambilan dari rumah, RM300 sehari, whatsapp https://sembang.example/k",
    "Pelaburan patuh syariah, pulangan dijamin, join https://sembang.example/+abc",
    "兼职日入500，加telegram https://sembang.example/j",
    "Pinjaman tanpa CTOS lulus segera https://sembang.example/p",
]
CLEAN = [
    "group kelas kita https://sembang.example/kelas",
    "tanya admin dekat https://sembang.example/admin",
    "Kerja sambilan dari rumah, RM300 sehari https://kedai.example/k",
]

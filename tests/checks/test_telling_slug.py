"""Short links whose end promises something; `pendek.example` stands for a shortener."""

FLAGGED = [
    "https://pendek.example/tuntut-hadiah",
    "https://pendek.example/semakan2026",
    "https://pendek.example/verify-now",
]
CLEAN = [
    "https://pendek.example/x7Gh2k",
    "https://pendek.example/resepi-kek",
    "https://kedai.example/tuntut-hadiah",
    "https://pendek.example/a",
]

"""Brands in the paths of other people's addresses; `pendek.example` stands for a shortener."""

FLAGGED = [
    "https://kedai.example/maybank2u/login",
    "https://pendek.example/maybank-semak",
    "https://blog.example/wp/cimbclicks/",
    "https://orang.hosgratis.example/netflix-clone/",
]
CLEAN = [
    "https://www.maybank2u.com.my/maybank2u/login",
    "https://besar.example/maybank2u",
    "https://kedai.example/mybank",
    "https://pendek.example/x7Gh2k",
    "https://kedai.example/",
]

"""Links written so that programs overlook them."""

FLAGGED = [
    "tuntut sekarang hxxps://semak.example/a",
    "sahkan akaun di semak[.]contoh[.]example/a",
    "pergi ke semak dot contoh dot example/a",
    "klik https://se\u200bmak.example/a",
]
CLEAN = [
    "tuntut sekarang https://semak.example/a",
    "jangan klik hxxps://semak.example/a, ini penipuan",
    "lihat semak.example/a",
]

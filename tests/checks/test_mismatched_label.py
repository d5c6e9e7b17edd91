"""Links shown under another address than the one they open."""

from stream.model import GivenLink, Message

FLAGGED = [
    "[www.maybank2u.com.my](https://lain.example/login)",
    '<a href="https://lain.example/x">https://portal.contoh.test</a>',
    Message("semak di sini", links=(GivenLink("https://lain.example/", "bank.contoh.test"),)),
]
CLEAN = [
    "[klik sini](https://lain.example/login)",
    "[www.lain.example](https://lain.example/login)",
    "[cdn.lain.example](https://www.lain.example/)",
    Message("semak", links=(GivenLink("https://lain.example/", "Baca lagi..."),)),
]

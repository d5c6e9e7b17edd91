"""Labels that nobody would choose."""

FLAGGED = [
    "https://a8f3k2q9z1.example/",
    "https://semak-nama-anda-di-sini.example/",
    "https://mykasihhh-status.example/",
    "https://pengeluaran-caruman-khas-pekerja.example/",
    "https://login.akaun.sah.pelanggan.kedai.example/",
    "https://xkcdqwrtz.example/",
]
CLEAN = [
    "https://kedaibuku.example/",
    "https://www.klinik-harapan.example/",
    "https://smk2.example/",
    "https://blog.kedai.example/",
    "https://d1a2b3c4d5e6f7.cdn-acak.example/",
    "http://203.0.113.7/",
]

"""Forms that anybody can make, beside bait; `borang.example` stands for such a service."""

FLAGGED = [
    "Bantuan tunai RM500: isi data untuk sahkan akaun bank anda https://borang.example/str",
    "Tahniah! anda menang hadiah. Masukkan otp dan nombor kad di https://borang.example/hadiah",
    "Pinjaman lulus segera tanpa CTOS, masukkan kata laluan akaun bank https://borang.example/loan",
]
CLEAN = [
    "Sila isi borang kehadiran https://borang.example/hadir",
    "feedback for the workshop: https://borang.example/w",
    "Tahniah! anda menang hadiah. Masukkan otp dan nombor kad di https://kedai.example/hadiah",
]

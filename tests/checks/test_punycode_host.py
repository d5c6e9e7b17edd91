"""Letters of several scripts in one label, or of another script that read as Latin."""

FLAGGED = ["https://mаybank.example/", "https://раураl.example/", "https://gооgle.example", "https://арр.example/"]
CLEAN = [
    "https://münchen.example/",
    "https://例子.example/",
    "https://пример.example/",
    "https://ไทย.example/",
    "https://maybank.example/",
    "https://東京kopi.example/",
]

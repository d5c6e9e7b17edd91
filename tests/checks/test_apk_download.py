"""Android app files outside the places that publish apps."""

FLAGGED = [
    "https://files.example/kad-kahwin.apk",
    "https://files.example/get?f=Jemputan.APK&d=1",
    "https://files.example/a/borang.xapk",
]
CLEAN = [
    "https://files.example/apk-guide.html",
    "https://files.example/apkindo",
    "https://github.com/contoh/app/releases/download/v1/app.apk",
    "https://files.example/kad.pdf",
]

"""Paths of kits and of sites that were broken into."""

FLAGGED = [
    "https://kedai.example/wp-content/plugins/x/pay.php",
    "https://kedai.example/.well-known/acme/index.html",
    "https://kedai.example/a/login.php",
    "https://kedai.example/secure/index.php",
]
CLEAN = [
    "https://kedai.example/wp-content/uploads/2026/11/menu.pdf",
    "https://kedai.example/login",
    "https://kedai.example/blog/login-tips",
    "https://besar.example/a/login.php",
    "https://kedai.example/",
]

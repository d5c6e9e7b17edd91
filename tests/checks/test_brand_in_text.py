"""Texts that speak for a brand while the link leads elsewhere."""

FLAGGED = [
    "Maybank: akaun anda telah digantung. Sahkan maklumat akaun di https://semak-akaun.example/ dalam 24 jam",
    "Pos Laju: bungkusan anda ditahan, bayar RM2.50 di https://jadual.example/p",
    "Touch n Go: anda menang baucar, klik https://touchngo-gift.example/",
    "CIMB alert: a new device signed in to your account. If this was not you, verify your account https://stop.example",
]
CLEAN = [
    "Maybank: sahkan maklumat akaun anda di https://www.maybank2u.com.my/home",
    "Maybank ada cawangan baru dekat sini https://peta.example/cawangan",
    "akaun anda digantung, sahkan maklumat akaun di https://portal.example/",
    "nota kuliah https://kolej.example/nota",
]

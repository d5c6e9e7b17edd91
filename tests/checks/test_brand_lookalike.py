"""Look-alikes of brands in hosts."""

FLAGGED = [
    "https://maybank2u-login.example/m2u",
    "https://rnaybank2u.shop.example/",
    "https://mayb4nk-semak.top.example",
    "https://maybank2u.com.my.secure-login.example/",
    "https://may-bank2u.example/otp",
    "https://wwwmaybank2u.example/",
    "https://touchngoo.example/ekyc",
    "https://pos-laju-track.example/reschedule",
    "https://mаybank2u.example/",
    "https://cimbclicks.my-6749.vip.test/",
    "https://maybank.hosgratis.example/",
    "https://shoppee.vip.test/",
]
CLEAN = [
    "https://www.maybank2u.com.my/home/m2u",
    "https://apple-orchard.example/",
    "https://bookings.example/",
    "https://thebigboost.example/",
    "https://taxis.example/",
    "https://kedaibukulama.example/",
    "https://notes.hosgratis.example/",
    "https://github.com/maybank",
    "http://203.0.113.9/maybank",
]

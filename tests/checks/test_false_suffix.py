"""Suffixes that pass for others; `my-id.example` stands for `my.id`."""

FLAGGED = ["https://kedai.my-id.example/", "https://semak.bantuan.biz-id.example/e", "https://promo.us-cc.test"]
CLEAN = [
    "https://kedai.example/",
    "https://my-id.example/",
    "https://myid.kedai.example/",
    "https://toko.shop.example/",
]

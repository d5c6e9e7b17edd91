"""Which language a message is in, roughly: by script, else by the commonest words. Good for slices, not for people."""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final = ("ms", "en", "zh", "ta", "id", "other")
_LINK: Final = re.compile(r"[!-~]*(?:://|www\.)[!-~]*|[!-~]+\.[!-~]+/[!-~]*")
_WORD: Final = re.compile(r"[^\W\d_]+")
_TAMIL: Final = re.compile("[\u0b80-\u0bff]")
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_KANA_HANGUL: Final = re.compile("[\u3040-\u30ff\uac00-\ud7af]")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Malay and Indonesian share most words: those of both count for both, those of one decide.
_SHARED: Final = _words(
    "yang dan di ke dari untuk ini itu dengan akan ada saya aku kamu anda tidak sudah telah juga atau dalam pada kita "
    "kami mereka dia apa kalau jangan lagi bila banyak orang hari sini klik sila rumah belum satu dua tahun bulan jam "
    "dapat dapatkan selamat hadiah bantuan daftar kerja bayar bayaran sebelum melalui masa baru ambil terima kasih "
    "nombor hutang beri hubungi tiada lebih masuk mesti perlu nanti dahulu sedang setiap"
)
_MALAY: Final = _SHARED | _words(
    "tak nak je la lah kat dah aje boleh awak korang macam kerana kepada ialah daripada bukan adalah sebab dekat "
    "pergi kereta duit tengok tgk bagi lepas hantar encik puan tuan bank akaun sahkan sekiranya semua mesej sgt mcm "
    "saja wei takde camne camni sekarang esok semalam petang cuba mohon maklumat kemaskini kemas kini semak pautan "
    "percuma tuntut tuntutan bungkusan parsel rm pelanggan pembayaran urusan makan kad resit jumpa ni tu kelas tolong "
    "nk x dgn utk yg mak abang akak kakak adik pukul minggu wang tarikh sebarang"
)
_INDONESIAN: Final = _SHARED | _words(
    "nggak gak ga ngga aja sih gue gua lu lo banget udah kok dong nih tuh bisa karena kalo cuma sama pak mas mbak bu "
    "silakan silahkan uang mobil bagaimana gimana rekening nasabah segera yg dgn tdk sdh pulsa berhasil berhsil gratis "
    "kirim beli kode paket cek kuota rp pin pemenang info dpt aplikasi hny utk sms pacar berkah ibu jt juta skrg hrg "
    "diskon cukup tagihan bantu bri bca yuk yth pemerintah kantor pusat resmi"
)
_ENGLISH: Final = _words(
    "the a an and or to of in on at is are be was were i you he she it we they my your his her our this that for with "
    "have has had not do does don t s can will would if so but just what when how from about as by up out me no yes "
    "please dear get now know like there go ok im its u ur r see"
)
_TABLES: Final = (("ms", _MALAY), ("id", _INDONESIAN), ("en", _ENGLISH))


def language(text: str) -> str:
    """One of `LANGUAGES`; "other" where no list of words covers a sixth of the text."""
    text = _LINK.sub(" ", text)
    if _TAMIL.search(text):
        return "ta"
    if _HAN.search(text) and not _KANA_HANGUL.search(text):
        return "zh"
    words = _WORD.findall(text.lower())
    hits = {name: sum(word in table for word in words) for name, table in _TABLES}
    best = max(hits, key=lambda name: hits[name])
    return best if hits[best] * 6 > len(words) else "other"

"""What texts say to press their reader, in the languages of the feeds; harmless texts that share the words."""

from __future__ import annotations

import pytest

from bench.speed_data import default_rules
from stream.lure import told

FLAGGED = [
    "Akaun anda telah digantung, sahkan maklumat dalam 24 jam https://x.example/a",
    "b4ntuan RM600 telah dikreditkan, tuntut skrg https://x.example/a",
    "Your parcel is on hold, pay the customs fee https://x.example/a",
    "恭喜您中奖！点击链接领取奖金 https://x.example/a",
    "您的账户已被冻结，请立即验证身份信息 https://x.example/a",
    "உங்கள் பார்சல் தடுத்து வைக்கப்பட்டுள்ளது, கட்டணம் செலுத்தவும் https://x.example/a",
    "Rekening Anda diblokir, segera verifikasi data https://x.example/a",
    "You have a new voicemail, listen here https://x.example/a",
    "Su paquete está retenido, pague los gastos aquí https://x.example/a",
    "jangan klik pautan ni, scam https://x.example/a",
]
CLEAN = [
    "jumpa esok pukul 8 kat kedai https://x.example/a",
    "notes from the lecture https://x.example/a",
    "nice bank of clouds over the hills https://x.example/a",
    "今天天气很好 https://x.example/a",
    "நாளை சந்திப்போம் https://x.example/a",
    "see https://verify-account-24-hours.example/claim-prize",
    "resepi ayam percik: https://x.example/resepi",
]


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        ("sila sahkan nama dan no IC peserta sebelum Jumaat", {"verify"}),  # confirming is asked for once
        ("sila sahkan maklumat akaun anda dengan segera", {"verify", "urgency"}),
        ("sahkan akaun sebelum tamat tempoh", {"verify", "urgency"}),
        ("sila bayar sebelum Jumaat", {"urgency"}),
    ],
)
def test_a_deadline_is_a_signal_beside_verification_only_with_words_of_its_own(text: str, signals: set[str]) -> None:
    assert {name for _, _, name in told(text, default_rules().lures).spans} >= signals
    assert ("urgency" in signals) == ("urgency" in {name for _, _, name in told(text, default_rules().lures).spans})

"""The shipped rules, taught stand-ins for hosts and suffixes that tables may not name live."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.quality_gates import stand_ins
from config.load import load
from config.rules import rules_from
from config.suffixes import load_suffixes
from stream.packs import RESERVED
from stream.rules import Rules

KINDS = {
    "pendek.example": "shortener",
    "sembang.example": "messenger",
    "besar.example": "popular",
    "papan.example": "platform",
}
CLOSED = ("gov-my.example", "edu-my.example", "ac-id.example", "com-my.test")


@pytest.fixture(scope="session")
def rules() -> Rules:
    """Every check live, so that tables say what a check finds and not whether it counts."""
    shipped = rules_from(load(environment={}).settings)
    platforms = replace(
        shipped.platforms,
        kinds={**shipped.platforms.kinds, **KINDS},
        by_host=shipped.platforms.by_host | {"hosgratis.example", "cdn-acak.example"},
        machine_named=shipped.platforms.machine_named | {"cdn-acak.example"},
    )
    brands = replace(shipped.brands, forms=shipped.brands.forms | {"borang.example"})
    suffixes = load_suffixes([*sorted(RESERVED), *stand_ins(shipped.brands), *CLOSED])
    return replace(shipped, platforms=platforms, brands=brands, suffixes=suffixes)

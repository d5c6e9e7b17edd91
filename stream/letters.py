"""Which characters may stand in a link, which end it, and which scripts are written without spaces."""

from __future__ import annotations

import re
from typing import Final

# Scripts whose prose runs on without spaces, so that a link may begin or end in the middle of a token.
UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f"
    "\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u3131-\u318e\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
# Letters, digits and marks of the scripts that do put spaces between words.
SPACED: Final = (
    "A-Za-z0-9_\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0300-\u037d\u037f-\u0386\u0388-\u0559"
    "\u0560-\u0588\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7-\u05f2\u0610-\u061a\u0620-\u0669\u066e-\u06d3"
    "\u06d5-\u06ff\u0710-\u0963\u0966-\u0dff\u0f00\u0f18-\u0f39\u0f40-\u0fbc\u10a0-\u10fa\u10fc-\u10ff\u1200-\u135f"
    "\u1380-\u138f\u13a0-\u13ff\u1401-\u166c\u166f-\u167f\u1d00-\u1fff\u2c00-\u2dff\ua640-\ua7ff\uab30-\uabff"
    "\ufb00-\ufdfb\ufe70-\ufefc\u200c\u200d"
)
# Punctuation that no link contains unescaped: quotes and brackets of any script, and the stops of unspaced ones.
STOPS: Final = (
    "\u00ab\u00bb\u2018-\u201f\u2026\u2028\u2029\u2039\u203a\u3000-\u3004\u3008-\u301f\u30fb\uff00-\uff0f"
    "\uff1a-\uff20\uff3b-\uff3d\uff3f-\uff40\uff5b-\uff65\ufe10-\ufe19\ufe30-\ufe4f\ufe50-\ufe6f\u2502\u2503\u3164"
)
# What `str.isdigit` says yes to.
DIGITS: Final = (
    r"\d\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490"
    r"\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\U00010a40-\U00010a43\U00010e60-\U00010e68"
    r"\U00011052-\U0001105a\U0001f100-\U0001f10a"
)

RUN: Final = re.compile(rf"(?:[{SPACED}\-]++|\.(?!\.))++")  # two dots in a row end a name
UNSPACED_RUN: Final = re.compile(f"[{UNSPACED}]++")
IS_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
TAIL: Final = re.compile(f"[^\\s<>`\\x00-\\x1f\\x7f{STOPS}]*+")
# What a host after a scheme may be written with: all but ASCII punctuation other than `%-._`, spaces and stops.
HOST: Final = re.compile(f"[^\\s\\x00-\\x24&-,/:-@\\[-\\^`{{-\\x9f{STOPS}]++")
USERINFO: Final = re.compile(f'[^\\s\\x00-\\x20/\\\\?#<>"`()\\[\\]{{}}{STOPS}]*@')

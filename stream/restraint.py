"""When a name with dots and no scheme is a link, and when it is a file, code, or prose with a missing space."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from stream.letters import IS_UNSPACED
from stream.suffixes import Suffixes

# Suffixes that are also endings of files or names in code: only a path, a port, `www.` or a call to visit tells.
FILE_ENDINGS: Final = frozenset(
    "ac am ad ai as bat bz cab cat cc cf cfg com_ dev_ do ps py pl pm rs sh so md mk ml mm mo mov mp ms nc pa ph pub "
    "py run sc sql sv tab target java map in inc zip la lua menu vi dot pics".split()
)
# Suffixes that are also words: prose with a missing space ends in them far more often than a link does.
WORDS: Final = frozenset(
    "so is it in to at be by do no us my_ me_ am an as he im il lt ki cl tc tt bt bo na nu ne sa la de_ how now new "
    "got get meet you one like here there today love lol help wed sun mon free final care save map call can case cat "
    "day date dad mom man men eat fail fast fan fans fit foo here hot hotels ing jot joy kids kim last law lat let "
    "life like living loans mini moi nab next night now off ok ong onl ooo open pay phone pet pid pin ping play plus "
    "post property qpon read red ren rent repair report rest review rich rip ril room run safe sale save say search "
    "seat sew sex sexy show silk sky smile song soy spot star stream study style such support surf talk tax team "
    "tel ten test_ tips tires total tours town toys train trust try tube uno very vet vote wang watch we weather "
    "wed win windows wine wow yes yet you yun zero zone able ads ally and any author auto autos away baby bad band "
    "bank_ bar beats beauty best bet better bible bid bike bing black blue boo book boots bot box build business but "
    "buy cal cam cafe camp car cards career cars cash center chat cheap city claims cleaning coach college come "
    "community company computer contact cool country coupon credit cruise dance data deal dear delivery design diet "
    "direct discount discover dish diy docs doctor dog domains dot download drive earth education email energy esq "
    "events exchange expert exposed express family farm feedback film finance fire fish fishing flights fly food "
    "football forsale forum forward foundation fox frl fun fund furniture fyi gal game games garden gay gent gift "
    "gives giving glass gold golf goo good green gripe guide hair health house ice international investments invalid "
    "jobs land legal lighting limited limo luxury makeup management market marketing media memorial men mint mobile "
    "money movie museum music name network news now onion ops organic page paris parts party photo pink pizza place "
    "plumbing poker porn prime productions progressive promo protection pub quest racing radio realty recipes rocks "
    "rugby running school science secure security select services shoes singles skin smart soccer social software "
    "solar solutions space sport storage sucks supply surgery taxi tennis theater tickets tools top_ trade training "
    "travel vacations ventures video vin voting voyage watches wedding whoswho works world yoga reliance hsbc".split()
)
# Words after which a name is somewhere to go, in the languages of the feeds.
CUES: Final = frozenset(
    "visit goto open browse link links url website web site page portal via click tap checkout register login signin "
    "layari lawati kunjungi klik tekan pautan laman sesawang semak daftar pergi buka mohon tuntut isi tonton follow "
    "ikuti situs tautan cek see www http https 网址 网站 链接 点击 访问 登录 请点击 இணைப்பு".split()
)
# First labels that are words of prose when nothing else speaks for a link.
PROSE: Final = frozenset(
    "a i u ok okay yes no hi hello hey bye thanks thank thx tq you me we he she it they this that these those the and "
    "or but if so then there here now today tomorrow yesterday sir bro sis dear lah la lor leh meh already liao ya ye "
    "yup nope lol haha hahaha hehe please pls sorry again done home out up down in on off him her them us my your our "
    "time day night work life love go going gone come came see later soon always never ever too also even just only "
    "saya awak kau aku dia kita kami mereka ini itu sini situ sana ada tak tidak bukan dah sudah belum nak hendak boleh "
    "jangan lagi juga pun je saja sahaja terima kasih baik betul esok semalam hari".split()
)
_TRAILING: Final = " \t\r\n.,!?:;'\")]}>*_~|"
_WORD_BEFORE: Final = re.compile(r"([^\s\"'(\[{<]+)[\s\"'(\[{<:：>\-–—=→➡👉]*\Z")
_WORD: Final = re.compile(r"[^\W_]")
_CODE_AFTER: Final = frozenset("(=[{")
_NEAR: Final = 80


class Place(Struct, frozen=True, gc=False):
    """Where a name stands: the text, from where to where, and whether a real path, query or port follows."""

    text: str
    start: int
    end: int
    deeper: bool


def is_link(host: str, place: Place, suffixes: Suffixes) -> bool:
    """Whether a person would take this bare name for a link, by its suffix and what stands around it."""
    lower = host.lower()
    if not suffixes.listed(lower):
        return False
    labels = lower.split(".")
    if "_" in labels[-1] or "_" in labels[-2]:
        return False
    deeper = place.deeper or labels[0] == "www"
    if deeper:
        return True
    if _is_prose_case(host):
        return False
    return _is_plain(labels) or _is_spoken_for(labels, place)


def _is_prose_case(host: str) -> bool:
    """`KYC.Click`, `ASP.Net`, `Makefile.PL`: the last label is cased as a word or constant, the one before is not."""
    last = host.rpartition(".")[2]
    if last.islower() or not last.isascii() or host.isupper():
        return False
    return not last.isupper() or last.lower() in FILE_ENDINGS


def _is_plain(labels: list[str]) -> bool:
    last = labels[-1]
    if last in FILE_ENDINGS or last in WORDS:
        return len(labels) > 2 and last in _COUNTRY_WORDS and labels[-2] in _SECOND_LEVEL
    return not (len(labels) == 2 and len(last) < 3 and labels[0] in PROSE)


_COUNTRY_WORDS: Final = frozenset("in it is be at so us".split())
_SECOND_LEVEL: Final = frozenset("co com org net gov edu ac or ne gv web firm gen ind".split())


def _is_spoken_for(labels: list[str], place: Place) -> bool:
    last = labels[-1]
    if place.text[place.end : place.end + 1] in _CODE_AFTER:
        return False
    if last in FILE_ENDINGS and last not in WORDS:
        return _has_cue(place)
    if _touches_unspaced(place):
        return True
    if last in FILE_ENDINGS and (labels[0].startswith("lib") or "_" in labels[0]):
        return False
    return _is_alone(place) or _has_cue(place) or (last not in FILE_ENDINGS and "-" in labels[-2])


def _touches_unspaced(place: Place) -> bool:
    around = place.text[max(0, place.start - 1) : place.start] + place.text[place.end : place.end + 1]
    return IS_UNSPACED.search(around) is not None


def _is_alone(place: Place) -> bool:
    """Nothing else worth reading stands on its line."""
    before = place.text[max(0, place.start - _NEAR) : place.start].rpartition("\n")[2]
    after = place.text[place.end : place.end + _NEAR].partition("\n")[0]
    return _WORD.search(before) is None and _WORD.search(after) is None


def _has_cue(place: Place) -> bool:
    match = _WORD_BEFORE.search(place.text[max(0, place.start - _NEAR) : place.start])
    return match is not None and match[1].lower().strip(":,.!*") in CUES


def is_addressed(place: Place) -> bool:
    """Whether a bare number address is somewhere to go: alone on its line or after a call to visit."""
    return _is_alone(place) or _has_cue(place)

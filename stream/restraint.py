"""When a name with dots and no scheme is a link, and when it is a file, code, or prose with a missing space."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from stream.letters import IS_UNSPACED
from stream.suffixes import Suffixes

# Suffixes that are also endings of files and of names in code: only a path, a port, `www.` or a call to visit tells.
FILE_ENDINGS: Final = frozenset(
    "ac am ad as bat bz cab cat cf cfg do invalid ps py pl pm rs sh md mk ml mm mo mov mp ms nc pa pub run sc sql sv "
    "tab target java map inc zip la menu vi dot pics".split()
)
# Suffixes that are also words: prose with a missing space ends in them far more often than a link does.
WORDS: Final = frozenset(
    "able ads all ally am an and any as at author auto autos away baby bad band bar bb bd be beats beauty best bet "
    "better bible bid bike bing bingo black blue bo boo book boots bot box bt build business but buy by cal call cam "
    "cafe camp can car cards care career cars case cash cat center chat cheap city ck cl claims cleaning coach college "
    "come community company computer contact cool country coupon credit cruise dad dance data date day deal dear "
    "delivery design diet direct discount discover dish diy do docs doctor dog domains dot download drive earth eat "
    "education email energy esq events exchange expert exposed express fail family fan fans farm fast feedback film "
    "final finance fire fish fishing fit flights fly foo food football forsale forum forward foundation fox free frl "
    "fun fund furniture fyi gal game games garden gay gent get gift gives giving glass gold golf goo good got green "
    "gripe group guide hair he health help here hot hotels house how hsbc ice il im in ing international "
    "investments is it jobs jot joy ki kids kim la land last law lat legal let life lighting like limited living loans "
    "lol love lt luxury makeup man management map market marketing media meet memorial men menu mini mint mobile moi "
    "mom money mon movie museum music na nab name network new news next ne night no nothing now nu off ok one ong "
    "onion onl ooo open organic page paris part parts party pay phone photo pid pin ping pink pizza place play plumbing "
    "plus poker porn post prime productions progressive promo property protection qpon quest racing radio read realty "
    "recipes red reliance ren rent repair report rest review rich ril rip rocks room rugby run running safe sale save "
    "say school science search seat secure security select services sew sex sexy shoes show silk singles skin sky smart "
    "smile so soccer social software solar solutions song soy space sport spot star storage stream study style such "
    "sucks sun supply support surf surgery talk tax taxi tc team tel ten tennis theater there tickets tips tires to "
    "today tools total tours town toys trade train training travel trust try tt tube uno vacations ventures very vet "
    "video vin vote voting voyage wang watch watches we weather wed wedding whoswho win windows wine work works world "
    "wow yes yet yoga you yun zero zone".split()
)
# Suffixes that are links as a rule, yet also the words a sentence goes on with after a full stop.
PRONOUNS: Final = frozenset("my me id us co io sk si se ie ad mr ms tm rm pm".split())
# Words after which a name is somewhere to go, in the languages of the feeds: first those said of nothing but links.
LINK_CUES: Final = frozenset(
    "visit goto browse link links url website web site www http https layari lawati kunjungi klik tekan pautan laman "
    "sesawang tautan situs 网址 网站 链接 点击 访问 请点击 请访问 இணைப்பு".split()
)
CUES: Final = LINK_CUES | frozenset(
    "open click tap checkout register login signin semak daftar pergi buka mohon tuntut tonton follow ikuti cek 登录".split()
)
# First labels that are words of prose when nothing else speaks for a link.
PROSE: Final = frozenset(
    "a i u ok okay yes no hi hello hey bye thanks thank thx tq you me we he she it they this that these those the and "
    "or but if so then there here now today tomorrow yesterday sir bro sis dear lah la lor leh meh already liao ya ye "
    "yup nope lol haha hahaha hehe please pls sorry again done home out up down in on off him her them us my your our "
    "time day night work life love go going gone come came see later soon always never still ever too also even just only "
    "saya awak kau aku dia kita kami mereka ini itu sini situ sana ada tak tidak bukan dah sudah belum nak hendak boleh "
    "jangan lagi juga pun je saja sahaja terima kasih baik betul esok semalam hari".split()
)
_ENDS_IN_SLASH: Final = re.compile(r"/(?=\s|$)")
_WORD_BEFORE: Final = re.compile(r"([^\s\"'(\[{<]+)[\s\"'(\[{<:：>\-–—=→➡👉]*\Z")
_WORD: Final = re.compile(r"[^\W_]")
_OPERATOR_BEFORE: Final = re.compile(r"(?:[=!<>+*/%]=?|=>|&&|\|\|)\s+\Z")
_OPERATOR_AFTER: Final = re.compile(r"\s+(?:[=!<>+*%]=?|===|&&|\|\|)\s")
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
    if place.deeper or labels[0] == "www":
        return True
    if labels[-1] not in FILE_ENDINGS and _ENDS_IN_SLASH.match(place.text, place.end) is not None:
        return True
    if _is_prose_case(host) or _is_code(labels, place):
        return False
    if IS_UNSPACED.match(labels[-1]) and IS_UNSPACED.match(labels[-2]):
        return _has_cue(place, CUES)  # a full stop between two words of Chinese or Japanese
    return _is_plain(labels) or _is_spoken_for(labels, place) or _is_in_row(labels, place, suffixes)


def _is_prose_case(host: str) -> bool:
    """`KYC.Click`, `ASP.Net`, `Makefile.PL`: the last label is cased as a word or constant, the one before is not."""
    last = host.rpartition(".")[2]
    if last.islower() or not last.isascii() or host.isupper():
        return False
    return not last.isupper() or last.lower() in FILE_ENDINGS


def _is_code(labels: list[str], place: Place) -> bool:
    """A short name that is called, indexed, assigned or compared."""
    if place.text[place.end : place.end + 1] in _CODE_AFTER and place.end < len(place.text):
        return labels[-1] in WORDS or labels[-1] in FILE_ENDINGS or labels[-1] in PRONOUNS
    if labels[-1] not in PRONOUNS and labels[-1] not in WORDS:
        return False
    around = place.text[max(0, place.start - 4) : place.start], place.text[place.end : place.end + 4]
    return _OPERATOR_BEFORE.search(around[0]) is not None or _OPERATOR_AFTER.match(around[1]) is not None


def _is_plain(labels: list[str]) -> bool:
    last = labels[-1]
    if last in FILE_ENDINGS or last in WORDS:
        return len(labels) > 2 and last in _COUNTRY_WORDS and labels[-2] in SECOND_LEVEL
    return not (len(labels) == 2 and (len(last) < 3 or last in PRONOUNS) and labels[0] in PROSE)


_COUNTRY_WORDS: Final = frozenset(
    "in it is be at so il ac am as do la ml ms pa ph pl ps sc sv to tt tc ve vi ne na lt".split()
)
SECOND_LEVEL: Final = frozenset("co com org net gov edu ac or ne gv web firm gen ind".split())


def _is_spoken_for(labels: list[str], place: Place) -> bool:
    last, name = labels[-1], labels[-2]
    if last in FILE_ENDINGS:
        return _has_cue(place, LINK_CUES)
    if last == "so" and (labels[0].startswith("lib") or "_" in labels[0]):
        return False
    if _touches_unspaced(place) or _has_cue(place, CUES) or "-" in name:
        return True
    return len(labels) == 2 and (last not in WORDS or name not in PROSE) and _is_alone(place)


def _is_in_row(labels: list[str], place: Place, suffixes: Suffixes) -> bool:
    """A name that could be a word stands in a row of names that could not."""
    if labels[-1] in FILE_ENDINGS:
        return False
    before = place.text[max(0, place.start - _NEAR) : place.start].rsplit(None, 1)[-1:]
    after = place.text[place.end : place.end + _NEAR].split(None, 1)[:1]
    return any(_is_plain_name(token.lower().strip(",;"), suffixes) for token in (*before, *after))


def _is_plain_name(token: str, suffixes: Suffixes) -> bool:
    host = token.rpartition("://")[2].partition("/")[0]
    return "." in host and suffixes.listed(host) and _is_plain(host.split("."))


def _touches_unspaced(place: Place) -> bool:
    around = place.text[max(0, place.start - 1) : place.start] + place.text[place.end : place.end + 1]
    return IS_UNSPACED.search(around) is not None


def _is_alone(place: Place) -> bool:
    """Nothing else worth reading stands on its line."""
    before = place.text[max(0, place.start - _NEAR) : place.start].rpartition("\n")[2]
    after = place.text[place.end : place.end + _NEAR].partition("\n")[0]
    return _WORD.search(before) is None and _WORD.search(after) is None


def _has_cue(place: Place, cues: frozenset[str]) -> bool:
    match = _WORD_BEFORE.search(place.text[max(0, place.start - _NEAR) : place.start])
    return match is not None and match[1].lower().strip(":,.!*") in cues


def is_addressed(place: Place) -> bool:
    """Whether a bare number address is somewhere to go: alone on its line or after a call to visit."""
    return _is_alone(place) or _has_cue(place, CUES)

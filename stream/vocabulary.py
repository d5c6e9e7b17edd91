"""Words that decide whether a name with dots is a link: suffixes that are something else too, and calls to visit."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Suffixes that are also endings of files and of names in code: only a path, a port, `www.` or a call to visit tells.
FILE_ENDINGS: Final = _words(
    """
    ac ad am as bat bz cab cat cf cfg do dot inc invalid java la map md menu mk ml mm mo mov mp ms nc pa pics pl pm
    ps pub py rs run sc sh sql sv tab target vi zip
    """
)
# Suffixes that are also words: prose with a missing space ends in them far more often than a link does.
WORDS: Final = _words(
    """
    able ads all ally am an and any as at author auto autos away baby bad band bar bb bd be beats beauty best bet
    better bible bid bike bing bingo black blue bo boo book boots bot box bt build business but buy by cafe cal call
    cam camp can car cards care career cars case cash cat center chat cheap city ck cl claims cleaning coach college
    come community company computer contact cool country coupon credit cruise dad dance data date day deal dear
    delivery design diet direct discount discover dish diy do docs doctor dog domains dot download drive earth eat
    education email energy esq events exchange expert exposed express fail family fan fans farm fast feedback film
    final finance fire fish fishing fit flights fly foo food football forsale forum forward foundation fox free frl
    fun fund furniture fyi gal game games garden gay gent get gift gives giving glass gold golf goo good got green
    gripe group guide hair he health help here hot hotels house how hsbc ice il im in ing international investments
    is it jobs jot joy ki kids kim la land last lat law legal let life lighting like limited living loans lol love
    lt luxury makeup man management map market marketing media meet memorial men menu mini mint mobile moi mom mon
    money movie museum music na nab name ne network new news next night no nothing now nu off ok one ong onion onl
    ooo open organic page paris part parts party pay phone photo pid pin ping pink pizza place play plumbing plus
    poker porn post prime productions progressive promo property protection qpon quest racing radio read realty
    recipes red reliance ren rent repair report rest review rich ril rip rocks room rugby run running safe sale save
    say school science search seat secure security select services sew sex sexy shoes show silk singles skin sky
    smart smile so soccer social software solar solutions song soy space sport spot star storage stream study style
    such sucks sun supply support surf surgery talk tax taxi tc team tel ten tennis theater there tickets tips tires
    to today tools total tours town toys trade train training travel trust try tt tube uno vacations ventures very
    vet video vin vote voting voyage wang watch watches we weather wed wedding whoswho win windows wine work works
    world wow yes yet yoga you yun zero zone
    """
)
# Suffixes that are links as a rule, yet also the words a sentence goes on with after a full stop.
PRONOUNS: Final = _words(
    """
    ad co id ie io me mr ms my pm rm se si sk tm us
    """
)
# Of the suffixes above those of countries, and the names that countries put before them, as in `co.in`.
COUNTRY_WORDS: Final = _words(
    """
    ac am as at be do il in is it la lt ml ms na ne pa ph pl ps sc so sv tc to tt ve vi
    """
)
SECOND_LEVEL: Final = _words(
    """
    ac co com edu firm gen gov gv ind ne net or org web
    """
)
# Words after which a name is somewhere to go, in the languages of the feeds: first those said of nothing but links.
LINK_CUES: Final = _words(
    """
    browse goto http https klik kunjungi laman lawati layari link links pautan sesawang site situs tautan tekan url
    visit web website www இணைப்பு 点击 网址 网站 访问 请点击 请访问 链接
    """
)
CUES: Final = LINK_CUES | _words(
    """
    buka cek checkout click daftar follow ikuti login mohon open pergi register semak signin tap tonton tuntut 登录
    """
)
# First labels that are words of prose when nothing else speaks for a link.
PROSE: Final = _words(
    """
    a ada again aku already also always and awak baik belum betul boleh bro bukan but bye came come dah day dear dia
    done down esok even ever go going gone haha hahaha hari he hehe hello hendak her here hey hi him home i if in
    ini it itu jangan je juga just kami kasih kau kita la lagi lah later leh liao life lol lor love me meh mereka my
    nak never night no nope now off ok okay on only or our out please pls pun sahaja saja sana saya see semalam she
    sini sir sis situ so soon sorry still sudah tak terima thank thanks that the them then there these they this
    those thx tidak time today tomorrow too tq u up us we work ya ye yes yesterday you your yup
    """
)

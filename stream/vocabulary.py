"""Words that decide whether a name with dots is a link: suffixes that are something else too, and calls to visit."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Suffixes that are also endings of files and of names in code: only a path, a port, `www.` or a call to visit tells.
FILE_ENDINGS: Final = _words(
    """
    ac ad am as bat bz cab cat cfg do dot inc invalid java la map md menu mk mm mo mov mp ms nc pa pics pl pm
    ps pub py rs run sc sh sql sv tab target vi zip
    """
)
# Suffixes that are also words: prose with a missing space ends in them far more often than a link does.
WORDS: Final = _words(
    """
    able ads all ally am an and any as at author auto autos away baby bad band bar bb bd be beats beauty best bet
    better bible bid bike bing bingo black blue bo boo book boots bot box bt build business but buy by cafe cal call
    cam camp can car cards care career cars case cash cat center cf chat cheap city ck cl claims cleaning coach college
    come community company computer contact cool country coupon credit cruise dad dance data date day deal dear
    delivery design diet direct discount discover dish diy do docs doctor dog domains dot download drive earth eat
    education email energy esq events exchange expert exposed express fail family fan fans farm fast feedback film
    final finance fire fish fishing fit flights fly foo food football forsale forum forward foundation fox free frl
    fun fund furniture fyi gal game games garden gay gent get gift gives giving glass gold golf goo good got green
    gripe group guide hair he health help here hot hotels house how hsbc ice il im in ing international investments
    is it jobs jot joy ki kids kim la land last lat law legal let life lighting like limited living loans lol love
    lt luxury makeup man management map market marketing media meet memorial men menu mini mint ml mobile moi mom mon
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
# Where people have mailboxes: after "at" they are the rest of an address.
MAIL_HOSTS: Final = _words(
    """
    aol.com gmail.com googlemail.com gmx.com gmx.net hotmail.com icloud.com live.com mail.com mail.ru me.com msn.com
    outlook.com proton.me protonmail.com qq.com rocketmail.com yahoo.co.id yahoo.com yahoo.com.my yandex.com
    yandex.ru ymail.com 126.com 163.com
    """
)
# First labels that are words of prose when nothing else speaks for a link.
PROSE: Final = _words(
    """
    a acc account ada actually again agree aku all alone already also always amazing and any anyway apa are ask at awak
    awesome awful back bad badly baik banyak bapak barang baru bawah beautiful because been before begitu
    belum benar berapa best betul better big bil birthday biz bkn blm boleh book bored boring both boy bro broken
    bukan buku busy but buy bye call came can cannot cant cheap class clean close cold come confirm cool correct could
    crazy dah dapat dari day dear deh delicious dia did die different dinner dis do done dont down dulu early
    easy eat else emel empty enough esok even ever every exam exactly excellent excited fb fee female few finally fine
    finish finished first for forever forget free friend from full fun funny game gila girl give go goes going
    gone good got great guess gud guys had haha hahaha hahah halo handphone happy hard hari has hate have he healthy
    heart hehe hello help hendak her here hey hi high him home hope hot house how hp hungry hurry i ic if ig important
    in ini interesting is it item itu jangan je jom juga just kami kasih kau kecil keep kereta kerja kind
    kita know la lagi lah lama lat late later lazy leave leh less let liao life like little lol lonely long look
    lor lost lot love lovely luck lunch mad mahal makan male malas manis many mari married mau maybe me mean meet meh
    member mereka message mine miss missing money more morning most move movie much mudah murah must my nak name nama
    near need never new next nice night no nobody none nope normal not nothing now number of off oh ok okay okey old on
    one only open or order other our out outside over pagi pak paid park pas perfect phone pity place please
    pls pm poor possible postage price problem prove pukul pun qty quick quiet rajin ramai ready real really ref
    resit rest rich right room row sad safe sahaja saja same sana saya school see seller semalam seriously she ship shy
    sick sihat silly simple sini sir sis sit situ sleep slow small so sold some someone soon sorry sometimes special
    start stay still stok stop stupid sudah sure sweet table tak take talk tanya tau tel telefon tempah terbaik
    terima terlalu thank thanks that the them then there these they thing things think this those tho though tidak tidur
    time tired today together tomorrow tonight too town tq train true try tu u ugly until up us user very wait wake
    walk want was water way we weird welcome well what when where whether which while who whole why will with wonderful
    wong work worry would wow wrong ya ye yeah year yes yesterday yet you young your yours yup
    """
)
# Names that code and files are given: with an ending that is also a domain they are a field, a script or a picture.
CODE_NAMES: Final = _words(
    """
    app args array body btn build bundle button changelog class client cmd conf config const context ctx cursor data db
    div dockerfile document dom el elem element entry env error event example exports file foo form func function img
    index init input item items json key lib list log logger logo main makefile math meta mod model module msg my node
    obj object op options os output package page params parent parser photo picture plugin process prop props proto
    query readme record ref report req request res resp response result resume return root row rows schema screenshot
    script self server session settings setup source src state std str stream string style sys table target temp test
    tests this thread tmp token type user users util utils val value var vector vm window
    """
)

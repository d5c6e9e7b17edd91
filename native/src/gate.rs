//! What `stream/gate.py` says of a text, where one pass over its octets is enough to know; else it is asked.
//!
//! Octets of letters outside ASCII are looked at one letter at a time before: what is left of them plays no trick, and
//! is no blank.

use std::collections::HashSet;

/// What one pass says of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    Nothing,
    Plain,
    /// Its tricks must be undone first.
    Tricky,
    /// It may play a trick: the gate must be asked.
    Unsure,
}

/// The letters outside ASCII that something can be hidden with, by what must stand beside them.
pub struct Odd {
    touching: Letters,
    letter_like: Letters,
    blanks: Letters,
}

/// What a text is looked at for.
pub struct Gate {
    odd: Odd,
    cut_off: HashSet<Vec<u8>>,
}

/// A set of letters: a bit for each of the first 65,536, and the others by their ranges.
pub struct Letters {
    bits: Vec<u64>,
    beyond: Vec<(u32, u32)>,
}

const FIRST_BEYOND: u32 = 0x10000;
const CLOSERS: &[u8] = b"])}";
const DOT_WORDS: [&[u8]; 4] = [b"dot", b"d0t", b"titik", b"ttk"];
/// What may stand in brackets in the place of a dot or a slash.
const BRACKETED: [&[u8]; 8] = [
    b"dot", b"d0t", b"titik", b"titk", b"ttk", b"punt", b"point", b"slash",
];

/// What two octets side by side may be a part of: a row is left only where both have its bit.
const ROWS: [(u16, &[u8], &[u8]); 14] = [
    (GOES_ON, b".", BLANKS),
    (INNER, b".", EVERY),
    (WORD, b"dD", b"oO0"),
    (WORD_T, b"tT", b"iItTgG"),
    (APART, BLANKS, b"./\\"),
    (SPELLED, b" ", b"wW"),
    (SCHEME, b":/", b"/"),
    (SLASH, b":;=-/", b"\\"),
    (BROKEN, b"=-", b"\r\n"),
    (BRACKET, b"[({<", b".:;/\\-dDtTpPsS \t\n\r"),
    (
        ESCAPE,
        b"%&",
        b"23#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    ),
    (SIGN, b"*`~|\\", b"."),
    (QUOTE, b"\"'", b"."),
    (RARE, b"\0\x0b\x0c\x1c\x1d\x1e\x1f", EVERY),
];
const GOES_ON: u16 = 1;
const INNER: u16 = 1 << 1;
const WORD: u16 = 1 << 2;
const WORD_T: u16 = 1 << 3;
const APART: u16 = 1 << 4;
const SPELLED: u16 = 1 << 5;
const SCHEME: u16 = 1 << 6;
const SLASH: u16 = 1 << 7;
const BROKEN: u16 = 1 << 8;
const BRACKET: u16 = 1 << 9;
const ESCAPE: u16 = 1 << 10;
const SIGN: u16 = 1 << 11;
const QUOTE: u16 = 1 << 12;
const RARE: u16 = 1 << 13;
const BLANKS: &[u8] = b" \t\n\r";
const EVERY: &[u8] = b"";
const FIRST: [u16; 256] = table(true);
const SECOND: [u16; 256] = table(false);

const fn table(first: bool) -> [u16; 256] {
    let mut table = [0; 256];
    let mut row = 0;
    while row < ROWS.len() {
        let (bit, firsts, seconds) = ROWS[row];
        let octets = if first { firsts } else { seconds };
        let mut at = 0;
        while at < octets.len() {
            table[octets[at] as usize] |= bit;
            at += 1;
        }
        at = 0;
        while octets.is_empty() && at < 256 {
            table[at] |= bit;
            at += 1;
        }
        row += 1;
    }
    table
}

impl Letters {
    pub fn of(letters: &str) -> Letters {
        let mut bits = vec![0u64; FIRST_BEYOND as usize / 64];
        let mut beyond: Vec<(u32, u32)> = Vec::new();
        let mut far: Vec<u32> = Vec::new();
        for letter in letters.chars().map(u32::from) {
            if letter < FIRST_BEYOND {
                bits[letter as usize / 64] |= 1 << (letter % 64);
            } else {
                far.push(letter);
            }
        }
        far.sort_unstable();
        for letter in far {
            match beyond.last_mut() {
                Some((_, last)) if letter <= *last + 1 => *last = letter,
                _ => beyond.push((letter, letter)),
            }
        }
        Letters { bits, beyond }
    }

    pub fn holds(&self, letter: char) -> bool {
        let letter = u32::from(letter);
        if letter < FIRST_BEYOND {
            self.bits[letter as usize / 64] >> (letter % 64) & 1 == 1
        } else {
            self.beyond
                .iter()
                .any(|&(first, last)| first <= letter && letter <= last)
        }
    }
}

impl Odd {
    /// `touching` play a trick beside certain signs and letters, `letter_like` anywhere; `blanks` are wide ones.
    pub fn new(touching: &str, letter_like: &str, blanks: &str) -> Odd {
        Odd {
            touching: Letters::of(touching),
            letter_like: Letters::of(letter_like),
            blanks: Letters::of(blanks),
        }
    }

    /// Whether a text surely holds nothing that could be a trick outside ASCII.
    fn none_in(&self, text: &str) -> bool {
        let mut before = '\n'; // nothing stands before the first
        let mut rest = text.chars();
        while let Some(letter) = rest.next() {
            if !letter.is_ascii() {
                let plays = match letter {
                    '点' | '點' => true,
                    'ı' | 'İ' => true, // read as an i in `titik`, whatever is small or capital
                    'ด' => rest.as_str().starts_with("อท"),
                    'จ' => rest.as_str().starts_with("ุด"),
                    'ப' => rest.as_str().starts_with("ுள்ளி"),
                    _ if self.letter_like.holds(letter) || self.blanks.holds(letter) => true,
                    _ => {
                        self.touching.holds(letter) && touches(before, rest.as_str().chars().next())
                    }
                };
                if plays {
                    return false;
                }
            }
            before = letter;
        }
        true
    }
}

/// Whether an invisible or sign-like letter between these two may play a trick; most are parts of emoji.
fn touches(before: char, after: Option<char>) -> bool {
    let is_letter = |letter: char| !letter.is_ascii() && !is_picture(letter);
    matches!(before, '!'..='~')
        || is_letter(before)
        || after.is_some_and(|after| {
            after.is_ascii_alphanumeric() || ".:/[](<-_".contains(after) || is_letter(after)
        })
}

/// Pictures, and what joins and varies them: no letters or digits under any version of Unicode.
fn is_picture(letter: char) -> bool {
    matches!(letter,
        '\u{2190}'..='\u{23ff}' | '\u{25a0}'..='\u{2775}' | '\u{2794}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}'
        | '\u{fe0f}' | '\u{200d}')
}

impl Gate {
    /// `cut_off`: names that may be the rest of a host after a dot and a blank.
    pub fn new(odd: Odd, cut_off: HashSet<Vec<u8>>) -> Gate {
        Gate { odd, cut_off }
    }

    pub fn look(&self, text: &str) -> Seen {
        if !text.is_ascii() && !self.odd.none_in(text) {
            return Seen::Unsure;
        }
        let octets = text.as_bytes();
        let mut plain = false;
        for at in 0..octets.len() {
            let (octet, next) = (octets[at], at_or_zero(octets, at + 1));
            let rows = FIRST[octet as usize] & SECOND[next as usize];
            if rows == 0 {
                continue;
            }
            let then = at_or_zero(octets, at + 2);
            plain |= rows & SCHEME != 0
                || (rows & INNER != 0 && !is_blank(next) && next != b'.' && next != 0);
            if self.is_played(rows, octets, at) {
                return Seen::Tricky;
            }
            if plays(rows, octets, at, then) {
                return Seen::Unsure;
            }
        }
        if plain { Seen::Plain } else { Seen::Nothing }
    }

    /// Whether a trick that is told by its looks alone is there: a host or a scheme that goes on, what stands for a sign
    /// in brackets, an escape, an entity.
    fn is_played(&self, rows: u16, octets: &[u8], at: usize) -> bool {
        let (before, octet, rest) = (&octets[..at], octets[at], &octets[at + 1..]);
        (rows & GOES_ON != 0 && (ends_in_www(before) || self.may_go_on(rest)))
            || (rows & APART != 0 && self.goes_on_apart(before, rest))
            || (rows & BRACKET != 0 && is_bracketed(rest))
            || (rows & ESCAPE != 0 && is_escape(before, octet, rest))
    }

    /// Whether a blank stands inside a host or a scheme, before a dot or slash.
    fn goes_on_apart(&self, before: &[u8], rest: &[u8]) -> bool {
        match rest {
            [b'.', after @ ..] => ends_in_www(before) || self.may_go_on(after),
            _ => follows_scheme(before),
        }
    }

    /// Whether what follows a dot, blanks or not, may be the rest of a host.
    fn may_go_on(&self, rest: &[u8]) -> bool {
        let rest = rest.trim_ascii_start();
        let word = rest
            .iter()
            .take_while(|octet| octet.is_ascii_alphanumeric() || **octet == b'-')
            .count();
        let path = match &rest[word..] {
            [b'/', ..] => 1,
            [b' ', b'/', ..] => 2,
            _ => 0,
        };
        word > 0 && self.cut_off.contains(&rest[..word + path])
    }
}

fn ends_in_www(octets: &[u8]) -> bool {
    octets.len() >= 3 && octets[octets.len() - 3..].eq_ignore_ascii_case(b"www")
}

/// Whether letters with blanks between may be spelled around the dot behind this blank: `e v i l . c o m`.
fn is_spelled(before: &[u8], rest: &[u8]) -> bool {
    let alone = |octet: u8, beyond: Option<&u8>| {
        octet >= 0x80 || beyond.is_none_or(|next| *next == b' ' || *next >= 0x80)
    };
    let led = matches!(before, [.., beyond, letter] if alone(*letter, Some(beyond)));
    led && matches!(rest, [b'.', b' ', letter, beyond @ ..] if alone(*letter, beyond.first()))
}

/// Whether what the other rows stand for may really be there.
fn plays(rows: u16, octets: &[u8], at: usize, then: u8) -> bool {
    let (octet, rest) = (octets[at], &octets[at + 1..]);
    let next = rest.first().copied().unwrap_or(0);
    rows & (SLASH | BROKEN | SIGN | RARE) != 0
        || (rows & INNER != 0 && CLOSERS.contains(&next) && is_word(then))
        || (rows & (WORD | WORD_T) != 0 && may_be_word(octets, at))
        || (rows & APART != 0 && is_spelled(&octets[..at], rest))
        || (rows & SPELLED != 0 && then == b' ')
        || (rows & QUOTE != 0 && then == octet)
}

pub fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether an octet may be of a letter, a digit or `_`.
fn is_word(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'_' || octet >= 0x80
}

/// The octet there; 0 where the text has ended: one that holds a 0 itself is unsure.
fn at_or_zero(octets: &[u8], at: usize) -> u8 {
    octets.get(at).copied().unwrap_or(0)
}

/// Whether a word for a dot, or `tg:`, may begin here.
fn may_be_word(octets: &[u8], at: usize) -> bool {
    let rest = &octets[at..];
    if starts_with(rest, b"tg:") {
        return true;
    }
    let alone = at == 0 || !octets[at - 1].is_ascii_alphanumeric();
    DOT_WORDS.iter().any(|word| {
        starts_with(rest, word)
            && ((alone && !at_or_zero(rest, word.len()).is_ascii_alphanumeric())
                || rest[..word.len()].iter().all(u8::is_ascii_uppercase))
    })
}

/// Whether a colon or slash stands before the blanks at the end.
fn follows_scheme(octets: &[u8]) -> bool {
    octets
        .iter()
        .rev()
        .find(|octet| !is_blank(**octet))
        .is_some_and(|octet| b":;/".contains(octet))
}

/// Whether what follows an opening bracket stands for a dot, a colon or a slash.
fn is_bracketed(rest: &[u8]) -> bool {
    let blanks = rest
        .iter()
        .take(2)
        .take_while(|octet| is_blank(**octet))
        .count();
    let rest = &rest[blanks..];
    let closed = |rest: &[u8]| rest.first().is_some_and(|octet| b"])}>".contains(octet));
    let closed_apart = |rest: &[u8]| {
        closed(rest) || (rest.first().is_some_and(|octet| is_blank(*octet)) && closed(&rest[1..]))
    };
    match rest {
        [b'.', ..] => true,
        [b':' | b';', rest @ ..] => {
            let apart = usize::from(rest.first().is_some_and(|octet| is_blank(*octet)));
            closed_apart(rest) || rest[apart..].starts_with(b"//")
        }
        [b'/' | b'\\', rest @ ..] => matches!(rest, [b'/' | b'\\', ..]) || closed_apart(rest),
        [b'-', rest @ ..] => closed(rest),
        [first, ..] if first.is_ascii_alphabetic() => {
            BRACKETED.iter().any(|word| starts_with(rest, word))
        }
        _ => false,
    }
}

/// Whether an escape for a dot, a colon or a slash, or an HTML entity, may follow this sign.
fn is_escape(before: &[u8], sign: u8, mut rest: &[u8]) -> bool {
    if sign == b'&' {
        let name = rest
            .iter()
            .take(15)
            .take_while(|octet| octet.is_ascii_alphabetic())
            .count();
        return rest.first() == Some(&b'#')
            || ((2..=14).contains(&name) && rest.get(name) == Some(&b';'));
    }
    while rest.starts_with(b"25") {
        rest = &rest[2..];
    }
    starts_with(rest, b"2e")
        || starts_with(rest, b"3a")
        || (before.ends_with(b":") && starts_with(rest, b"2f"))
}

fn starts_with(octets: &[u8], word: &[u8]) -> bool {
    octets.len() >= word.len() && octets[..word.len()].eq_ignore_ascii_case(word)
}

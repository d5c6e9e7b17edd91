//! Whether a text may hold a phrase of the lure packs or a service word, as `stream/sieve.py` tells it.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError};

pub const HEAD: usize = 5;
pub type Head = [u8; HEAD];
/// For each part of a phrase beside its anchor: heads of words of which one is needed.
pub type Others = Vec<HashSet<Head>>;

/// What it says that a word stands in a text.
pub struct Word {
    pub service: bool,
    pub phrases: Vec<Others>,
}

pub struct Sieve {
    automaton: AhoCorasick,
    words: Vec<Word>,
    /// What people type in haste for the letters from U+0080 on; whatever is beyond reads as a blank.
    plain: Vec<u8>,
    /// Letters of words that are not looked for here.
    foreign: HashSet<char>,
}

/// What a text may hold.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cues {
    pub lure: bool,
    pub service: bool,
}

const FIRST_FOREIGN: u32 = 0x80;

impl Sieve {
    /// `words` as they look between blanks, with what each says; `plain` and `foreign` as in the struct.
    pub fn new(
        words: Vec<(String, Word)>,
        plain: &str,
        foreign: &str,
    ) -> Result<Sieve, BuildError> {
        let (spelled, words): (Vec<String>, Vec<Word>) = words.into_iter().unzip();
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .prefilter(false)
            .build(spelled)?;
        let plain = plain
            .chars()
            .map(|letter| u8::try_from(letter).map_or(b' ', |octet| SPACED[octet as usize]))
            .collect();
        Ok(Sieve {
            automaton,
            words,
            plain,
            foreign: foreign.chars().collect(),
        })
    }

    /// The cues in prose; `None` where it holds a letter of words that are looked for elsewhere.
    pub fn cues(&self, prose: &str) -> Option<Cues> {
        let mut text = Vec::with_capacity(prose.len() + 2);
        text.push(b' ');
        if prose.is_ascii() {
            text.extend(prose.bytes().map(|octet| SPACED[octet as usize]));
        } else {
            for letter in prose.chars() {
                if self.foreign.contains(&letter) {
                    return None;
                }
                let beyond = || u32::from(letter).checked_sub(FIRST_FOREIGN);
                text.push(match u8::try_from(letter) {
                    Ok(octet) if octet.is_ascii() => SPACED[octet as usize],
                    _ => beyond()
                        .and_then(|at| self.plain.get(at as usize))
                        .copied()
                        .unwrap_or(b' '),
                });
            }
        }
        text.push(b' ');
        read_digits_as_letters(&mut text);
        Some(self.heard(&text))
    }

    fn heard(&self, text: &[u8]) -> Cues {
        let mut cues = Cues::default();
        let mut heads: Vec<Head> = Vec::new();
        let mut tried = Vec::new(); // a word comes to the same wherever it stands: many copies cost no more than one
        for found in self.automaton.find_overlapping_iter(text) {
            if tried.contains(&found.pattern()) {
                continue;
            }
            tried.push(found.pattern());
            let word = &self.words[found.pattern().as_usize()];
            cues.service |= word.service;
            if !cues.lure && !word.phrases.is_empty() {
                if heads.is_empty() {
                    heads = words_of(text).map(head).collect();
                }
                let near = |part: &HashSet<Head>| heads.iter().any(|head| part.contains(head));
                cues.lure = word.phrases.iter().any(|others| others.iter().all(near));
            }
        }
        cues
    }
}

/// The first letters of a word, filled up with zeros.
pub fn head(word: &[u8]) -> Head {
    let mut head = [0; HEAD];
    let length = word.len().min(HEAD);
    head[..length].copy_from_slice(&word[..length]);
    head
}

/// What is left of an octet where only words count: a small letter, a digit, or a blank.
const SPACED: [u8; 256] = spaced();

const fn spaced() -> [u8; 256] {
    let mut table = [b' '; 256];
    let mut octet = 0;
    while octet < 128 {
        if (octet as u8).is_ascii_alphanumeric() {
            table[octet] = (octet as u8).to_ascii_lowercase();
        }
        octet += 1;
    }
    table
}

fn words_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|octet| *octet == b' ')
        .filter(|word| !word.is_empty())
}

/// Words in which digits stand for letters (`b4ntuan`, `1nvest4si`), as people read them.
fn read_digits_as_letters(text: &mut [u8]) {
    if !text.iter().any(u8::is_ascii_digit) {
        return;
    }
    for word in text.split_mut(|octet| *octet == b' ') {
        if spells_with_digits(word) {
            for octet in word {
                *octet = letter_for(*octet).unwrap_or(*octet);
            }
        }
    }
}

/// Whether a word begins with letters, such digits and a letter, or with such digits, letters and such a digit.
fn spells_with_digits(word: &[u8]) -> bool {
    let letters = |from: usize| {
        word[from..]
            .iter()
            .take_while(|octet| octet.is_ascii_lowercase())
            .count()
    };
    let digits = |from: usize| {
        word[from..]
            .iter()
            .take_while(|octet| letter_for(**octet).is_some())
            .count()
    };
    let first = letters(0);
    if first > 0 {
        let then = digits(first);
        then > 0 && letters(first + then) > 0
    } else {
        let first = digits(0);
        let then = letters(first);
        first > 0 && then > 0 && digits(first + then) > 0
    }
}

fn letter_for(digit: u8) -> Option<u8> {
    match digit {
        b'0' => Some(b'o'),
        b'1' => Some(b'i'),
        b'3' => Some(b'e'),
        b'4' => Some(b'a'),
        b'5' => Some(b's'),
        b'7' => Some(b't'),
        _ => None,
    }
}

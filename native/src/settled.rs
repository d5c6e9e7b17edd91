//! Addresses that stand between blanks in canonical form, as `SETTLED` in `stream/canonical.py` has them, and whether
//! the prose beside them may hold another (`stream/links.py`).

use std::collections::HashSet;
use std::ops::Range;

use memchr::memmem::Finder;

use crate::gate::is_blank;

/// What is needed to tell names from prose, and when there is too much of something.
pub struct Reader {
    tops: HashSet<Vec<u8>>,
    most_links: usize,
    longest_link: usize,
    scheme: Finder<'static>,
}

/// The addresses of a text by their octets, and what stands beside them.
pub struct Settled {
    pub places: Vec<Range<usize>>,
    pub prose: Vec<u8>,
}

const SHORT_HOST: usize = 63;
const LONGEST_TOP: usize = 24;
const SLUG: usize = 40;
const UNSURE_END: &[u8] = b".,!?:;*~|\\^=-";
const FIRST: u8 = 1; // may begin a segment of a path
const INSIDE: u8 = 2;
const QUERY: u8 = 4;
const FRAGMENT: u8 = 8;
const KINDS: [u8; 256] = kinds();

const fn kinds() -> [u8; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 128 {
        if (octet as u8).is_ascii_alphanumeric() {
            table[octet] = FIRST | INSIDE | QUERY | FRAGMENT;
        }
        octet += 1;
    }
    let rows: [(&[u8], u8); 4] = [
        (b"_!~-", FIRST | INSIDE | QUERY | FRAGMENT),
        (b"=+,:@;$&", FIRST | INSIDE | QUERY),
        (b".", INSIDE | QUERY | FRAGMENT),
        (b"?", QUERY),
    ];
    let mut row = 0;
    while row < rows.len() {
        let (signs, kinds) = rows[row];
        let mut at = 0;
        while at < signs.len() {
            table[signs[at] as usize] |= kinds;
            at += 1;
        }
        row += 1;
    }
    table
}

impl Reader {
    pub fn new(tops: HashSet<Vec<u8>>, most_links: usize, longest_link: usize) -> Reader {
        Reader {
            tops,
            most_links,
            longest_link,
            scheme: Finder::new("http"),
        }
    }

    /// Whether a text that may hold links as they stand surely holds none: no scheme, and no suffix behind any dot.
    pub fn holds_none(&self, text: &str) -> bool {
        !has_scheme(text.as_bytes()) && text.is_ascii() && !self.may_hold_name(text.as_bytes())
    }

    /// The addresses of a text if all are settled and nothing beside them may be one; `None` where it must be read
    /// more closely.
    pub fn read(&self, text: &str) -> Option<Settled> {
        let octets = text.as_bytes();
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut prose = Vec::with_capacity(octets.len());
        let mut place = 0;
        while let Some(at) = self
            .scheme
            .find(&octets[place..])
            .map(|found| place + found)
        {
            if at > 0 && !is_blank(octets[at - 1]) {
                return None;
            }
            let end = at
                + octets[at..]
                    .iter()
                    .take_while(|octet| !is_blank(**octet))
                    .count();
            if places.len() == self.most_links || !self.is_settled(&octets[at..end]) {
                return None;
            }
            prose.extend_from_slice(&octets[place..at]);
            places.push(at..end);
            place = end;
        }
        if places.is_empty() {
            return None;
        }
        prose.extend_from_slice(&octets[place..]);
        let inner = |dot: &usize| prose[*dot] == b'.' && is_inner(&prose, *dot);
        let goes_on = |dot: usize| dot > 0 && is_blank(prose[dot - 1]);
        let mut dots = (0..prose.len()).filter(inner).peekable();
        let named = dots.peek().is_some()
            && (!prose.is_ascii() || self.may_hold_name(&prose) || dots.any(goes_on));
        if has_scheme(&prose) || named {
            None
        } else {
            Some(Settled { places, prose })
        }
    }

    fn is_settled(&self, token: &[u8]) -> bool {
        let Some(rest) = token.strip_prefix(b"http") else {
            return false;
        };
        let Some(rest) = rest.strip_prefix(b"s").unwrap_or(rest).strip_prefix(b"://") else {
            return false;
        };
        if token.len() >= self.longest_link
            || token.last().is_none_or(|last| UNSURE_END.contains(last))
        {
            return false;
        }
        let Some(host) = host_length(rest) else {
            return false;
        };
        let (host, rest) = rest.split_at(host);
        let path = path_length(rest);
        let (path, rest) = rest.split_at(path);
        let query = query_length(rest);
        let (query, rest) = rest.split_at(query);
        let ended = match rest.split_first() {
            None => true,
            Some((b'#', fragment)) => {
                !fragment.is_empty() && fragment.iter().all(|octet| is(*octet, FRAGMENT))
            }
            Some(_) => false,
        };
        let nested = query.contains(&b'=') && query.contains(&b'.');
        let shortened = host == b"t.co" && !(rest.is_empty() && query.is_empty() && is_slug(path));
        ended && !nested && !shortened
    }

    /// Whether a suffix follows any dot, or so many numbers that they may be an address.
    fn may_hold_name(&self, text: &[u8]) -> bool {
        let mut words = 0;
        let mut numbers = false;
        let mut at = 0;
        while let Some(dot) = text[at..]
            .iter()
            .position(|octet| *octet == b'.')
            .map(|found| at + found)
        {
            at = dot + 1;
            if dot > 0 && text[dot - 1] == b'.' {
                continue;
            }
            let word = word_after(&text[at..]);
            if word == 0 {
                continue;
            }
            words += 1;
            numbers |= dot > 0 && text[dot - 1].is_ascii_digit() && text[at].is_ascii_digit();
            if self
                .tops
                .contains(text[at..at + word].to_ascii_lowercase().as_slice())
            {
                return true;
            }
            at += word;
        }
        words >= 3 && numbers
    }
}

fn is(octet: u8, kind: u8) -> bool {
    KINDS[octet as usize] & kind != 0
}

/// Whether something stands right behind this dot.
fn is_inner(text: &[u8], dot: usize) -> bool {
    text.get(dot + 1)
        .is_some_and(|next| !is_blank(*next) && *next != b'.')
}

fn has_scheme(text: &[u8]) -> bool {
    text.windows(2).any(|pair| pair == b"//" || pair == b":/")
}

/// How long the word behind a dot is: letters and digits, hyphens in a punycode label alone.
fn word_after(rest: &[u8]) -> usize {
    let alone = rest
        .iter()
        .take_while(|octet| octet.is_ascii_alphanumeric())
        .count();
    if rest.len() >= 4 && rest[..4].eq_ignore_ascii_case(b"xn--") {
        return rest
            .iter()
            .take_while(|octet| octet.is_ascii_alphanumeric() || **octet == b'-')
            .count();
    }
    alone
}

/// The length of a host of small ASCII letters, digits and hyphens under a suffix of letters.
fn host_length(rest: &[u8]) -> Option<usize> {
    let length = rest
        .iter()
        .take_while(|octet| {
            octet.is_ascii_lowercase() || octet.is_ascii_digit() || matches!(octet, b'-' | b'.')
        })
        .count();
    let host = &rest[..length];
    let top = length - host.iter().rposition(|octet| *octet == b'.')? - 1;
    let labels = host
        .split(|octet| *octet == b'.')
        .all(|label| !matches!(label, [] | [b'-', ..] | [.., b'-']));
    let lettered =
        (2..=LONGEST_TOP).contains(&top) && host[length - top..].iter().all(u8::is_ascii_lowercase);
    let encoded = host.windows(4).any(|part| part == b"xn--");
    (labels && lettered && !encoded && length <= SHORT_HOST).then_some(length)
}

fn path_length(rest: &[u8]) -> usize {
    let mut at = 0;
    while rest.get(at) == Some(&b'/') && rest.get(at + 1).is_some_and(|octet| is(*octet, FIRST)) {
        at += 2;
        at += rest[at..]
            .iter()
            .take_while(|octet| is(**octet, INSIDE))
            .count();
    }
    if rest.get(at) == Some(&b'/') {
        at + 1
    } else {
        at
    }
}

fn query_length(rest: &[u8]) -> usize {
    if rest.first() != Some(&b'?') {
        return 0;
    }
    let follows = |at: usize| match rest[at] {
        b'/' => rest.get(at + 1) != Some(&b'/'),
        octet => is(octet, QUERY),
    };
    (1..rest.len())
        .find(|at| !follows(*at))
        .unwrap_or(rest.len())
}

/// Whether this is a path of a shortener whose slug is letters and digits.
fn is_slug(path: &[u8]) -> bool {
    match path.split_first() {
        None => true,
        Some((_, slug)) => slug.len() <= SLUG && slug.iter().all(u8::is_ascii_alphanumeric),
    }
}

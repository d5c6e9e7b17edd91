//! A record's value as the default event, where nothing about it needs a closer look (`stream/wire.py`).

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memchr2_iter};
use pyo3::types::PyString;
use pyo3::{IntoPyObject, Py};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, Visitor};

use crate::moment::is_moment;

/// The fields of an event that are read here; one with links beside its text is read elsewhere.
#[derive(Deserialize)]
pub struct Event<'a> {
    #[serde(borrow)]
    pub text: Text<'a>,
    #[serde(borrow, default, deserialize_with = "name")]
    pub id: Text<'a>,
    #[serde(borrow, default, deserialize_with = "name")]
    pub user: Text<'a>,
    #[serde(borrow, default, deserialize_with = "name")]
    pub channel: Text<'a>,
    #[serde(borrow, default)]
    time: Time<'a>,
    #[serde(borrow, default)]
    ts: Time<'a>,
    #[serde(borrow, default)]
    timestamp: Time<'a>,
    #[serde(borrow)]
    pub lang: Option<Text<'a>>,
    #[serde(borrow)]
    pub permalink: Option<Text<'a>>,
    #[serde(borrow)]
    surface: Option<Text<'a>>,
    links: Option<Vec<IgnoredAny>>,
    #[serde(borrow, default, deserialize_with = "name")]
    pub tenant: Text<'a>,
}

/// What an event may say without a closer look at it.
pub struct Usual {
    /// The largest time that is a count, in whichever unit; below 1 where times are no counts.
    pub latest: i64,
    /// Whether a time may be spelled out.
    pub spelled: bool,
    /// Surfaces by the words for them, first that of events which name none.
    pub surfaces: Vec<(String, Surface)>,
}

impl Usual {
    /// The surface that a word stands for; `None` where the decoder must be asked.
    fn surface(&self, word: &str) -> Option<&Surface> {
        let mut known = self.surfaces.iter();
        if word.is_empty() {
            return known.next().map(|(_, surface)| surface);
        }
        known
            .find(|(known, _)| known == word)
            .map(|(_, surface)| surface)
    }
}

/// Where a message was written.
pub struct Surface {
    pub name: Py<PyString>,
    /// Its bits in a sighting, which are its own.
    pub bits: u64,
}

/// An event that needs no closer look, when it was written and where.
pub struct Read<'a> {
    pub event: Event<'a>,
    pub time: Time<'a>,
    pub surface: &'a Surface,
}

/// A string that lies in the value itself wherever nothing in it is escaped.
#[derive(Default)]
pub struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Strings;
        impl<'de> Visitor<'de> for Strings {
            type Value = Text<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Strings)
    }
}

/// What somebody or something is called: a string, a whole number as it is spelled in decimal, nothing for null.
fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de>, D::Error> {
    struct Names;
    impl<'de> Visitor<'de> for Names {
        type Value = Text<'de>;

        fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
            formatter.write_str("a name")
        }

        fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
            Ok(Text(Cow::Borrowed(text)))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
            Ok(Text(Cow::Owned(text.to_owned())))
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Text<'de>, E> {
            Ok(Text(Cow::Owned(number.to_string())))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Text<'de>, E> {
            Ok(Text(Cow::Owned(number.to_string())))
        }

        fn visit_unit<E: Error>(self) -> Result<Text<'de>, E> {
            Ok(Text::default())
        }
    }
    deserializer.deserialize_any(Names)
}

/// A time in the spelling of its platform, as messages have it.
#[derive(Clone, Copy, IntoPyObject)]
pub enum Time<'a> {
    Count(i64),
    Fraction(f64),
    Spelled(&'a str),
}

impl Default for Time<'_> {
    fn default() -> Self {
        Time::Spelled("")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Time<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Times;
        impl<'de> Visitor<'de> for Times {
            type Value = Time<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a time")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Time<'de>, E> {
                Ok(Time::Spelled(text))
            }

            fn visit_i64<E: Error>(self, count: i64) -> Result<Time<'de>, E> {
                Ok(Time::Count(count))
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<Time<'de>, E> {
                i64::try_from(count).map(Time::Count).map_err(E::custom)
            }

            fn visit_f64<E: Error>(self, count: f64) -> Result<Time<'de>, E> {
                Ok(Time::Fraction(count))
            }

            fn visit_unit<E: Error>(self) -> Result<Time<'de>, E> {
                Ok(Time::default())
            }
        }
        deserializer.deserialize_any(Times)
    }
}

impl Time<'_> {
    /// Whether it says nothing, as 0 does.
    fn is_none(self) -> bool {
        match self {
            Time::Count(count) => count == 0,
            Time::Fraction(count) => count == 0.0,
            Time::Spelled(text) => text.is_empty(),
        }
    }

    fn is_usual(self, usual: &Usual) -> bool {
        match self {
            Time::Count(count) => (1..=usual.latest).contains(&count),
            Time::Fraction(count) => count > 0.0 && count <= usual.latest as f64,
            Time::Spelled(text) => text.is_empty() || (usual.spelled && is_moment(text)),
        }
    }
}

/// The decoder goes as deep as this for sure.
const DEEPEST: usize = 64;

/// A fraction in a value of at most so many octets has few enough digits to be read alike by all decoders.
const SURELY_READ: usize = 1 << 16;

impl<'a> Event<'a> {
    /// The event in a value; `None` where the decoder must be asked.
    pub fn read(value: &'a [u8], usual: &'a Usual) -> Option<Read<'a>> {
        if !is_object(value) || is_deep(value) || has_half_pair(value) {
            return None;
        }
        let event: Event<'a> = serde_json::from_str(std::str::from_utf8(value).ok()?).ok()?;
        let time = [event.time, event.ts, event.timestamp]
            .into_iter()
            .find(|time| !time.is_none())
            .unwrap_or_default();
        let is_usual = !event.text.as_str().is_empty()
            && time.is_usual(usual)
            && (value.len() <= SURELY_READ || !matches!(time, Time::Fraction(_)))
            && event.links.as_ref().is_none_or(Vec::is_empty);
        match usual.surface(event.surface.as_ref().map_or("", Text::as_str)) {
            Some(surface) if is_usual => Some(Read {
                event,
                time,
                surface,
            }),
            _ => None,
        }
    }
}

/// Whether brackets are nested deeper than the decoder goes for sure.
fn is_deep(value: &[u8]) -> bool {
    if memchr2_iter(b'{', b'[', value).count() <= DEEPEST {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for octet in value {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// Whether a value is an object and no array, which may stand for one where fields are read by their order.
fn is_object(value: &[u8]) -> bool {
    value.trim_ascii_start().starts_with(b"{")
}

/// Whether half a surrogate pair is spelled anywhere: where nobody reads it, decoders differ about it.
fn has_half_pair(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some(at) = memchr(b'\\', rest) {
        rest = &rest[at..];
        let (high, low) = (spells(rest, b"89abAB"), spells(rest, b"cdefCDEF"));
        let pair = high && rest.get(6..).is_some_and(|then| spells(then, b"cdefCDEF"));
        if low || (high && !pair) {
            return true;
        }
        rest = rest.get(if pair { 12 } else { 2 }..).unwrap_or_default();
    }
    false
}

/// Whether an escaped surrogate stands here whose second digit is one of these.
fn spells(octets: &[u8], digits: &[u8]) -> bool {
    matches!(octets, [b'\\', b'u', b'd' | b'D', digit, ..] if digits.contains(digit))
}

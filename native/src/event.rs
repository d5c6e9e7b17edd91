//! A record's value as the default event, where nothing about it needs a closer look (`stream/wire.py`).

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memchr2_iter};
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, Visitor};

/// The fields of an event that are read here; one with anything in the last three is read elsewhere.
#[derive(Deserialize)]
pub struct Event<'a> {
    #[serde(borrow)]
    pub text: Text<'a>,
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(borrow)]
    pub user: Text<'a>,
    #[serde(borrow)]
    pub channel: Text<'a>,
    time: Option<i64>,
    ts: Option<i64>,
    #[serde(borrow)]
    pub lang: Option<Text<'a>>,
    #[serde(borrow)]
    pub permalink: Option<Text<'a>>,
    #[serde(borrow)]
    surface: Option<Text<'a>>,
    links: Option<Vec<IgnoredAny>>,
    tenant: Option<IgnoredAny>,
    timestamp: Option<IgnoredAny>,
}

/// A string that lies in the value itself wherever nothing in it is escaped.
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

/// More brackets than these may be nested deeper than the decoder goes.
const MOST_BRACKETS: usize = 64;

impl<'a> Event<'a> {
    /// The event in a value and its time in milliseconds; `None` where the decoder must be asked.
    pub fn read(value: &'a [u8], latest: i64) -> Option<(Event<'a>, i64)> {
        let brackets = memchr2_iter(b'{', b'[', value).count();
        if !is_object(value) || brackets > MOST_BRACKETS || has_half_pair(value) {
            return None;
        }
        let event: Event<'a> = serde_json::from_str(std::str::from_utf8(value).ok()?).ok()?;
        let time = event.time.filter(|time| *time != 0).or(event.ts)?; // 0 is no time
        let usual = !event.text.as_str().is_empty()
            && (1..=latest).contains(&time)
            && event
                .surface
                .as_ref()
                .is_none_or(|surface| surface.as_str().is_empty())
            && event.links.as_ref().is_none_or(Vec::is_empty)
            && event.tenant.is_none()
            && event.timestamp.is_none();
        usual.then_some((event, time))
    }
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

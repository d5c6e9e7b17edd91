//! The first look at texts: what `stream/gate.py`, `stream/links.py` and `stream/sieve.py` would say of most of them.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use crate::contained;
use crate::cues::{Sieve, Word, head};
use crate::gate::{Gate, Odd, Seen};
use crate::settled::Reader;

/// A word as it looks between blanks, whether it is one of service, and for each phrase that it may begin, for each
/// other part of it, the heads of words of which one is needed.
type Spelled = (String, bool, Vec<Vec<Vec<String>>>);

/// Apart: Python aligns its objects to 16 octets, and vectors of a searcher ask for 32.
#[pyclass(frozen)]
pub struct Look(pub Arc<Texts>);

/// What texts are looked at with.
pub struct Texts {
    gate: Gate,
    reader: Reader,
    sieve: Sieve,
    longest: usize,
    lure: u32,
    service: u32,
}

/// What a text holds.
pub enum Held {
    Nothing,
    Plain,
    Tricky,
    Unsure,
    /// Addresses by their octets, and the cues beside them.
    Settled(Vec<Range<usize>>, u32),
}

#[pymethods]
impl Look {
    #[new]
    #[pyo3(signature = (*, odd, cut_off, tops, words, plain, foreign, bounds, cues))]
    #[allow(clippy::too_many_arguments)] // named, and given once
    fn new(
        odd: (String, String, String),
        cut_off: HashSet<String>,
        tops: HashSet<String>,
        words: Vec<Spelled>,
        plain: &str,
        foreign: &str,
        bounds: (usize, usize, usize),
        cues: (u32, u32),
    ) -> PyResult<Look> {
        let (longest, most_links, longest_link) = bounds;
        let words = words
            .into_iter()
            .map(|(spelled, service, phrases)| (spelled, word(service, phrases)))
            .collect();
        Ok(Look(Arc::new(Texts {
            gate: Gate::new(Odd::new(&odd.0, &odd.1, &odd.2), octets(cut_off)),
            reader: Reader::new(octets(tops), most_links, longest_link),
            sieve: Sieve::new(words, plain, foreign)
                .map_err(|error| PyValueError::new_err(error.to_string()))?,
            longest,
            lure: cues.0,
            service: cues.1,
        })))
    }

    /// For each text "" where it holds no link, "plain" or "tricky" where the gate would say so, None where it must be
    /// asked, or what is settled: the cues beside its addresses, and where each begins and ends.
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let (nothing, plain) = (intern!(py, "").as_any(), intern!(py, "plain").as_any());
        let found = PyList::empty(py);
        for text in &texts {
            let held = text
                .to_str()
                .ok()
                .and_then(|text| contained(|| self.0.held(text)));
            let held = held.unwrap_or(Held::Unsure); // as with half a surrogate pair
            match held {
                Held::Nothing => found.append(nothing)?,
                Held::Plain => found.append(plain)?,
                Held::Tricky => found.append(intern!(py, "tricky"))?,
                Held::Unsure => found.append(py.None())?,
                Held::Settled(places, cues) => {
                    let text = text.to_str()?;
                    let places = places.iter().flat_map(|found| {
                        [code_points(text, found.start), code_points(text, found.end)]
                    });
                    let numbers: Vec<usize> =
                        std::iter::once(cues as usize).chain(places).collect();
                    found.append(PyTuple::new(py, numbers)?)?;
                }
            }
        }
        Ok(found)
    }
}

impl Texts {
    pub fn held(&self, text: &str) -> Held {
        if text.len() > self.longest {
            return Held::Unsure;
        }
        match self.gate.look(text) {
            Seen::Nothing => Held::Nothing,
            Seen::Tricky => Held::Tricky,
            Seen::Unsure => Held::Unsure,
            Seen::Plain if self.reader.holds_none(text) => Held::Nothing,
            Seen::Plain => self.settled(text).unwrap_or(Held::Plain),
        }
    }

    fn settled(&self, text: &str) -> Option<Held> {
        let settled = self.reader.read(text)?;
        let cues = self.sieve.cues(std::str::from_utf8(&settled.prose).ok()?)?;
        let cues =
            if cues.lure { self.lure } else { 0 } | if cues.service { self.service } else { 0 };
        Some(Held::Settled(settled.places, cues))
    }
}

/// Where an octet of a text stands in code points.
pub fn code_points(text: &str, octet: usize) -> usize {
    if text.is_ascii() {
        octet
    } else {
        text[..octet].chars().count()
    }
}

fn octets(names: HashSet<String>) -> HashSet<Vec<u8>> {
    names.into_iter().map(String::into_bytes).collect()
}

fn word(service: bool, phrases: Vec<Vec<Vec<String>>>) -> Word {
    let heads = |part: Vec<String>| part.iter().map(|word| head(word.as_bytes())).collect();
    let phrases = phrases
        .into_iter()
        .map(|others| others.into_iter().map(heads).collect())
        .collect();
    Word { service, phrases }
}

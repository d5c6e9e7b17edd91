//! The first look at the texts of a chunk, natively: what most of them hold is known after it.
//!
//! `stream/gate.py`, `stream/links.py` and `stream/sieve.py` say what is right. Wherever one pass over the octets is not
//! enough to know what they would say, this says that they must be asked.

mod cues;
mod gate;
mod settled;

use std::collections::HashSet;

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use cues::{Sieve, Word, head};
use gate::{Gate, Odd, Seen};
use settled::Reader;

/// A word as it looks between blanks, whether it is one of service, and for each phrase that it may begin, for each
/// other part of it, the heads of words of which one is needed.
type Spelled = (String, bool, Vec<Vec<Vec<String>>>);

/// Boxed: Python aligns its objects to 16 octets, and vectors of a searcher ask for 32.
#[pyclass(frozen)]
struct Look(Box<Texts>);

/// What texts are looked at with.
struct Texts {
    gate: Gate,
    reader: Reader,
    sieve: Sieve,
    longest: usize,
    lure: u32,
    service: u32,
}

enum Held {
    Nothing,
    Plain,
    Unsure,
    Settled(Vec<usize>),
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
        Ok(Look(Box::new(Texts {
            gate: Gate::new(Odd::new(&odd.0, &odd.1, &odd.2), octets(cut_off)),
            reader: Reader::new(octets(tops), most_links, longest_link),
            sieve: Sieve::new(words, plain, foreign)
                .map_err(|error| PyValueError::new_err(error.to_string()))?,
            longest,
            lure: cues.0,
            service: cues.1,
        })))
    }

    /// For each text "" where it holds no link, None where the gate must be asked, "plain" where its links stand as
    /// they are, or what is settled: the cues beside its addresses, and where each begins and ends.
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<Bound<'py, PyString>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let (nothing, plain) = (intern!(py, "").as_any(), intern!(py, "plain").as_any());
        let found = PyList::empty(py);
        for text in &texts {
            let held = text.to_str().map_or(Held::Unsure, |text| self.0.held(text)); // else half a surrogate pair
            match held {
                Held::Nothing => found.append(nothing)?,
                Held::Plain => found.append(plain)?,
                Held::Unsure => found.append(py.None())?,
                Held::Settled(numbers) => found.append(PyTuple::new(py, numbers)?)?,
            }
        }
        Ok(found)
    }
}

impl Texts {
    fn held(&self, text: &str) -> Held {
        if text.len() > self.longest {
            return Held::Unsure;
        }
        match self.gate.look(text) {
            Seen::Nothing => Held::Nothing,
            Seen::Unsure => Held::Unsure,
            Seen::Plain if self.reader.holds_none(text) => Held::Nothing,
            Seen::Plain => self.settled(text).map_or(Held::Plain, Held::Settled),
        }
    }

    fn settled(&self, text: &str) -> Option<Vec<usize>> {
        let settled = self.reader.read(text)?;
        let cues = self.sieve.cues(std::str::from_utf8(&settled.prose).ok()?)?;
        let cues =
            if cues.lure { self.lure } else { 0 } | if cues.service { self.service } else { 0 };
        let place = |octet: usize| {
            if text.is_ascii() {
                octet
            } else {
                text[..octet].chars().count()
            }
        };
        let places = settled
            .places
            .iter()
            .flat_map(|found| [place(found.start), place(found.end)]);
        Some(std::iter::once(cues as usize).chain(places).collect())
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

#[pymodule]
fn saring_native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Look>()
}

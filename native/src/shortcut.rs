//! Records of which all is known: no link, or one whose facts were learnt before and a text that adds nothing to them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::contained;
use crate::event::{Event, Text};
use crate::rows::{Message, Rows, Sighted};
use crate::texts::{Held, Look, Texts, code_points};

/// The classes of the values that are made here, and the outcome of a message without links.
struct Made {
    message: Py<PyAny>,
    found: Py<PyAny>,
    judged: Py<PyAny>,
    outcome: Py<PyAny>,
    clean: Py<PyAny>,
}

/// What messages of a source have that don't say it themselves.
struct Source {
    surface: Py<PyString>,
    lang: Py<PyString>,
    tenant: Py<PyString>,
}

#[pyclass(frozen)]
pub struct Shortcut {
    texts: Arc<Texts>,
    made: Made,
    source: Source,
    surface_bits: u64,
    longest_value: usize,
    latest: i64,
    most: usize,
    /// By address as written: the link, and what is judged of it wherever the text adds nothing.
    known: Mutex<HashMap<Box<str>, Arc<Known>>>,
}

/// What is known of a link: what a `Judged` has behind the place where it was found (link, facts, verdict, live, shadow,
/// vetoes), and what sightings say of it; `None` where these need the line.
struct Known {
    judged: [Py<PyAny>; 6],
    sighted: Option<Sighted>,
}

/// What sightings say of a link, as Python hands it over.
type Told = (String, Vec<u8>, u64, Option<(Py<PyString>, i64)>);

/// What a record comes to.
#[allow(clippy::large_enum_variant)] // made and taken apart on the spot
enum End<'a> {
    Clean,
    Known(Event<'a>, i64, Range<usize>, Arc<Known>),
    Asked,
}

#[pymethods]
impl Shortcut {
    #[new]
    #[pyo3(signature = (look, *, made, source, surface_bits, longest_value, latest, most))]
    fn new(
        look: PyRef<'_, Look>,
        made: [Py<PyAny>; 5],
        source: [Py<PyString>; 3],
        surface_bits: u64,
        longest_value: usize,
        latest: i64,
        most: usize,
    ) -> Shortcut {
        let [message, found, judged, outcome, clean] = made;
        let [surface, lang, tenant] = source;
        Shortcut {
            texts: look.0.clone(),
            made: Made {
                message,
                found,
                judged,
                outcome,
                clean,
            },
            source: Source {
                surface,
                lang,
                tenant,
            },
            surface_bits,
            longest_value,
            latest,
            most,
            known: Mutex::default(),
        }
    }

    /// Note what is known of an address as it is written: what `Judged` has of it behind the place; and for sightings
    /// its key, the hash of its domain (empty: not kept), bits, and what was found, check and hundredths, if anything.
    #[pyo3(signature = (address, judged, sighted))]
    fn learn(&self, address: &str, judged: [Py<PyAny>; 6], sighted: Option<Told>) {
        let sighted = sighted.map(|(key, domain, bits, finding)| Sighted {
            key,
            domain: domain.try_into().ok(),
            bits: bits | self.surface_bits,
            finding,
        });
        let mut forgotten = HashMap::new(); // let go when the lock is free: what it holds is Python's
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= self.most {
            std::mem::swap(&mut *known, &mut forgotten);
        }
        let before = known.insert(address.into(), Arc::new(Known { judged, sighted }));
        drop(known);
        drop(before);
    }

    /// The outcome of each record; None where the line must judge. With `rows`, a link that these can count and tell of
    /// is left to them, and its message is as clean as one without.
    #[pyo3(signature = (records, rows = None))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        records: Vec<Bound<'py, PyAny>>,
        mut rows: Option<PyRefMut<'py, Rows>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let mut values = Vec::with_capacity(records.len());
        for record in &records {
            let value = record.getattr(intern!(py, "value"))?;
            values.push(value.cast_into::<PyBytes>().ok().map(PyBackedBytes::from));
        }
        // Not holding Python's lock: the thread that reads goes on meanwhile.
        let ends: Vec<End<'_>> = py.detach(|| {
            values
                .iter()
                .map(|value| self.contained_end(value.as_deref()))
                .collect()
        });
        let outcomes = PyList::empty(py);
        for (record, end) in records.iter().zip(ends) {
            match end {
                End::Asked => outcomes.append(py.None())?,
                End::Clean => outcomes.append(&self.made.clean)?,
                End::Known(event, time, place, known) => match (&mut rows, &known.sighted) {
                    (Some(rows), Some(sighted)) => {
                        let message = Message {
                            text: event.text.as_str(),
                            address: place,
                            id: event.id.as_str(),
                            user: event.user.as_str(),
                            channel: event.channel.as_str(),
                            offset: record.getattr(intern!(py, "offset"))?.extract()?,
                            timestamp: record.getattr(intern!(py, "timestamp"))?.extract()?,
                        };
                        rows.add(py, sighted, &message)?;
                        outcomes.append(&self.made.clean)?;
                    }
                    _ => {
                        let told = contained(|| self.told(py, &event, time, &place, &known));
                        outcomes.append(told.transpose()?)?;
                    }
                },
            }
        }
        Ok(outcomes)
    }
}

impl Shortcut {
    fn contained_end<'a>(&self, value: Option<&'a [u8]>) -> End<'a> {
        value
            .and_then(|value| contained(|| self.end(value)))
            .unwrap_or(End::Asked)
    }

    fn end<'a>(&self, value: &'a [u8]) -> End<'a> {
        if value.len() > self.longest_value {
            return End::Asked;
        }
        let Some((event, time)) = Event::read(value, self.latest) else {
            return End::Asked;
        };
        match self.texts.held(event.text.as_str()) {
            Held::Nothing => End::Clean,
            Held::Settled(places, 0) if places.len() == 1 => {
                let place = places[0].clone();
                match self.known(&event.text.as_str()[place.clone()]) {
                    Some(known) => End::Known(event, time, place, known),
                    None => End::Asked,
                }
            }
            _ => End::Asked,
        }
    }

    fn known(&self, address: &str) -> Option<Arc<Known>> {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(address)
            .cloned()
    }

    /// The outcome of a message whose text adds nothing to what is known of its link.
    fn told<'py>(
        &self,
        py: Python<'py>,
        event: &Event<'_>,
        time: i64,
        place: &Range<usize>,
        known: &Known,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Made {
            message,
            found,
            judged,
            outcome,
            ..
        } = &self.made;
        let (empty, none, text) = (intern!(py, ""), PyTuple::empty(py), event.text.as_str());
        let address = PyString::new(py, &text[place.clone()]);
        let (start, end) = (code_points(text, place.start), code_points(text, place.end));
        let [link, facts, verdict, live, shadow, vetoes] = &known.judged;
        let found = found.bind(py).call1((&address, start, end, &address))?;
        let judged = judged
            .bind(py)
            .call1((found, link, facts, verdict, live, shadow, vetoes))?;
        let lang = event
            .lang
            .as_ref()
            .map(Text::as_str)
            .filter(|lang| !lang.is_empty());
        let message = message.bind(py).call1((
            text,
            event.id.as_str(),
            time,
            event.user.as_str(),
            event.channel.as_str(),
            &self.source.surface,
            lang.map_or_else(
                || self.source.lang.bind(py).clone(),
                |lang| PyString::new(py, lang),
            ),
            event.permalink.as_ref().map_or("", Text::as_str),
            &self.source.tenant,
        ))?;
        let judged = PyTuple::new(py, [judged])?;
        let clean = intern!(py, "clean");
        outcome.bind(py).call1((
            clean, empty, empty, judged, &none, &none, &none, &none, message,
        ))
    }
}

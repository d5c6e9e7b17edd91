//! Records of which all is known: no link, one whose facts were learnt before in a text that adds nothing to them, or a
//! text that was judged before.

use std::ops::Range;
use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::contained;
use crate::event::{Event, Text, Time, Usual};
use crate::memory::Remembered;
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
    lang: String,
    tenant: Py<PyString>,
}

#[pyclass(frozen)]
pub struct Shortcut {
    texts: Arc<Texts>,
    made: Made,
    source: Source,
    surface_bits: u64,
    longest_value: usize,
    usual: Usual,
    /// By address as written: the link, and what is judged of it wherever the text adds nothing.
    links: Remembered<Arc<Known>>,
    /// By language and text: what was said of its links.
    said: Remembered<Option<Arc<Said>>>,
}

/// What is known of a link: what a `Judged` has behind the place where it was found (link, facts, verdict, live, shadow,
/// vetoes), and what sightings say of it; `None` where these need the line.
struct Known {
    judged: [Py<PyAny>; 6],
    sighted: Option<Sighted>,
}

/// What was said of a text's links: as many `Judged`, and what sightings say of its only one, with its place.
struct Said {
    judged: Py<PyTuple>,
    sighted: Option<(Sighted, Range<usize>)>,
}

/// What sightings say of a link, as Python hands it over.
type Told = (String, Vec<u8>, u64, Option<(Py<PyString>, i64)>);

/// What was judged of a text's links, and its only one's place with what sightings say of it, as Python hands it over.
type Judged = (Py<PyTuple>, Option<(usize, usize, Told)>);

/// What a record comes to.
#[allow(clippy::large_enum_variant)] // made and taken apart on the spot
enum End<'a> {
    Clean,
    Known(Event<'a>, Time<'a>, Range<usize>, Arc<Known>),
    Said(Event<'a>, Time<'a>, Arc<Said>),
    Asked,
}

#[pymethods]
impl Shortcut {
    #[new]
    #[pyo3(signature = (look, *, made, source, surface_bits, longest_value, usual, most))]
    fn new(
        look: PyRef<'_, Look>,
        made: [Py<PyAny>; 5],
        source: (Py<PyString>, String, Py<PyString>),
        surface_bits: u64,
        longest_value: usize,
        usual: (i64, bool, Vec<String>),
        most: (usize, usize),
    ) -> Shortcut {
        let [message, found, judged, outcome, clean] = made;
        let (surface, lang, tenant) = source;
        let (latest, spelled, surfaces) = usual;
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
            usual: Usual {
                latest,
                spelled,
                surfaces,
            },
            links: Remembered::new(most.0),
            said: Remembered::new(most.1),
        }
    }

    /// Note what is known of an address as it is written: what `Judged` has of it behind the place; and for sightings
    /// its key, the hash of its domain (empty: not kept), bits, and what was found, check and hundredths, if anything.
    #[pyo3(signature = (address, judged, sighted))]
    fn learn(&self, address: &str, judged: [Py<PyAny>; 6], sighted: Option<Told>) {
        let sighted = sighted.map(|told| self.sighted(told));
        self.links
            .insert(address, Arc::new(Known { judged, sighted }));
    }

    /// Note what was said of a text in a language: what `Judged` has of each of its links, if it has any; and for
    /// sightings where its only one begins and ends and what `learn` takes.
    #[pyo3(signature = (text, lang, said))]
    fn learn_text(&self, text: &str, lang: &str, said: Option<Judged>) {
        let octet = |place| {
            text.char_indices()
                .nth(place)
                .map_or(text.len(), |(octet, _)| octet)
        };
        let said = said.map(|(judged, sighted)| {
            let placed = |(start, end, told)| (self.sighted(told), octet(start)..octet(end));
            Arc::new(Said {
                judged,
                sighted: sighted.map(placed),
            })
        });
        self.said.insert(spoken(lang, text), said);
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
                        rows.add(py, sighted, &message_of(&event, place, record)?)?;
                        outcomes.append(&self.made.clean)?;
                    }
                    _ => {
                        let told = contained(|| self.known_told(py, &event, time, &place, &known));
                        outcomes.append(told.transpose()?)?;
                    }
                },
                End::Said(event, time, said) => match (&mut rows, &said.sighted) {
                    (Some(rows), Some((sighted, place))) => {
                        rows.add(py, sighted, &message_of(&event, place.clone(), record)?)?;
                        outcomes.append(&self.made.clean)?;
                    }
                    _ => {
                        let told = contained(|| self.told(py, &event, time, said.judged.bind(py)));
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
        let Some((event, time)) = Event::read(value, &self.usual) else {
            return End::Asked;
        };
        match self.texts.held(event.text.as_str()) {
            Held::Nothing => return End::Clean,
            Held::Settled(places, 0) if places.len() == 1 => {
                let place = places[0].clone();
                if let Some(known) = self.links.get(&event.text.as_str()[place.clone()]) {
                    return End::Known(event, time, place, known);
                }
            }
            _ => {}
        }
        match self
            .said
            .get(&spoken(self.lang_of(&event), event.text.as_str()))
        {
            Some(Some(said)) => End::Said(event, time, said),
            Some(None) => End::Clean,
            None => End::Asked,
        }
    }

    fn sighted(&self, (key, domain, bits, finding): Told) -> Sighted {
        Sighted {
            key,
            domain: domain.try_into().ok(),
            bits: bits | self.surface_bits,
            finding,
        }
    }

    /// The outcome of a message whose text adds nothing to what is known of its link.
    fn known_told<'py>(
        &self,
        py: Python<'py>,
        event: &Event<'_>,
        time: Time<'_>,
        place: &Range<usize>,
        known: &Known,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Made { found, judged, .. } = &self.made;
        let text = event.text.as_str();
        let address = PyString::new(py, &text[place.clone()]);
        let (start, end) = (code_points(text, place.start), code_points(text, place.end));
        let [link, facts, verdict, live, shadow, vetoes] = &known.judged;
        let found = found.bind(py).call1((&address, start, end, &address))?;
        let judged = judged
            .bind(py)
            .call1((found, link, facts, verdict, live, shadow, vetoes))?;
        self.told(py, event, time, &PyTuple::new(py, [judged])?)
    }

    /// The outcome of a message of whose links this is said.
    fn told<'py>(
        &self,
        py: Python<'py>,
        event: &Event<'_>,
        time: Time<'_>,
        judged: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Made {
            message, outcome, ..
        } = &self.made;
        let tenant = match event.tenant.as_str() {
            "" => self.source.tenant.bind(py).clone(),
            own => PyString::new(py, own),
        };
        let message = message.bind(py).call1((
            event.text.as_str(),
            event.id.as_str(),
            time,
            event.user.as_str(),
            event.channel.as_str(),
            &self.source.surface,
            self.lang_of(event),
            event.permalink.as_ref().map_or("", Text::as_str),
            tenant,
        ))?;
        let (clean, empty, none) = (intern!(py, "clean"), intern!(py, ""), PyTuple::empty(py));
        outcome.bind(py).call1((
            clean, empty, empty, judged, &none, &none, &none, &none, message,
        ))
    }

    fn lang_of<'a>(&'a self, event: &'a Event<'_>) -> &'a str {
        let lang = event.lang.as_ref().map(Text::as_str);
        lang.filter(|lang| !lang.is_empty())
            .unwrap_or(&self.source.lang)
    }
}

fn message_of<'a>(
    event: &'a Event<'_>,
    address: Range<usize>,
    record: &Bound<'_, PyAny>,
) -> PyResult<Message<'a>> {
    let py = record.py();
    Ok(Message {
        text: event.text.as_str(),
        address,
        id: event.id.as_str(),
        user: event.user.as_str(),
        channel: event.channel.as_str(),
        offset: record.getattr(intern!(py, "offset"))?.extract()?,
        timestamp: record.getattr(intern!(py, "timestamp"))?.extract()?,
    })
}

/// The name under which a text in a language is remembered.
fn spoken(lang: &str, text: &str) -> Box<str> {
    [lang, "\0", text].concat().into()
}

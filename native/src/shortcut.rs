//! Records of which all is known: no link, one whose facts were learnt before in a text that adds nothing to them, or a
//! text that was judged before.

use std::ops::Range;
use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::contained;
use crate::event::{Event, Text, Time, Usual};
use crate::memory::{Fingerprints, Hashed, Remembered};
use crate::records::Given;
use crate::rows::{Message, Placed, Rows, Sighted, Told};
use crate::texts::{Held, Look, Texts, code_points};

/// The classes of the values that are made here.
struct Made {
    message: Py<PyAny>,
    found: Py<PyAny>,
    judged: Py<PyAny>,
    outcome: Py<PyAny>,
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
    links: Remembered<Box<str>, Arc<Known>>,
    /// By language and text: what was said of its links, if it has any.
    clean: Remembered<(u64, u64), Option<Arc<Said>>, Hashed>,
    /// The same of those that the end of the line has more to tell of.
    told: Remembered<(u64, u64), Arc<Py<PyAny>>, Hashed>,
    fingerprints: Fingerprints,
}

/// What is known of a link: what a `Judged` has behind the place where it was found (link, facts, verdict, live, shadow,
/// vetoes), and what sightings say of it.
struct Known {
    judged: [Py<PyAny>; 6],
    sighted: Sighted,
}

/// What was said of a text's links: as many `Judged`, and what sightings say of each, with its place.
struct Said {
    judged: Py<PyTuple>,
    links: Vec<(Range<usize>, Sighted)>,
}

/// What sightings say of a link, and where in code points it begins and ends, as Python hands them over.
type PlacedTold = (usize, usize, Told);

/// What is handed to Python of some records, see `Shortcut.__call__`.
type Passed<'py> = (
    Vec<usize>,
    Vec<(usize, Bound<'py, PyAny>)>,
    Vec<(usize, Bound<'py, PyAny>, Py<PyAny>)>,
);

/// What a record comes to.
#[allow(clippy::large_enum_variant)] // made and taken apart on the spot
enum End<'a> {
    Clean,
    Known(Event<'a>, Time<'a>, Range<usize>, Arc<Known>),
    Said(Event<'a>, Time<'a>, Arc<Said>),
    Told(Event<'a>, Time<'a>, Arc<Py<PyAny>>),
    Asked,
}

#[pymethods]
impl Shortcut {
    #[new]
    #[pyo3(signature = (look, *, made, source, surface_bits, longest_value, usual, most))]
    fn new(
        look: PyRef<'_, Look>,
        made: [Py<PyAny>; 4],
        source: (Py<PyString>, String, Py<PyString>),
        surface_bits: u64,
        longest_value: usize,
        usual: (i64, bool, Vec<String>),
        most: (usize, usize, usize),
    ) -> Shortcut {
        let [message, found, judged, outcome] = made;
        let (surface, lang, tenant) = source;
        let (latest, spelled, surfaces) = usual;
        Shortcut {
            texts: look.0.clone(),
            made: Made {
                message,
                found,
                judged,
                outcome,
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
            clean: Remembered::new(most.1),
            told: Remembered::new(most.2),
            fingerprints: Fingerprints::default(),
        }
    }

    /// Note what is known of an address as it is written: what `Judged` has of it behind the place, and what sightings
    /// say of it. Returns whether that is news.
    fn learn(&self, address: &str, judged: [Py<PyAny>; 6], sighted: Told) -> bool {
        let sighted = Sighted::of(sighted, self.surface_bits);
        self.links
            .insert(address, Arc::new(Known { judged, sighted }))
    }

    /// Note that a text in a language comes to nothing but what sightings say of its links.
    fn learn_clean(&self, text: &str, lang: &str, judged: Py<PyTuple>, links: Vec<PlacedTold>) {
        let octet = |place| {
            text.char_indices()
                .nth(place)
                .map_or(text.len(), |(octet, _)| octet)
        };
        let placed = |(start, end, told)| {
            let place = octet(start)..octet(end);
            (place, Sighted::of(told, self.surface_bits))
        };
        let links: Vec<_> = links.into_iter().map(placed).collect();
        let said = (!links.is_empty()).then(|| Arc::new(Said { judged, links }));
        self.clean.insert(self.spoken(lang, text), said);
    }

    /// Note what the end of the line is to be handed of a text in a language, as it is.
    fn learn_told(&self, text: &str, lang: &str, said: Py<PyAny>) {
        self.told.insert(self.spoken(lang, text), Arc::new(said));
    }

    /// Places of records that the line must judge; then places and outcomes of those that don't end as messages without
    /// links do; then those which the line must end, with place, message and what was noted. All others are clean. With
    /// `rows`, these count and tell of the links of clean ones, of which there is then nothing else to say.
    #[pyo3(signature = (records, rows = None))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        records: &Bound<'py, PyAny>,
        mut rows: Option<PyRefMut<'py, Rows>>,
    ) -> PyResult<Passed<'py>> {
        let given = Given::of(records)?;
        let values = given.values();
        // Not holding Python's lock: the thread that reads goes on meanwhile.
        let ends: Vec<End<'_>> = py.detach(|| {
            (0..values.len())
                .map(|at| self.contained_end(values.value(at)))
                .collect()
        });
        let (mut asked, mut told, mut heard) = (Vec::new(), Vec::new(), Vec::new());
        for (at, end) in ends.into_iter().enumerate() {
            let ended = match (end, &mut rows) {
                (End::Clean, _) => continue,
                (End::Asked, _) => None,
                (End::Known(event, _, place, known), Some(rows)) => {
                    let message = message_of(&event, given.place(at)?);
                    rows.add(py, &message, &[(&place, &known.sighted)])?;
                    continue;
                }
                (End::Known(event, time, place, known), None) => {
                    contained(|| self.known_told(py, &event, time, &place, &known))
                }
                (End::Said(event, _, said), Some(rows)) => {
                    let links: Vec<Placed<'_>> = said
                        .links
                        .iter()
                        .map(|(place, link)| (place, link))
                        .collect();
                    rows.add(py, &message_of(&event, given.place(at)?), &links)?;
                    continue;
                }
                (End::Said(event, time, said), None) => {
                    contained(|| self.ended(py, &event, time, said.judged.bind(py)))
                }
                (End::Told(event, time, said), _) => {
                    match contained(|| self.message(py, &event, time)) {
                        Some(message) => {
                            heard.push((at, message?, said.clone_ref(py)));
                            continue;
                        }
                        None => None,
                    }
                }
            };
            match ended {
                Some(outcome) => told.push((at, outcome?)),
                None => asked.push(at),
            }
        }
        Ok((asked, told, heard))
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
        let spoken = self.spoken(self.lang_of(&event), event.text.as_str());
        match self.clean.get(&spoken) {
            Some(Some(said)) => End::Said(event, time, said),
            Some(None) => End::Clean,
            None => match self.told.get(&spoken) {
                Some(said) => End::Told(event, time, said),
                None => End::Asked,
            },
        }
    }

    /// The name under which a text in a language is remembered.
    fn spoken(&self, lang: &str, text: &str) -> (u64, u64) {
        self.fingerprints.of((lang, text))
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
        self.ended(py, event, time, &PyTuple::new(py, [judged])?)
    }

    /// The outcome of a message of whose links this is said.
    fn ended<'py>(
        &self,
        py: Python<'py>,
        event: &Event<'_>,
        time: Time<'_>,
        judged: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let message = self.message(py, event, time)?;
        let (clean, empty, none) = (intern!(py, "clean"), intern!(py, ""), PyTuple::empty(py));
        self.made.outcome.bind(py).call1((
            clean, empty, empty, judged, &none, &none, &none, &none, message,
        ))
    }

    fn message<'py>(
        &self,
        py: Python<'py>,
        event: &Event<'_>,
        time: Time<'_>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let tenant = match event.tenant.as_str() {
            "" => self.source.tenant.bind(py).clone(),
            own => PyString::new(py, own),
        };
        self.made.message.bind(py).call1((
            event.text.as_str(),
            event.id.as_str(),
            time,
            event.user.as_str(),
            event.channel.as_str(),
            &self.source.surface,
            self.lang_of(event),
            event.permalink.as_ref().map_or("", Text::as_str),
            tenant,
        ))
    }

    fn lang_of<'a>(&'a self, event: &'a Event<'_>) -> &'a str {
        let lang = event.lang.as_ref().map(Text::as_str);
        lang.filter(|lang| !lang.is_empty())
            .unwrap_or(&self.source.lang)
    }
}

fn message_of<'a>(event: &'a Event<'_>, (offset, timestamp): (i64, i64)) -> Message<'a> {
    Message {
        text: event.text.as_str(),
        id: event.id.as_str(),
        user: event.user.as_str(),
        channel: event.channel.as_str(),
        offset,
        timestamp,
    }
}

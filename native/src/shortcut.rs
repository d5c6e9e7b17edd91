//! Records of which all is known: no link, one whose facts were learnt before in a text that adds nothing to them, or a
//! text that was judged before.

use std::ops::Range;
use std::sync::Arc;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyString, PyTuple};

use crate::contained;
use crate::event::{Event, Read, Surface, Text, Usual};
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
    lang: String,
    tenant: Py<PyString>,
}

#[pyclass(frozen)]
pub struct Shortcut {
    texts: Arc<Texts>,
    made: Made,
    /// What sightings say of a `Judged`, wherever it was found.
    sighted_of: Py<PyAny>,
    source: Source,
    longest_value: usize,
    usual: Usual,
    /// By address as written: the link, and what is judged of it wherever the text adds nothing.
    links: Remembered<Box<str>, Arc<Known>>,
    /// By text, language and surface: what was said of its links, if it has any.
    clean: Remembered<(u64, u64), Option<Arc<Said>>, Hashed>,
    /// The same of those that the end of the line has more to tell of.
    told: Remembered<(u64, u64), Arc<Py<PyAny>>, Hashed>,
    fingerprints: Fingerprints,
}

/// What is known of a link: what a `Judged` has behind the place where it was found (link, facts, verdict, live, shadow,
/// vetoes), and what sightings say of it, once somebody asks.
struct Known {
    judged: [Py<PyAny>; 6],
    sighted: PyOnceLock<Sighted>,
}

/// What was said of a text's links: as many `Judged`, and what sightings say of each, with its place.
struct Said {
    judged: Py<PyTuple>,
    links: Vec<(Range<usize>, Sighted)>,
}

/// What sightings say of a link, and where in code points it begins and ends, as Python hands them over.
type PlacedTold = (usize, usize, Told);

/// A word for a surface, the surface and its bits, as Python hands them over.
type Worded = (String, Py<PyString>, u64);

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
    Known(Read<'a>, Range<usize>, Arc<Known>),
    Said(Read<'a>, Arc<Said>),
    Told(Read<'a>, Arc<Py<PyAny>>),
    Asked,
}

#[pymethods]
impl Shortcut {
    #[new]
    #[pyo3(signature = (look, *, made, sighted_of, source, longest_value, usual, most))]
    fn new(
        look: PyRef<'_, Look>,
        made: [Py<PyAny>; 4],
        sighted_of: Py<PyAny>,
        source: (String, Py<PyString>),
        longest_value: usize,
        usual: (i64, bool, Vec<Worded>),
        most: (usize, usize, usize),
    ) -> Shortcut {
        let [message, found, judged, outcome] = made;
        let (lang, tenant) = source;
        let (latest, spelled, surfaces) = usual;
        Shortcut {
            texts: look.0.clone(),
            made: Made {
                message,
                found,
                judged,
                outcome,
            },
            sighted_of,
            source: Source { lang, tenant },
            longest_value,
            usual: Usual {
                latest,
                spelled,
                surfaces: surfaces
                    .into_iter()
                    .map(|(word, name, bits)| (word, Surface { name, bits }))
                    .collect(),
            },
            links: Remembered::new(most.0),
            clean: Remembered::new(most.1),
            told: Remembered::new(most.2),
            fingerprints: Fingerprints::default(),
        }
    }

    /// Note what is known of an address as it is written: what `Judged` has of it behind the place. Returns whether that
    /// is news.
    fn learn(&self, address: &str, judged: [Py<PyAny>; 6]) -> bool {
        let sighted = PyOnceLock::new();
        self.links
            .insert(address, Arc::new(Known { judged, sighted }))
    }

    /// Note that a text in a language on a surface, which is known by its bits, comes to nothing but what sightings say
    /// of its links.
    fn learn_clean(
        &self,
        text: &str,
        lang: &str,
        surface_bits: u64,
        judged: Py<PyTuple>,
        links: Vec<PlacedTold>,
    ) {
        let octet = |place| {
            text.char_indices()
                .nth(place)
                .map_or(text.len(), |(octet, _)| octet)
        };
        let placed = |(start, end, told)| {
            let place = octet(start)..octet(end);
            (place, Sighted::of(told))
        };
        let links: Vec<_> = links.into_iter().map(placed).collect();
        let said = (!links.is_empty()).then(|| Arc::new(Said { judged, links }));
        self.clean
            .insert(self.spoken(text, lang, surface_bits), said);
    }

    /// Note what the end of the line is to be handed of such a text, as it is.
    fn learn_told(&self, text: &str, lang: &str, surface_bits: u64, said: Py<PyAny>) {
        let spoken = self.spoken(text, lang, surface_bits);
        self.told.insert(spoken, Arc::new(said));
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
                (End::Known(read, place, known), Some(rows)) => {
                    let message = message_of(&read, given.place(at)?);
                    rows.add(py, &message, &[(&place, self.sighted(py, &known)?)])?;
                    continue;
                }
                (End::Known(read, place, known), None) => {
                    contained(|| self.known_told(py, &read, &place, &known))
                }
                (End::Said(read, said), Some(rows)) => {
                    let links: Vec<Placed<'_>> = said
                        .links
                        .iter()
                        .map(|(place, link)| (place, link))
                        .collect();
                    rows.add(py, &message_of(&read, given.place(at)?), &links)?;
                    continue;
                }
                (End::Said(read, said), None) => {
                    contained(|| self.ended(py, &read, said.judged.bind(py)))
                }
                (End::Told(read, said), _) => match contained(|| self.message(py, &read)) {
                    Some(message) => {
                        heard.push((at, message?, said.clone_ref(py)));
                        continue;
                    }
                    None => None,
                },
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
    fn sighted<'a>(&self, py: Python<'_>, known: &'a Known) -> PyResult<&'a Sighted> {
        known.sighted.get_or_try_init(py, || {
            let [link, facts, verdict, live, shadow, vetoes] = &known.judged;
            let judged = (py.None(), link, facts, verdict, live, shadow, vetoes);
            let judged = self.made.judged.bind(py).call1(judged)?;
            let told: Told = self.sighted_of.bind(py).call1((judged,))?.extract()?;
            Ok(Sighted::of(told))
        })
    }

    fn contained_end<'a>(&'a self, value: Option<&'a [u8]>) -> End<'a> {
        value
            .and_then(|value| contained(|| self.end(value)))
            .unwrap_or(End::Asked)
    }

    fn end<'a>(&'a self, value: &'a [u8]) -> End<'a> {
        if value.len() > self.longest_value {
            return End::Asked;
        }
        let Some(read) = Event::read(value, &self.usual) else {
            return End::Asked;
        };
        let text = read.event.text.as_str();
        match self.texts.held(text) {
            Held::Nothing => return End::Clean,
            Held::Settled(places, 0) if places.len() == 1 => {
                let place = places[0].clone();
                if let Some(known) = self.links.get(&text[place.clone()]) {
                    return End::Known(read, place, known);
                }
            }
            _ => {}
        }
        let spoken = self.spoken(text, self.lang_of(&read.event), read.surface.bits);
        match self.clean.get(&spoken) {
            Some(Some(said)) => End::Said(read, said),
            Some(None) => End::Clean,
            None => match self.told.get(&spoken) {
                Some(said) => End::Told(read, said),
                None => End::Asked,
            },
        }
    }

    /// The name under which a text in a language on a surface is remembered.
    fn spoken(&self, text: &str, lang: &str, surface_bits: u64) -> (u64, u64) {
        self.fingerprints.of((surface_bits, lang, text))
    }

    /// The outcome of a message whose text adds nothing to what is known of its link.
    fn known_told<'py>(
        &self,
        py: Python<'py>,
        read: &Read<'_>,
        place: &Range<usize>,
        known: &Known,
    ) -> PyResult<Bound<'py, PyAny>> {
        let Made { found, judged, .. } = &self.made;
        let text = read.event.text.as_str();
        let address = PyString::new(py, &text[place.clone()]);
        let (start, end) = (code_points(text, place.start), code_points(text, place.end));
        let [link, facts, verdict, live, shadow, vetoes] = &known.judged;
        let found = found.bind(py).call1((&address, start, end, &address))?;
        let judged = judged
            .bind(py)
            .call1((found, link, facts, verdict, live, shadow, vetoes))?;
        self.ended(py, read, &PyTuple::new(py, [judged])?)
    }

    /// The outcome of a message of whose links this is said.
    fn ended<'py>(
        &self,
        py: Python<'py>,
        read: &Read<'_>,
        judged: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let message = self.message(py, read)?;
        let (clean, empty, none) = (intern!(py, "clean"), intern!(py, ""), PyTuple::empty(py));
        self.made.outcome.bind(py).call1((
            clean, empty, empty, judged, &none, &none, &none, &none, message,
        ))
    }

    fn message<'py>(&self, py: Python<'py>, read: &Read<'_>) -> PyResult<Bound<'py, PyAny>> {
        let event = &read.event;
        let tenant = match event.tenant.as_str() {
            "" => self.source.tenant.bind(py).clone(),
            own => PyString::new(py, own),
        };
        self.made.message.bind(py).call1((
            event.text.as_str(),
            event.id.as_str(),
            read.time,
            event.user.as_str(),
            event.channel.as_str(),
            &read.surface.name,
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

fn message_of<'a>(read: &'a Read<'_>, (offset, timestamp): (i64, i64)) -> Message<'a> {
    let event = &read.event;
    Message {
        text: event.text.as_str(),
        id: event.id.as_str(),
        user: event.user.as_str(),
        channel: event.channel.as_str(),
        surface_bits: read.surface.bits,
        offset,
        timestamp,
    }
}

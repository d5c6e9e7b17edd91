//! Records of which all is known: no link, or one whose facts were learnt before and a text that adds nothing to them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::event::{Event, Text};
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
    longest_value: usize,
    latest: i64,
    most: usize,
    /// By address as written: the link, and what is judged of it wherever the text adds nothing.
    known: Mutex<HashMap<Box<str>, Arc<Known>>>,
}

/// What a `Judged` has behind the place where its link was found: link, facts, verdict, live, shadow, vetoes.
struct Known([Py<PyAny>; 6]);

#[pymethods]
impl Shortcut {
    #[new]
    #[pyo3(signature = (look, *, made, source, longest_value, latest, most))]
    fn new(
        look: PyRef<'_, Look>,
        made: [Py<PyAny>; 5],
        source: [Py<PyString>; 3],
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
            longest_value,
            latest,
            most,
            known: Mutex::default(),
        }
    }

    /// Note what is known of an address as it is written: what `Judged` has of it behind the place.
    fn learn(&self, address: &str, known: [Py<PyAny>; 6]) {
        let mut learnt = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if learnt.len() >= self.most {
            learnt.clear();
        }
        learnt.insert(address.into(), Arc::new(Known(known)));
    }

    /// The outcome of each record by its value; None where the line must judge.
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        values: &Bound<'py, PyList>,
    ) -> PyResult<Bound<'py, PyList>> {
        let outcomes = PyList::empty(py);
        for value in values {
            match value.cast::<PyBytes>() {
                Ok(value) => outcomes.append(self.outcome(py, value.as_bytes())?)?,
                Err(_) => outcomes.append(py.None())?,
            }
        }
        Ok(outcomes)
    }
}

impl Shortcut {
    fn outcome<'py>(&self, py: Python<'py>, value: &[u8]) -> PyResult<Option<Bound<'py, PyAny>>> {
        if value.len() > self.longest_value {
            return Ok(None);
        }
        let Some((event, time)) = Event::read(value, self.latest) else {
            return Ok(None);
        };
        let text = event.text.as_str();
        match self.texts.held(text) {
            Held::Nothing => Ok(Some(self.made.clean.bind(py).clone())),
            Held::Settled(places, 0) if places.len() == 1 => {
                let Some(known) = self.known(&text[places[0].clone()]) else {
                    return Ok(None);
                };
                self.told(py, &event, time, &places[0], &known).map(Some)
            }
            _ => Ok(None),
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
        let [link, facts, verdict, live, shadow, vetoes] = &known.0;
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

//! The sightings of links of which all is known, as `stream/sightings.py` makes them, and what is counted of them.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use crc32fast::Hasher;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};
use rmp::encode;

use crate::memory::{Remembered, held};
use crate::told;

const BUCKETS: usize = 16;
const FIELDS: u32 = 12;
const REMEMBERED: usize = 50_000;

/// What sightings say of a link, whoever sends it, and what is counted of it (`stream/sightings.py`).
pub struct Sighted {
    key: String,
    /// The key with its query as a hash, of a link that has one.
    hidden: Option<String>,
    /// A hash of the domain that it is found by; `None` for a link that is not kept.
    domain: Option<[u8; 8]>,
    /// Those of the link itself.
    bits: u64,
    /// Family and check of each finding that rows have, and how many hundredths it weighs.
    found: Box<[(Py<PyTuple>, i64)]>,
    /// What the text tried.
    signals: Box<[Py<PyString>]>,
    /// Checks that found something, in shadow, and lists that hold the link.
    counted: [Box<[Py<PyString>]>; 3],
}

/// The same as Python hands it over.
#[derive(FromPyObject)]
pub struct Told(
    String,
    Option<String>,
    Vec<u8>,
    u64,
    Vec<(Py<PyTuple>, i64)>,
    Vec<Py<PyString>>,
    [Vec<Py<PyString>>; 3],
);

/// A link and where it stands in its text.
pub type Placed<'a> = (&'a Range<usize>, &'a Sighted);

/// One message that carries such links.
pub struct Message<'a> {
    pub text: &'a str,
    pub id: &'a str,
    pub user: &'a str,
    pub channel: &'a str,
    pub surface_bits: u64,
    pub offset: i64,
    pub timestamp: i64,
}

/// What the sheets of one worker remember together: what was told in the hour, hashes of people and channels.
#[pyclass(frozen)]
pub struct Memory {
    told: Mutex<told::Told>,
    people: Remembered<Box<str>, Arc<[u8]>>,
    channels: Remembered<Box<str>, u32>,
    person_of: Py<PyAny>,
    channel_of: Py<PyAny>,
}

/// Rows of one bucket: the hashes of their domains, and the rows in MessagePack one behind the other.
#[derive(Default)]
struct Bucket {
    domains: Vec<u8>,
    rows: Vec<u8>,
    count: usize,
}

/// The rows of one batch, and how many links and findings there were in it.
#[pyclass]
pub struct Rows {
    memory: Py<Memory>,
    /// Numbers by check and by signal; one that has none yet gets the next.
    numbers: (Py<PyDict>, Py<PyDict>),
    /// The case of a message's link, by the message's id, offset and timestamp and the link's key.
    case_of: Py<PyAny>,
    offset: i64,
    timestamp: i64,
    buckets: [Bucket; BUCKETS],
    links: usize,
    /// By name, how many findings were live, in shadow, and of lists.
    counted: [Py<PyDict>; 3],
}

impl Sighted {
    pub fn of(told: Told) -> Sighted {
        let Told(key, hidden, domain, bits, found, signals, counted) = told;
        Sighted {
            key,
            hidden,
            domain: domain.try_into().ok(),
            bits,
            found: found.into(),
            signals: signals.into(),
            counted: counted.map(Vec::into_boxed_slice),
        }
    }
}

#[pymethods]
impl Memory {
    /// `person_of` and `channel_of` make the hashes, 16 octets or two and 32 bits.
    #[new]
    fn new(person_of: Py<PyAny>, channel_of: Py<PyAny>) -> Memory {
        Memory {
            told: Mutex::default(),
            people: Remembered::new(REMEMBERED),
            channels: Remembered::new(REMEMBERED),
            person_of,
            channel_of,
        }
    }

    /// Note a chunk of one partition by its first and last offset and its last timestamp.
    fn begin(&self, topic: &str, partition: i32, first: i64, last: i64, timestamp: i64) {
        held(&self.told).begin(topic, partition, first, last, timestamp);
    }

    /// How many sightings of a link by a speaker to tell of now.
    fn count(&self, key: &str, speaker: &str) -> u64 {
        held(&self.told).count(key, speaker)
    }
}

impl Memory {
    fn person(&self, py: Python<'_>, name: &str) -> PyResult<Arc<[u8]>> {
        if let Some(hash) = self.people.get(name) {
            return Ok(hash);
        }
        let made = self.person_of.bind(py).call1((name,))?;
        let hash: Arc<[u8]> = made.cast::<PyBytes>()?.as_bytes().into();
        self.people.insert(name, hash.clone());
        Ok(hash)
    }

    fn channel(&self, py: Python<'_>, name: &str) -> PyResult<u32> {
        if let Some(hash) = self.channels.get(name) {
            return Ok(hash);
        }
        let hash = self.channel_of.bind(py).call1((name,))?.extract()?;
        self.channels.insert(name, hash);
        Ok(hash)
    }
}

#[pymethods]
impl Rows {
    /// `numbers`: the sheet's, by check and by signal; `offset` and `timestamp`: of the first record of the batch.
    #[new]
    fn new(
        py: Python<'_>,
        memory: Py<Memory>,
        numbers: (Py<PyDict>, Py<PyDict>),
        case_of: Py<PyAny>,
        offset: i64,
        timestamp: i64,
    ) -> Rows {
        Rows {
            memory,
            numbers,
            case_of,
            offset,
            timestamp,
            buckets: Default::default(),
            links: 0,
            counted: std::array::from_fn(|_| PyDict::new(py).unbind()),
        }
    }

    /// Links that were counted here.
    #[getter]
    fn links(&self) -> usize {
        self.links
    }

    /// Live findings, findings in shadow and those of lists that were counted here, by name.
    #[getter]
    fn counted(&self, py: Python<'_>) -> [Py<PyDict>; 3] {
        self.counted.each_ref().map(|counts| counts.clone_ref(py))
    }

    /// For each bucket the hashes of domains, the rows in MessagePack, and how many these are.
    fn buckets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let made = |bucket: &Bucket| {
            (
                PyBytes::new(py, &bucket.domains),
                PyBytes::new(py, &bucket.rows),
                bucket.count,
            )
        };
        PyList::new(py, self.buckets.iter().map(made))
    }
}

impl Rows {
    /// Count the links of a message, and make a row of each that is to be told.
    pub fn add(
        &mut self,
        py: Python<'_>,
        message: &Message<'_>,
        links: &[Placed<'_>],
    ) -> PyResult<()> {
        self.links += links.len();
        let mut template = None;
        for (_, sighted) in links {
            self.count(py, sighted)?;
            let Some(domain) = sighted.domain else {
                continue;
            };
            let number = self.memory.get().count(&sighted.key, message.speaker());
            if number > 0 {
                let template = *template.get_or_insert_with(|| template_of(message.text, links));
                self.row(py, message, sighted, domain, template, number)?;
            }
        }
        Ok(())
    }

    fn count(&self, py: Python<'_>, sighted: &Sighted) -> PyResult<()> {
        for (counts, names) in self.counted.iter().zip(&sighted.counted) {
            let counts = counts.bind(py);
            for name in names {
                let seen = counts.get_item(name)?;
                let seen = seen.map_or(Ok(0), |seen| seen.extract::<u64>())?;
                counts.set_item(name, seen + 1)?;
            }
        }
        Ok(())
    }

    fn row(
        &mut self,
        py: Python<'_>,
        message: &Message<'_>,
        sighted: &Sighted,
        domain: [u8; 8],
        template: u32,
        number: u64,
    ) -> PyResult<()> {
        let memory = self.memory.get();
        let channel = memory.channel(py, message.channel)?;
        let person = memory.person(py, message.user)?;
        let (key, case) = match &sighted.hidden {
            Some(hidden) => (hidden, self.case(py, message, &sighted.key)?),
            None => (&sighted.key, Vec::new()),
        };
        let (checks, signals) = (self.numbers.0.bind(py), self.numbers.1.bind(py));
        let mut found = Vec::with_capacity(sighted.found.len());
        for (check, cents) in &sighted.found {
            found.push((numbered(checks, check.bind(py))?, *cents));
        }
        let mut lures = 0u64;
        for signal in &sighted.signals {
            let bit = u32::try_from(numbered(signals, signal.bind(py))?).ok();
            lures |= bit.and_then(|bit| 1u64.checked_shl(bit)).ok_or_else(|| {
                PyValueError::new_err("more signals than bits") // as no pack of words has
            })?;
        }
        let bucket = &mut self.buckets[domain[0] as usize % BUCKETS];
        let row = &mut bucket.rows;
        let written = (|| {
            encode::write_array_len(row, FIELDS)?;
            encode::write_str(row, key)?;
            encode::write_bin(row, &case)?;
            encode::write_str(row, message.id)?;
            encode::write_sint(row, message.offset - self.offset)?;
            encode::write_sint(row, message.timestamp - self.timestamp)?;
            encode::write_bin(row, &person)?;
            encode::write_uint(row, channel.into())?;
            encode::write_uint(row, sighted.bits | message.surface_bits)?;
            encode::write_uint(row, lures)?;
            encode::write_uint(row, template.into())?;
            encode::write_array_len(row, 2 * found.len() as u32)?;
            for (check, cents) in found {
                encode::write_uint(row, check)?;
                encode::write_sint(row, cents)?;
            }
            encode::write_uint(row, number)
        })();
        written.map_err(|error| PyValueError::new_err(error.to_string()))?; // never: memory takes all that is written
        bucket.domains.extend_from_slice(&domain);
        bucket.count += 1;
        Ok(())
    }

    fn case(&self, py: Python<'_>, message: &Message<'_>, key: &str) -> PyResult<Vec<u8>> {
        let about = (message.id, message.offset, message.timestamp);
        self.case_of.bind(py).call1((about, key))?.extract()
    }
}

impl Message<'_> {
    fn speaker(&self) -> &str {
        if self.user.is_empty() {
            self.channel
        } else {
            self.user
        }
    }
}

/// The number of a name, by the sheet's own way to give one to a name that has none.
fn numbered(numbers: &Bound<'_, PyDict>, name: &Bound<'_, PyAny>) -> PyResult<u64> {
    numbers.as_any().get_item(name)?.extract()
}

/// A hash of the text without its links, which don't overlap, and digits: the same for copies that differ in these only.
fn template_of(text: &str, links: &[Placed<'_>]) -> u32 {
    let mut places: Vec<&Range<usize>> = links.iter().map(|(place, _)| *place).collect();
    places.sort_unstable_by_key(|place| place.start);
    let (octets, mut kept, mut from) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    let mut keep = |octets: &[u8]| {
        let letters = octets.iter().filter(|octet| !octet.is_ascii_digit());
        kept.extend(letters.map(u8::to_ascii_lowercase));
    };
    for place in places {
        keep(&octets[from..place.start.max(from)]);
        from = place.end.max(from);
    }
    keep(&octets[from..]);
    let mut hasher = Hasher::new();
    hasher.update(&kept);
    hasher.finalize()
}

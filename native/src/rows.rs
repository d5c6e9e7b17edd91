//! The sightings of links of which all is known, as `stream/sightings.py` makes them, and what is counted of them.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use crc32fast::Hasher;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use rmp::encode;

use crate::memory::{Remembered, held};
use crate::told::Told;

const BUCKETS: usize = 16;
const FIELDS: u32 = 12;
const REMEMBERED: usize = 50_000;

/// What sightings say of a link, whoever sends it.
pub struct Sighted {
    pub key: String,
    /// A hash of the domain that it is found by; `None` for a link that is not kept.
    pub domain: Option<[u8; 8]>,
    pub bits: u64,
    /// The check that found something, and how many hundredths that weighs.
    pub finding: Option<(Py<PyString>, i64)>,
}

/// One message that carries such a link.
pub struct Message<'a> {
    pub text: &'a str,
    pub address: Range<usize>,
    pub id: &'a str,
    pub user: &'a str,
    pub channel: &'a str,
    pub offset: i64,
    pub timestamp: i64,
}

/// What the sheets of one worker remember together: what was told in the hour, hashes of people and channels.
#[pyclass(frozen)]
pub struct Memory {
    told: Mutex<Told>,
    people: Remembered<Arc<[u8]>>,
    channels: Remembered<u32>,
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
    /// Numbers by check; a check that has none yet gets the next.
    numbers: Py<PyDict>,
    offset: i64,
    timestamp: i64,
    buckets: [Bucket; BUCKETS],
    links: usize,
    live: Py<PyDict>,
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
    /// `numbers`: the sheet's, by check; `offset` and `timestamp`: of the first record of the batch.
    #[new]
    fn new(
        py: Python<'_>,
        memory: Py<Memory>,
        numbers: Py<PyDict>,
        offset: i64,
        timestamp: i64,
    ) -> Rows {
        let live = PyDict::new(py).unbind();
        Rows {
            memory,
            numbers,
            offset,
            timestamp,
            buckets: Default::default(),
            links: 0,
            live,
        }
    }

    /// Links that were counted here.
    #[getter]
    fn links(&self) -> usize {
        self.links
    }

    /// Live findings that were counted here, by check.
    #[getter]
    fn live(&self, py: Python<'_>) -> Py<PyDict> {
        self.live.clone_ref(py)
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
    /// Count the link of a message, and make a row of it if it is to be told.
    pub fn add(
        &mut self,
        py: Python<'_>,
        sighted: &Sighted,
        message: &Message<'_>,
    ) -> PyResult<()> {
        self.links += 1;
        if let Some((check, _)) = &sighted.finding {
            let live = self.live.bind(py);
            let seen = live
                .get_item(check)?
                .map_or(Ok(0), |seen| seen.extract::<u64>())?;
            live.set_item(check, seen + 1)?;
        }
        let Some(domain) = sighted.domain else {
            return Ok(());
        };
        let memory = self.memory.bind(py).get();
        let speaker = if message.user.is_empty() {
            message.channel
        } else {
            message.user
        };
        let number = memory.count(&sighted.key, speaker);
        if number == 0 {
            return Ok(());
        }
        let channel = memory.channel(py, message.channel)?;
        let person = memory.person(py, message.user)?;
        let finding = match &sighted.finding {
            Some((check, cents)) => {
                let number = self.numbers.bind(py).as_any().get_item(check)?;
                Some((number.extract::<u64>()?, *cents))
            }
            None => None,
        };
        let bucket = &mut self.buckets[domain[0] as usize % BUCKETS];
        let row = &mut bucket.rows;
        let written = (|| {
            encode::write_array_len(row, FIELDS)?;
            encode::write_str(row, &sighted.key)?;
            encode::write_bin(row, b"")?;
            encode::write_str(row, message.id)?;
            encode::write_sint(row, message.offset - self.offset)?;
            encode::write_sint(row, message.timestamp - self.timestamp)?;
            encode::write_bin(row, &person)?;
            encode::write_uint(row, channel.into())?;
            encode::write_uint(row, sighted.bits)?;
            encode::write_uint(row, 0)?; // lures
            encode::write_uint(row, template_of(message.text, &message.address).into())?;
            encode::write_array_len(row, if finding.is_some() { 2 } else { 0 })?;
            if let Some((check, cents)) = finding {
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
}

/// A hash of the text without its link and digits: the same for copies that differ in these only.
fn template_of(text: &str, address: &Range<usize>) -> u32 {
    let octets = text.as_bytes();
    let read = octets[..address.start].iter().chain(&octets[address.end..]);
    let kept: Vec<u8> = read
        .filter(|octet| !octet.is_ascii_digit())
        .map(u8::to_ascii_lowercase)
        .collect();
    let mut hasher = Hasher::new();
    hasher.update(&kept);
    hasher.finalize()
}

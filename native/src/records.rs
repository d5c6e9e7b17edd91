//! The records of one partition as they lie in its batches: a Python value is made of those alone that are asked for.

use std::ops::Range;
use std::sync::Arc;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PySlice, PyString, PyTuple};

use crate::contained;

/// Octets of a batch's head, which is never compressed.
const HEAD: usize = 61;
const CODEC: i16 = 0b111;
const LOG_APPEND_TIME: i16 = 0b1000;
/// Octets of a record without key, value and headers.
const SMALLEST: usize = 7;
/// Records of a batch that are placed at once: of more, which no producer sends unless it means harm, aiokafka reads one
/// after the other.
const MOST: usize = 500_000;
/// Octets of records that are read without Python's lock: with fewer, having to wait for it would cost more.
const WORTH_LETTING_GO: usize = 1 << 16;

/// A sequence of records. Slices of it are views: they hold the batches that it holds.
#[pyclass(frozen, sequence)]
pub struct Records {
    source: Arc<Source>,
    batches: Arc<Vec<Batch>>,
    places: Arc<Vec<Place>>,
    range: Range<usize>,
}

/// What all records of a partition have in common, and the class of their values.
struct Source {
    made: Py<PyAny>,
    topic: Py<PyString>,
    partition: i32,
}

#[derive(Clone)]
struct Batch {
    octets: Arc<PyBackedBytes>,
    timestamp_type: u8,
}

/// What is asked of every record, and where the rest of it stands in its batch.
#[derive(Clone)]
struct Place {
    offset: i64,
    timestamp: i64,
    batch: u32,
    key: u32,
    value: Option<Range<u32>>,
}

/// Which of them are asked for.
#[derive(FromPyObject)]
enum Asked<'py> {
    One(isize),
    Some(Bound<'py, PySlice>),
}

#[pymethods]
impl Records {
    /// The records of a batch of format 2 from the offset `least` on; None where it is not what the format says, or its
    /// offsets don't ascend. It stands in what was `fetched` between two places; `body` is what was compressed in it.
    #[staticmethod]
    #[pyo3(signature = (source, fetched, between, body, least))]
    fn unpacked(
        py: Python<'_>,
        source: (Py<PyAny>, Py<PyString>, i32),
        fetched: PyBackedBytes,
        between: (usize, usize),
        body: Option<PyBackedBytes>,
        least: i64,
    ) -> Option<Records> {
        let head = Head::read(fetched.get(between.0..between.1)?)?;
        let (octets, from, to) = match body {
            Some(body) => (body, 0, None),
            None if head.attributes & CODEC == 0 => (fetched, between.0 + HEAD, Some(between.1)),
            None => return None,
        };
        let body = &octets[..to.unwrap_or(octets.len())];
        let read = || contained(|| places(&head, body, from, least));
        let places = if body.len() - from < WORTH_LETTING_GO {
            read()
        } else {
            py.detach(read)
        }??;
        let (made, topic, partition) = source;
        Some(Records {
            source: Arc::new(Source {
                made,
                topic,
                partition,
            }),
            batches: Arc::new(vec![Batch {
                octets: Arc::new(octets),
                timestamp_type: (head.attributes & LOG_APPEND_TIME != 0).into(),
            }]),
            range: 0..places.len(),
            places: Arc::new(places),
        })
    }

    /// One sequence of the records of several; they are of one partition.
    #[staticmethod]
    fn joined(parts: Vec<Bound<'_, Records>>) -> PyResult<Records> {
        let Some(first) = parts.first() else {
            return Err(PyValueError::new_err("nothing to join"));
        };
        let (mut batches, mut places) = (Vec::new(), Vec::new());
        for part in parts.iter().map(Bound::get) {
            let before = batches.len() as u32;
            batches.extend_from_slice(&part.batches);
            places.extend(part.places().iter().map(|place| Place {
                batch: place.batch + before,
                ..place.clone()
            }));
        }
        Ok(Records {
            source: first.get().source.clone(),
            batches: Arc::new(batches),
            range: 0..places.len(),
            places: Arc::new(places),
        })
    }

    fn __len__(&self) -> usize {
        self.range.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, asked: Asked<'py>) -> PyResult<Bound<'py, PyAny>> {
        match asked {
            Asked::One(at) => {
                let at = if at < 0 {
                    at + self.range.len() as isize
                } else {
                    at
                };
                let place = usize::try_from(at)
                    .ok()
                    .and_then(|at| self.places().get(at));
                self.made(
                    py,
                    place.ok_or_else(|| PyIndexError::new_err("no such record"))?,
                )
            }
            Asked::Some(slice) => {
                let asked = slice.indices(self.range.len() as isize)?;
                if asked.step != 1 {
                    return Err(PyValueError::new_err("records are sliced in one piece"));
                }
                let (start, length) = (self.range.start + asked.start as usize, asked.slicelength);
                let view = Records {
                    source: self.source.clone(),
                    batches: self.batches.clone(),
                    places: self.places.clone(),
                    range: start..start + length,
                };
                Ok(Bound::new(py, view)?.into_any())
            }
        }
    }

    /// The offset of the last record.
    #[getter]
    fn offset(&self) -> PyResult<i64> {
        let last = self.places().last();
        last.map(|place| place.offset)
            .ok_or_else(|| PyIndexError::new_err("no record"))
    }

    /// Their timestamps as 64-bit integers, the lowest octet first.
    fn timestamps<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let stamps: Vec<u8> = self
            .places()
            .iter()
            .flat_map(|place| place.timestamp.to_le_bytes())
            .collect();
        PyBytes::new(py, &stamps)
    }
}

impl Records {
    fn places(&self) -> &[Place] {
        &self.places[self.range.clone()]
    }

    fn value(&self, at: usize) -> Option<&[u8]> {
        let place = self.places().get(at)?;
        let Range { start, end } = place.value.clone()?;
        self.batches[place.batch as usize]
            .octets
            .get(start as usize..end as usize)
    }

    fn made<'py>(&self, py: Python<'py>, place: &Place) -> PyResult<Bound<'py, PyAny>> {
        let Batch {
            octets,
            timestamp_type,
        } = &self.batches[place.batch as usize];
        let mut cursor = Cursor {
            octets,
            at: place.key as usize,
        };
        let read = cursor.parts();
        let parts = read.ok_or_else(|| PyValueError::new_err("it was read before"))?; // never
        let bytes =
            |range: Option<Range<usize>>| range.map(|range| PyBytes::new(py, &octets[range]));
        let mut headers = Vec::with_capacity(parts.headers.len());
        for (name, value) in parts.headers {
            let name = PyString::from_bytes(py, &octets[name])?;
            headers.push((name, bytes(value)).into_pyobject(py)?);
        }
        self.source.made.bind(py).call1((
            &self.source.topic,
            self.source.partition,
            place.offset,
            place.timestamp,
            timestamp_type,
            bytes(parts.key),
            bytes(parts.value),
            PyTuple::new(py, headers)?,
        ))
    }
}

/// What the head of a batch says of its records.
struct Head {
    first_offset: i64,
    attributes: i16,
    first_timestamp: i64,
    max_timestamp: i64,
    count: usize,
}

impl Head {
    fn read(octets: &[u8]) -> Option<Head> {
        let long = |at: usize| Some(i64::from_be_bytes(octets.get(at..at + 8)?.try_into().ok()?));
        Some(Head {
            first_offset: long(0)?,
            attributes: i16::from_be_bytes(octets.get(21..23)?.try_into().ok()?),
            first_timestamp: long(27)?,
            max_timestamp: long(35)?,
            count: i32::from_be_bytes(octets.get(57..HEAD)?.try_into().ok()?)
                .try_into()
                .ok()?,
        })
    }
}

/// Where the records of a batch stand that begin at `from` and fill the octets.
fn places(head: &Head, octets: &[u8], from: usize, least: i64) -> Option<Vec<Place>> {
    u32::try_from(octets.len()).ok()?;
    if head.count > MOST {
        return None;
    }
    let mut cursor = Cursor { octets, at: from };
    let mut places = Vec::with_capacity(head.count.min(octets.len() / SMALLEST));
    let mut before = None;
    for _ in 0..head.count {
        let place = cursor.place(head)?;
        if before >= Some(place.offset) {
            return None;
        }
        before = Some(place.offset);
        if place.offset >= least {
            places.push(place);
        }
    }
    (cursor.at == octets.len()).then_some(places)
}

/// What a record holds behind its offset.
struct Parts {
    key: Option<Range<usize>>,
    value: Option<Range<usize>>,
    headers: Vec<(Range<usize>, Option<Range<usize>>)>,
}

struct Cursor<'a> {
    octets: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn place(&mut self, head: &Head) -> Option<Place> {
        let length = usize::try_from(self.varint()?).ok()?;
        let end = self.at.checked_add(length)?;
        self.varint()?; // attributes, of which none is in use
        let (later, further) = (self.varint()?, self.varint()?);
        let timestamp = if head.attributes & LOG_APPEND_TIME != 0 {
            head.max_timestamp
        } else {
            head.first_timestamp.checked_add(later)?
        };
        let key = self.at as u32;
        let parts = self.parts()?;
        if self.at != end {
            return None;
        }
        Some(Place {
            offset: head.first_offset.checked_add(further)?,
            timestamp,
            batch: 0,
            key,
            value: parts
                .value
                .map(|value| value.start as u32..value.end as u32),
        })
    }

    fn parts(&mut self) -> Option<Parts> {
        let (key, value) = (self.nullable()?, self.nullable()?);
        let mut headers = Vec::new();
        for _ in 0..u64::try_from(self.varint()?).ok()? {
            let name = self.nullable()??;
            std::str::from_utf8(self.octets.get(name.clone())?).ok()?;
            headers.push((name, self.nullable()?));
        }
        Some(Parts {
            key,
            value,
            headers,
        })
    }

    /// Where octets stand that are preceded by their number; -1 is for none.
    fn nullable(&mut self) -> Option<Option<Range<usize>>> {
        let Ok(length) = usize::try_from(self.varint()?) else {
            return Some(None);
        };
        let start = self.at;
        self.at = start
            .checked_add(length)
            .filter(|end| *end <= self.octets.len())?;
        Some(Some(start..self.at))
    }

    fn varint(&mut self) -> Option<i64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let octet = *self.octets.get(self.at)?;
            self.at += 1;
            value |= u64::from(octet & 0x7f) << shift;
            if octet < 0x80 {
                return Some((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        None
    }
}

/// Records as they are handed in: these, or any others that Python has.
pub enum Given<'py> {
    Records(Bound<'py, Records>),
    Others(Vec<Bound<'py, PyAny>>, Vec<Option<PyBackedBytes>>),
}

/// What can be read of them without Python's lock.
pub enum Values<'a> {
    Records(&'a Records),
    Others(&'a [Option<PyBackedBytes>]),
}

impl<'py> Given<'py> {
    pub fn of(records: &Bound<'py, PyAny>) -> PyResult<Given<'py>> {
        if let Ok(records) = records.cast::<Records>() {
            return Ok(Given::Records(records.clone()));
        }
        let records: Vec<Bound<'py, PyAny>> = records.extract()?;
        let mut values = Vec::with_capacity(records.len());
        for record in &records {
            let value = record.getattr(intern!(record.py(), "value"))?;
            values.push(value.cast_into::<PyBytes>().ok().map(PyBackedBytes::from));
        }
        Ok(Given::Others(records, values))
    }

    pub fn values(&self) -> Values<'_> {
        match self {
            Given::Records(records) => Values::Records(records.get()),
            Given::Others(_, values) => Values::Others(values),
        }
    }

    /// The offset and the timestamp of one.
    pub fn place(&self, at: usize) -> PyResult<(i64, i64)> {
        match self {
            Given::Records(records) => {
                let place = &records.get().places()[at];
                Ok((place.offset, place.timestamp))
            }
            Given::Others(records, _) => {
                let (record, py) = (&records[at], records[at].py());
                let offset = record.getattr(intern!(py, "offset"))?.extract()?;
                Ok((offset, record.getattr(intern!(py, "timestamp"))?.extract()?))
            }
        }
    }
}

impl Values<'_> {
    pub fn len(&self) -> usize {
        match self {
            Values::Records(records) => records.range.len(),
            Values::Others(values) => values.len(),
        }
    }

    pub fn value(&self, at: usize) -> Option<&[u8]> {
        match self {
            Values::Records(records) => records.value(at),
            Values::Others(values) => values[at].as_deref(),
        }
    }
}

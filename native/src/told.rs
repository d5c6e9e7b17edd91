//! What one worker has told of in this hour, as `stream/told.py` keeps it; links and speakers are known by hashes.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use crate::memory::Hashed;

const HOUR_MS: i64 = 3_600_000;
const SINGLY: u64 = 64; // sightings of one link in an hour that are told one by one, if users differ
const MOST: usize = 200_000;
const MOST_PAIRS: usize = 500_000;

/// How often a link was seen; of one that was seen once, by whom.
enum Total {
    Once(u64),
    Often(u64),
}

/// Counts by link and speaker for one hour of one worker. Forgetting is harmless: something is told twice.
#[derive(Default)]
pub struct Told {
    hasher: RandomState,
    hour: i64,
    last: HashMap<(String, i32), i64>,
    totals: HashMap<u64, Total, Hashed>,
    pairs: HashSet<u64, Hashed>,
    pending: HashMap<u64, u64, Hashed>,
}

impl Told {
    /// Note a chunk of one partition. Records that come again were not delivered: they must be told again.
    pub fn begin(&mut self, topic: &str, partition: i32, first: i64, last: i64, timestamp: i64) {
        let hour = timestamp.div_euclid(HOUR_MS);
        let full = self.totals.len() > MOST || self.pairs.len() > MOST_PAIRS;
        let place = (topic.to_owned(), partition);
        if full || hour > self.hour || self.last.get(&place).is_some_and(|seen| first <= *seen) {
            self.hour = self.hour.max(hour);
            self.totals.clear();
            self.pairs.clear();
            self.pending.clear();
        }
        self.last.insert(place, last);
    }

    /// How many sightings to tell of now: 0 for one that is only counted, and told with a later one.
    pub fn count(&mut self, key: &str, speaker: &str) -> u64 {
        let (key, speaker) = (self.hasher.hash_one(key), self.hasher.hash_one(speaker));
        let pair = self.hasher.hash_one((key, speaker));
        let total = match self.totals.entry(key) {
            Entry::Vacant(place) => {
                place.insert(Total::Once(pair));
                return 1;
            }
            Entry::Occupied(mut place) => {
                let total = match place.get() {
                    Total::Once(first) => {
                        self.pairs.insert(*first);
                        2
                    }
                    Total::Often(seen) => seen + 1,
                };
                place.insert(Total::Often(total));
                total
            }
        };
        if total <= SINGLY && self.pairs.insert(pair) {
            return 1 + self.pending.remove(&key).unwrap_or(0);
        }
        if total.is_power_of_two() {
            return 1 + self.pending.remove(&key).unwrap_or(0); // only these are told: right within a factor of two
        }
        *self.pending.entry(key).or_insert(0) += 1;
        0
    }
}

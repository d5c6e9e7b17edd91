//! What is remembered by name, up to a bound: full, it begins anew.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub struct Remembered<K, T, S = RandomState> {
    most: usize,
    known: Mutex<HashMap<K, T, S>>,
}

impl<K: Hash + Eq, T: Clone, S: BuildHasher + Default> Remembered<K, T, S> {
    pub fn new(most: usize) -> Remembered<K, T, S> {
        Remembered {
            most,
            known: Mutex::default(),
        }
    }

    pub fn get<N: Hash + Eq + ?Sized>(&self, name: &N) -> Option<T>
    where
        K: Borrow<N>,
    {
        held(&self.known).get(name).cloned()
    }

    /// Returns whether nothing was known by that name.
    pub fn insert(&self, name: impl Into<K>, what: T) -> bool {
        let mut forgotten = HashMap::default(); // let go when the lock is free: what it holds may be Python's
        let mut known = held(&self.known);
        if known.len() >= self.most {
            std::mem::swap(&mut *known, &mut forgotten);
        }
        let before = known.insert(name.into(), what);
        drop(known);
        before.is_none()
    }
}

/// Names of 128 bits for what may be long: two SipHashes under keys that differ, drawn by chance anew in each process.
/// Who doesn't know them can't look for two texts of one name, and by accident it takes some 10^19 texts.
#[derive(Default)]
pub struct Fingerprints(RandomState, RandomState);

impl Fingerprints {
    pub fn of(&self, what: impl Hash) -> (u64, u64) {
        (self.0.hash_one(&what), self.1.hash_one(&what))
    }
}

/// For names that are hashes already, keyed by chance: their parts are laid over each other, and no more.
pub type Hashed = BuildHasherDefault<Laid>;

#[derive(Default)]
pub struct Laid(u64);

impl Hasher for Laid {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, part: u64) {
        self.0 ^= part;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("hashes are of 64 bits");
    }
}

/// What a lock guards; a panic of another holder leaves it as good as it was.
pub fn held<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

//! What is remembered by name, up to a bound: full, it begins anew.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub struct Remembered<T> {
    most: usize,
    known: Mutex<HashMap<Box<str>, T>>,
}

impl<T: Clone> Remembered<T> {
    pub fn new(most: usize) -> Remembered<T> {
        Remembered {
            most,
            known: Mutex::default(),
        }
    }

    pub fn get(&self, name: &str) -> Option<T> {
        held(&self.known).get(name).cloned()
    }

    pub fn insert(&self, name: impl Into<Box<str>>, what: T) {
        let mut forgotten = HashMap::new(); // let go when the lock is free: what it holds may be Python's
        let mut known = held(&self.known);
        if known.len() >= self.most {
            std::mem::swap(&mut *known, &mut forgotten);
        }
        let before = known.insert(name.into(), what);
        drop(known);
        drop(before);
    }
}

/// What a lock guards; a panic of another holder leaves it as good as it was.
pub fn held<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

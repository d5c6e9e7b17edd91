//! The hot path of the line, natively: what most records come to is known after one look.
//!
//! The Python modules say what is right. Wherever one pass over the octets is not enough to know what they would say,
//! this says that they must be asked.

#![forbid(unsafe_code)]

mod cues;
mod event;
mod gate;
mod memory;
mod moment;
mod records;
mod rows;
mod settled;
mod shortcut;
mod texts;
mod told;

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

use pyo3::prelude::*;

#[pymodule]
fn saring_native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    set_hook(Box::new(say_where));
    module.add_class::<texts::Look>()?;
    module.add_class::<shortcut::Shortcut>()?;
    module.add_class::<records::Records>()?;
    module.add_class::<rows::Memory>()?;
    module.add_class::<rows::Rows>()
}

/// What the work comes to; `None`, which is to ask, where it panics: Python would take that for the end of the process.
fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Without what it says: that may hold the text of a message, which no log may.
fn say_where(panic: &PanicHookInfo<'_>) {
    if let Some(place) = panic.location() {
        eprintln!("saring_native: panic at {place}, Python is asked");
    }
}

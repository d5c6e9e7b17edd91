//! The hot path of the line, natively: what most records come to is known after one look.
//!
//! The Python modules say what is right. Wherever one pass over the octets is not enough to know what they would say,
//! this says that they must be asked.

#![forbid(unsafe_code)]

mod cues;
mod event;
mod gate;
mod rows;
mod settled;
mod shortcut;
mod texts;
mod told;

use pyo3::prelude::*;

#[pymodule]
fn saring_native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<texts::Look>()?;
    module.add_class::<shortcut::Shortcut>()?;
    module.add_class::<rows::Memory>()?;
    module.add_class::<rows::Rows>()
}

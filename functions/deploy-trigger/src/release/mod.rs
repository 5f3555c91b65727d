//! From a pipeline's success to an executing change set.
//!
//! Every step can be repeated: whatever an earlier attempt died in, the next one finds what is done and goes on.

mod attempt;
mod change_set;
mod content;
mod gather;
mod lead;
mod start;

pub(crate) use gather::dissolve;
pub use start::release_from_event;
pub(crate) use start::{advance, close};

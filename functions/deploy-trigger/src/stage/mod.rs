//! Work on a stage: one attempt at a time holds its lock, and does whatever there is to do.

mod hold;
mod wish;
mod work;

pub(crate) use hold::Hold;
pub(crate) use wish::Wish;
pub(crate) use work::{Outcome, work};

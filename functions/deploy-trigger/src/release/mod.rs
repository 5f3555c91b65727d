//! From the queue of a stage to an executing change set.
//!
//! Every step can be repeated: whatever an earlier attempt died in, the next one finds what is done and goes on.

mod advance;
mod change_set;
mod content;
mod enter;
mod gather;
mod halt;
mod identify;
mod supersede;

pub(crate) use advance::advance;
pub(crate) use change_set::{Progress, execute, progress};
pub use enter::release_from_event;
pub(crate) use gather::dissolve;
pub(crate) use halt::Halt;
pub(crate) use identify::identify;
pub(crate) use supersede::supersede;

//! The end of a release: read off the stack's events, explained, written down, and told to people once.

mod announce;
mod close;
mod explain;
mod message;
mod operation;

pub(crate) use announce::announce;
pub use close::close_from_stack_event;
pub(crate) use close::close_if_over;
pub(crate) use operation::Operation;

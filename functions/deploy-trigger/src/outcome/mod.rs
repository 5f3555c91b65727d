//! The end of a release: read off the stack's events, explained, written down, and told to people.

mod end;
mod explain;
mod follow;
mod message;
mod operation;
mod tell;

pub use end::close_from_stack_event;
pub(crate) use follow::follow;
pub(crate) use tell::tell;

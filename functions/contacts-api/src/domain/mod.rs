//! What a contact is, and what is wrong with one that is not: pure, no I/O, no clock, no panics.

mod contact;
mod draft;
mod fault;
mod formats;
mod page;

pub use contact::{Contact, ContactId, Email, Fields, Names, Owner, Phone, UnknownId};
pub use draft::validate;
pub use fault::Fault;
pub use page::{BadCursor, Cursor, Page};

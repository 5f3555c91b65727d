//! The contact and the rules that it keeps: pure, no I/O, no clock, no panics.

mod contact;
mod country;
mod draft;
mod fault;
mod fields;
mod formats;
mod identity;
mod limits;
mod owner;
mod page;
mod query;
mod schema;
mod terms;

pub use contact::Contact;
pub use country::{Country, UnknownCountry};
pub use draft::validate;
pub use fault::Fault;
pub use fields::{Address, Email, Fields, Names, Phone};
pub use identity::{ContactId, UnknownId};
pub use owner::Owner;
pub use page::{BadCursor, Cursor, Page};
pub use query::{Filter, Listing, Order, OrderKey};
pub use terms::Term;

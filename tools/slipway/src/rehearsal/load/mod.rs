//! The load generator: real requests to the public URL, at a steady rate, whatever the answers.
//!
//! [`Profile`] says what is asked, as whom and how often; a deck of it deals the next request; the sender sends them and
//! keeps a [`Sample`] of each.

mod deck;
mod profile;
mod sample;
mod sender;

pub use profile::{Profile, ProfileError};
pub use sample::Sample;
pub use sender::Load;

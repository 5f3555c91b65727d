//! Releases as the operator sees them: the lists of all stages, and one release whole.
//!
//! It reads the tables of releases with the operator's own credentials, and changes nothing.

mod find;
mod list;
mod show;
mod tables;
mod text;

use std::fmt::Display;

use crate::failure::Failure;

pub use find::{Release, find};
pub use list::run as list;
pub use show::run as show;
pub use tables::OUTPUT;

fn unreadable(error: &dyn Display) -> Failure {
    Failure::environment("the releases cannot be read", error)
}

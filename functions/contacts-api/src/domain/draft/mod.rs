//! From what a user sent to a contact's fields, with every fault of it and not only the first.
//!
//! `reader` knows JSON and collects faults; `members` knows what a contact is made of, and its limits.

mod members;
mod reader;

use serde_json::Value;

use super::fault::Fault;
use super::fields::Fields;

/// Reads a contact's fields out of a request's body.
///
/// # Errors
/// Every fault, each with its place, in the order of the fields.
pub fn validate(body: &Value) -> Result<Fields, Vec<Fault>> {
    members::read(body)
}

#[cfg(test)]
mod tests;

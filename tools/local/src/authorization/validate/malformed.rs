//! A policy document that IAM refuses, and the texts of its elements.

use serde_json::{Map, Value};

pub(super) const LEGACY: &str = "The policy failed legacy parsing";

/// A document that IAM refuses as `MalformedPolicyDocument`, with its text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) String);

impl Malformed {
    pub(super) fn because(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// The texts of an element: of a list, or the one that stands for a list.
pub(super) fn texts<'a>(statement: &'a Map<String, Value>, element: &str) -> impl Iterator<Item = &'a str> {
    let value = statement.get(element);
    let items = value.map_or(&[][..], |value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
    items.iter().filter_map(Value::as_str)
}

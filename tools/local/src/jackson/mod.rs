//! JSON as Jackson reads it, with which AWS's services read patterns and policies: they tell where its reader stands when
//! something is wrong, and where the parts of a document lie.
//!
//! Members keep their order and come as often as they are written, because in a pattern the order of members and which of two
//! equal members is the last make a difference.
//!
//! The reader is our own: serde_json merges equal members and knows no places, and the readers with places (`json-spanned-value`,
//! `jsonc-parser`) have other words than Jackson's for every fault, and stand elsewhere when they tell it.

mod place;
mod reader;

pub(crate) use place::{place, position, source};
pub(crate) use reader::{Json, Node, read};

/// The fault of a text that is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Jackson's words.
    pub(crate) what: String,
    /// The place of a bracket in them, in bytes, at which they end.
    bracket: Option<usize>,
    /// The place of the reader, in bytes.
    pub(crate) at: usize,
}

impl Fault {
    /// A fault at a place.
    pub(crate) fn new(what: impl Into<String>, at: usize) -> Self {
        Self { what: what.into(), bracket: None, at }
    }

    /// A fault of the bracket after which the reader stood at `opened`.
    fn of_bracket(what: impl Into<String>, opened: usize, at: usize) -> Self {
        Self { bracket: Some(opened - 1), ..Self::new(what, at) }
    }

    /// The fault in `text` as Jackson tells it, which calls the text `source`.
    pub(crate) fn told(&self, text: &str, source: &str) -> String {
        let what = &self.what;
        let bracket = self.bracket.map(|at| format!("{})", place(text, at, source))).unwrap_or_default();
        format!("{what}{bracket}\n at {}", place(text, self.at, source))
    }
}

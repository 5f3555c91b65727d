//! One value of a text, with its place.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::Value;

use super::fault::{Collector, Fault};
use super::members::Members;
use super::nearest::nearest;
use crate::template::{Content, Entry, Node};

/// One value of a text, with its place. Whatever is asked of it and is not there is reported, and the answer is `None`.
#[derive(Debug, Clone)]
pub struct At<'a> {
    node: &'a Node,
    file: Arc<str>,
    pointer: String,
    /// The line and column of its key; those of the value itself in a list.
    key: (usize, usize),
    collector: &'a Collector,
}

impl<'a> At<'a> {
    /// The whole of a text.
    #[must_use]
    pub fn top(node: &'a Node, file: &str, collector: &'a Collector) -> Self {
        Self { node, file: file.into(), pointer: String::new(), key: (node.line, node.column), collector }
    }

    /// The value and its parts.
    #[must_use]
    pub const fn node(&self) -> &'a Node {
        self.node
    }

    /// The name of the file that it is in.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The collector of the faults of this text.
    #[must_use]
    pub const fn collector(&self) -> &'a Collector {
        self.collector
    }

    /// The value, without places.
    #[must_use]
    pub fn value(&self) -> Value {
        self.node.to_json()
    }

    /// Reports a fault of this value.
    pub fn fault(&self, message: impl Into<String>) {
        self.report((self.node.line, self.node.column), message.into());
    }

    /// Reports a fault of the key under which this value stands.
    pub fn fault_of_key(&self, message: impl Into<String>) {
        self.report(self.key, message.into());
    }

    fn report(&self, (line, column): (usize, usize), message: String) {
        let (file, pointer) = (Arc::clone(&self.file), self.pointer.clone());
        self.collector.add(Fault { file, line, column, pointer, message });
    }

    fn expected<T>(&self, what: &str) -> Option<T> {
        self.fault(format!("expected {what}, found {}", kind(self.node)));
        None
    }

    /// The part of this value under an index.
    fn item(&self, index: usize, node: &'a Node) -> Self {
        Self { node, pointer: format!("{}/{index}", self.pointer), key: (node.line, node.column), ..self.clone() }
    }

    /// The part of this value under a key.
    pub(super) fn entry(&self, entry: &'a Entry) -> Self {
        let step = entry.key.replace('~', "~0").replace('/', "~1");
        let pointer = format!("{}/{step}", self.pointer);
        Self { node: &entry.value, pointer, key: (entry.line, entry.column), ..self.clone() }
    }

    /// A text that is not blank.
    pub fn text(&self) -> Option<&'a str> {
        match self.node.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text),
            Some(_) => {
                self.fault("expected a text that is not blank");
                None
            }
            None => self.expected("a text"),
        }
    }

    /// A text, or a whole number or truth value that nobody quoted (a header's value). Another number would not stay as it is written:
    /// `1.10` is 1.1.
    pub fn scalar(&self) -> Option<String> {
        match &self.node.content {
            Content::Text(text) => Some(text.clone()),
            Content::Number(number) if number.is_f64() => {
                self.expected("a text (a number that is not whole in quotes)")
            }
            Content::Number(number) => Some(number.to_string()),
            Content::Bool(truth) => Some(truth.to_string()),
            _ => self.expected("a text"),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&self) -> Option<bool> {
        match self.node.content {
            Content::Bool(truth) => Some(truth),
            _ => self.expected("true or false"),
        }
    }

    /// A whole number within a range.
    pub fn whole(&self, range: RangeInclusive<u64>) -> Option<u64> {
        let what = format!("a whole number from {} to {}", range.start(), range.end());
        match &self.node.content {
            Content::Number(number) => match number.as_u64().filter(|number| range.contains(number)) {
                Some(number) => Some(number),
                None => {
                    self.fault(format!("expected {what}, found {number}"));
                    None
                }
            },
            _ => self.expected(&what),
        }
    }

    /// A number within a range.
    pub fn number(&self, range: RangeInclusive<f64>) -> Option<f64> {
        let what = format!("a number from {} to {}", range.start(), range.end());
        match &self.node.content {
            Content::Number(number) => match number.as_f64().filter(|number| range.contains(number)) {
                Some(number) => Some(number),
                None => {
                    self.fault(format!("expected {what}, found {number}"));
                    None
                }
            },
            _ => self.expected(&what),
        }
    }

    /// One of some names.
    pub fn choice<T: Copy>(&self, names: &[(&str, T)]) -> Option<T> {
        let listed = || names.iter().map(|(name, _)| *name);
        let text = self.text()?;
        let found = names.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        if found.is_none() {
            let all = listed().collect::<Vec<_>>().join(", ");
            self.fault(match nearest(text, listed()) {
                Some(near) => format!("{text:?} is not known; did you mean {near:?}? It is one of {all}"),
                None => format!("{text:?} is not known; it is one of {all}"),
            });
        }
        found
    }

    /// The items of a list.
    pub fn items(&self) -> Option<Vec<Self>> {
        match &self.node.content {
            Content::List(items) => {
                Some(items.iter().enumerate().map(|(index, node)| self.item(index, node)).collect())
            }
            _ => self.expected("a list"),
        }
    }

    /// The items of a list, each read by `read`; those that cannot be used are left out and reported.
    pub fn each<T>(&self, read: impl FnMut(&Self) -> Option<T>) -> Option<Vec<T>> {
        Some(self.items()?.iter().filter_map(read).collect())
    }

    /// The entries of a map whose keys are free.
    pub fn entries(&self) -> Option<Vec<(&'a str, Self)>> {
        match &self.node.content {
            Content::Map(entries) => {
                Some(entries.iter().map(|entry| (entry.key.as_str(), self.entry(entry))).collect())
            }
            _ => self.expected("a map"),
        }
    }

    /// The members of a map whose keys are fixed.
    pub fn members(&self) -> Option<Members<'a>> {
        match &self.node.content {
            Content::Map(_) => Some(Members::new(self.clone())),
            _ => self.expected("a map"),
        }
    }
}

fn kind(node: &Node) -> &'static str {
    match node.content {
        Content::Null => "nothing",
        Content::Bool(_) => "a truth value",
        Content::Number(_) => "a number",
        Content::Text(_) => "a text",
        Content::List(_) => "a list",
        Content::Map(_) => "a map",
    }
}

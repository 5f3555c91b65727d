//! Captured values and their uses, in the order of a list.

use std::collections::HashSet;

use super::super::check::{Check, Probe};
use super::super::placeholder;
use crate::reading::At;
use crate::template::{Content, Node};

/// The members whose texts may hold captured values.
const USERS: [&str; 6] = ["event", "expect", "jmespath", "path", "headers", "body"];

/// The values that the checks of a list have captured so far.
#[derive(Debug, Default)]
pub(super) struct Captures(HashSet<String>);

impl Captures {
    /// Reports the uses that come to nothing, and takes what the check captures. Of one that could not be read it only takes what it
    /// seems to capture: those that use it are not at fault.
    pub(super) fn take(&mut self, at: &At<'_>, check: Option<&Check>) {
        let Some(check) = check else {
            let entries = at.node().get("capture").map(Node::entries).unwrap_or_default();
            self.0.extend(entries.iter().map(|entry| entry.key.clone()));
            return;
        };
        if matches!(check.probe, Probe::Invoke(_) | Probe::Http(_) | Probe::Latency(_)) {
            for (key, part) in at.entries().unwrap_or_default() {
                if USERS.contains(&key) {
                    self.look(&part);
                }
            }
        }
        for name in check.capture.keys() {
            if !self.0.insert(name.clone()) {
                at.fault(format!("two checks of this list capture {name:?}"));
            }
        }
    }

    fn look(&self, at: &At<'_>) {
        match &at.node().content {
            Content::Text(text) => match placeholder::names_of(text) {
                Ok(names) => {
                    for name in names.into_iter().filter(|name| !self.0.contains(name)) {
                        at.fault(format!("uses ${{{name}}}, which no check before it captures"));
                    }
                }
                Err(placeholder::Malformed) => {
                    at.fault("holds a ${ without a name and a }; $${ stands for the signs themselves");
                }
            },
            Content::List(_) => at.items().iter().flatten().for_each(|item| self.look(item)),
            Content::Map(_) => at.entries().iter().flatten().for_each(|(_, part)| self.look(part)),
            Content::Null | Content::Bool(_) | Content::Number(_) => {}
        }
    }
}

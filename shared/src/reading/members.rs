//! The members of a map whose keys are fixed.

use super::at::At;
use super::nearest::nearest;

/// The members of a map whose keys are fixed: what is asked for is known, the rest is refused at the end.
#[derive(Debug)]
pub struct Members<'a> {
    at: At<'a>,
    known: Vec<&'static str>,
}

impl<'a> Members<'a> {
    pub(super) const fn new(at: At<'a>) -> Self {
        Self { at, known: Vec::new() }
    }

    /// The map itself.
    #[must_use]
    pub const fn at(&self) -> &At<'a> {
        &self.at
    }

    /// A member that may be left out.
    pub fn optional(&mut self, name: &'static str) -> Option<At<'a>> {
        self.known.push(name);
        self.at.node().entries().iter().find(|entry| entry.key == name).map(|entry| self.at.entry(entry))
    }

    /// A member that must be there.
    pub fn required(&mut self, name: &'static str) -> Option<At<'a>> {
        let member = self.optional(name);
        if member.is_none() {
            self.at.fault(format!("{name} is missing"));
        }
        member
    }

    /// Reports a member that has no effect yet.
    pub fn reserved(&mut self, name: &'static str, why: &str) {
        if let Some(member) = self.optional(name) {
            member.fault_of_key(format!("{name} has no effect yet: {why}"));
        }
    }

    /// Reports every member that was not asked for, with the nearest of those that were.
    pub fn finish(self) {
        for entry in self.at.node().entries() {
            if self.known.contains(&entry.key.as_str()) {
                continue;
            }
            let message = match nearest(&entry.key, self.known.iter().copied()) {
                Some(near) => format!("there is no member {:?} here; did you mean {near:?}?", entry.key),
                None => format!("there is no member {:?} here; there are {}", entry.key, self.known.join(", ")),
            };
            self.at.entry(entry).fault_of_key(message);
        }
    }
}

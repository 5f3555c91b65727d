//! One thing that is wrong with what a user sent.

use schemars::JsonSchema;
use serde::Serialize;

/// A fault of a request, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fault {
    /// The place: an RFC 6901 JSON Pointer into the body.
    pub pointer: String,
    /// The fault in words, for a person. Never repeats the value.
    pub detail: String,
}

/// The place of a reader in a body: the pointer to it, grown member by member.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// The whole body: the empty pointer.
    Root,
    /// A member of an object.
    Member(&'a Place<'a>, &'a str),
    /// An item of an array.
    Item(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    pub(super) const fn member(&'a self, name: &'a str) -> Self {
        Place::Member(self, name)
    }

    pub(super) const fn item(&'a self, index: usize) -> Self {
        Place::Item(self, index)
    }

    pub(super) fn fault(&self, detail: impl Into<String>) -> Fault {
        Fault { pointer: self.pointer(), detail: detail.into() }
    }

    fn pointer(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Member(parent, name) => {
                format!("{}/{}", parent.pointer(), name.replace('~', "~0").replace('/', "~1"))
            }
            Place::Item(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_escape_as_rfc_6901_says() {
        let emails = Place::Root.member("emails");
        let second = emails.item(1);
        assert_eq!(second.member("a/b~c").fault("x").pointer, "/emails/1/a~1b~0c");
        assert_eq!(Place::Root.fault("x").pointer, "");
    }
}

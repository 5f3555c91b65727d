//! Reading JSON into checked values; what is wrong is collected, with its place.

use serde_json::{Map, Value};

use super::super::fault::{Fault, Place};

/// An object of a body.
pub(super) type Object = Map<String, Value>;

/// The bounds of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    /// At most so many characters.
    limit: usize,
    /// True if it may have line breaks and tabs. No text has another control character: no form can show it.
    lines: bool,
}

impl Text {
    /// One line of at most `limit` characters.
    pub(super) const fn line(limit: usize) -> Self {
        Self { limit, lines: false }
    }

    /// Lines of at most `limit` characters together.
    pub(super) const fn lines(limit: usize) -> Self {
        Self { limit, lines: true }
    }

    /// True if `content` is such a text as it stands.
    pub(super) fn allows(self, content: &str) -> bool {
        trimmed(content) == content && !content.is_empty() && self.fits(content) && self.is_clean(content)
    }

    fn fits(self, content: &str) -> bool {
        content.chars().nth(self.limit).is_none()
    }

    fn is_clean(self, content: &str) -> bool {
        content.chars().all(|character| self.holds(character))
    }

    fn holds(self, character: char) -> bool {
        !character.is_control() || (self.lines && matches!(character, '\n' | '\r' | '\t'))
    }
}

/// The collector of the faults of a body.
#[derive(Debug, Default)]
pub(super) struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn fault(&mut self, place: &Place<'_>, detail: impl Into<String>) {
        self.faults.push(place.fault(detail));
    }

    /// The number of faults so far.
    pub(super) fn count(&self) -> usize {
        self.faults.len()
    }

    /// The value, if nothing was wrong with any of it.
    pub(super) fn finish<T>(self, value: T) -> Result<T, Vec<Fault>> {
        if self.faults.is_empty() { Ok(value) } else { Err(self.faults) }
    }

    pub(super) fn object<'v>(&mut self, value: &'v Value, place: &Place<'_>) -> Option<&'v Object> {
        let object = value.as_object();
        if object.is_none() {
            self.fault(place, "must be an object");
        }
        object
    }

    pub(super) fn refuse_others(&mut self, object: &Object, place: &Place<'_>, known: &[&str]) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            self.fault(&place.member(name), "is not a member that is known here");
        }
    }

    /// An optional text: absent and `null` are the same, blank is a fault.
    pub(super) fn text(&mut self, object: &Object, place: &Place<'_>, name: &str, text: Text) -> Option<String> {
        let value = present(object, name)?;
        self.checked_text(value, &place.member(name), text)
    }

    pub(super) fn required_text(
        &mut self,
        object: &Object,
        place: &Place<'_>,
        name: &str,
        text: Text,
    ) -> Option<String> {
        let Some(value) = object.get(name) else {
            self.fault(&place.member(name), "is required");
            return None;
        };
        self.checked_text(value, &place.member(name), text)
    }

    /// A text without the white space at its ends.
    pub(super) fn checked_text(&mut self, value: &Value, place: &Place<'_>, text: Text) -> Option<String> {
        let Some(content) = value.as_str() else {
            self.fault(place, "must be a text");
            return None;
        };
        // With the white space: a limit that depends on what is trimmed is one that no schema can say.
        if !text.fits(content) {
            self.fault(place, format!("must not be longer than {} characters", text.limit));
            return None;
        }
        let content = trimmed(content);
        if content.is_empty() {
            self.fault(place, "must not be blank");
        } else if !text.is_clean(content) {
            self.fault(place, "must not have control characters");
        } else {
            return Some(content.to_owned());
        }
        None
    }

    /// An optional array: each item as `read` reads it.
    pub(super) fn list<T>(
        &mut self,
        object: &Object,
        place: &Place<'_>,
        (name, limit): (&str, usize),
        read: fn(&mut Self, &Value, &Place<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(value) = present(object, name) else { return Vec::new() };
        let place = place.member(name);
        let Some(items) = value.as_array() else {
            self.fault(&place, "must be an array");
            return Vec::new();
        };
        if items.len() > limit {
            self.fault(&place, format!("must not have more than {limit} items"));
            return Vec::new();
        }
        items.iter().enumerate().filter_map(|(index, item)| read(self, item, &place.item(index))).collect()
    }
}

/// The text without the white space at its ends: what the patterns of `schema` take for that, which are ECMA-262's. A byte order mark is
/// white space there; a next line (U+0085) is not, but a control character.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c == '\u{feff}' || (c.is_whitespace() && c != '\u{85}'))
}

/// A member that is there and not `null`.
pub(super) fn present<'v>(object: &'v Object, name: &str) -> Option<&'v Value> {
    object.get(name).filter(|value| !value.is_null())
}

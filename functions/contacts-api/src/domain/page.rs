//! Lists in pages.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Serialize, Serializer};

use super::contact::Contact;
use super::identity::ContactId;

/// Where a page ended: the next begins behind it. Contacts are listed by identity, which is the order of creation, so that writes
/// in between neither repeat nor skip a contact that was there all along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub ContactId);

/// A cursor that this API never gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct BadCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode(self.0.to_bytes()))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        bytes.try_into().map(|bytes| Self(ContactId::from_bytes(bytes))).map_err(|_| BadCursor)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Some contacts, and where the next are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The contacts, oldest first.
    pub contacts: Vec<Contact>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor(ContactId::new(jiff::Timestamp::UNIX_EPOCH));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert_eq!("AAAA".parse::<Cursor>(), Err(BadCursor));
        assert_eq!("?".parse::<Cursor>(), Err(BadCursor));
    }
}

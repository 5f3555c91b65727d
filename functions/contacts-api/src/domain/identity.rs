//! The identity of a contact.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use ulid::Ulid;

/// A contact's identity: a ULID, so that identities sort by the time of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactId(Ulid);

impl ContactId {
    /// A new identity for something created at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(Ulid::from_datetime(SystemTime::from(now)))
    }

    /// The next identity of the same millisecond; none behind the last.
    #[must_use]
    pub fn following(self) -> Option<Self> {
        self.0.increment().map(Self).ok()
    }

    /// The identity as 16 bytes, in sorting order.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_bytes()
    }

    /// The identity of these bytes; every 16 bytes are one.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Ulid::from_bytes(bytes))
    }
}

impl fmt::Display for ContactId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A text that can be no contact's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a ULID")]
pub struct UnknownId;

impl FromStr for ContactId {
    type Err = UnknownId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ulid::from_string(text).map(Self).map_err(|_| UnknownId)
    }
}

impl Serialize for ContactId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_sort_by_creation() {
        let early = ContactId::new(Timestamp::from_millisecond(1_000).unwrap());
        let late = ContactId::new(Timestamp::from_millisecond(2_000).unwrap());
        assert!(early < late && early.to_string() < late.to_string());
    }
}

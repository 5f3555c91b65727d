//! A contact, its identity and its owner.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::Date;
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

/// Whose contacts these are. No request reads or writes another owner's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(String);

impl Owner {
    /// The owner that an authorizer named as the subject.
    #[must_use]
    pub fn subject(subject: impl Into<String>) -> Self {
        Self(format!("subject:{}", subject.into()))
    }

    /// The owner of all contacts where the API has no authorizer. No subject can be this owner.
    #[must_use]
    pub fn everyone() -> Self {
        Self("everyone".to_owned())
    }

    /// The owner as a part of keys.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A subject can be a person's name: never shown.
impl fmt::Debug for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Owner(..)")
    }
}

/// What a person is called. At least one is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Names {
    /// Given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}

/// An e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Email {
    /// The address.
    pub address: String,
    /// What kind of address it is, in the user's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A telephone number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phone {
    /// The number in E.164: a plus sign and up to 15 digits.
    pub number: String,
    /// What kind of number it is, in the user's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// What a user says about a contact, validated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fields {
    /// Names.
    pub names: Names,
    /// E-mail addresses, in the user's order.
    pub emails: Vec<Email>,
    /// Telephone numbers, in the user's order.
    pub phones: Vec<Phone>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// What they do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<Date>,
    /// Anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Tags, each once.
    pub tags: Vec<String>,
}

/// A contact as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// Identity, given at creation.
    pub id: ContactId,
    /// Whose it is; never shown.
    #[serde(skip)]
    pub owner: Owner,
    /// What the user said.
    #[serde(flatten)]
    pub fields: Fields,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// How often it was written; 1 after creation.
    #[serde(skip)]
    pub revision: u64,
}

impl Contact {
    /// A new contact, created at `now`.
    #[must_use]
    pub fn new(owner: Owner, fields: Fields, now: Timestamp) -> Self {
        Self { id: ContactId::new(now), owner, fields, created_at: now, updated_at: now, revision: 1 }
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

    #[test]
    fn no_subject_is_everyone() {
        assert_ne!(Owner::subject("everyone"), Owner::everyone());
    }

    #[test]
    fn owners_are_never_shown() {
        let contact = Contact::new(Owner::subject("ada@example.com"), Fields::default(), Timestamp::UNIX_EPOCH);
        assert!(!format!("{contact:?}").contains("ada"));
        assert!(!serde_json::to_string(&contact).unwrap().contains("ada"));
    }
}

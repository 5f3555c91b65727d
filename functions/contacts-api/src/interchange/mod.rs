//! Contacts as texts that other programs exchange: NDJSON, CSV (RFC 4180) and vCard 4.0 (RFC 6350). Pure, as `domain` is.
//!
//! Every text is read into the JSON that the API takes and validated as that is, so that one set of rules holds, and a fault's pointer
//! names the same place whatever was sent. The faults of one contact keep no other of the text from being read.

mod csv;
mod ndjson;
mod vcard;

use crate::domain::{Contact, Fault, Fields};

/// A format in which contacts are exchanged as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One contact on each line, as the API's JSON.
    #[default]
    Ndjson,
    /// One contact in each row; a column's name is the JSON Pointer of what is in it.
    Csv,
    /// vCard 4.0; 3.0 is read, too, as most address books still write it.
    VCard,
}

impl Format {
    /// All of them, the preferred one first.
    pub const ALL: [Self; 3] = [Self::Ndjson, Self::Csv, Self::VCard];

    /// The media type: of NDJSON the one in use, as none is registered.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv",
            Self::VCard => "text/vcard",
        }
    }

    /// The media type with what RFC 4180 and RFC 6350 add to it.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::VCard => "text/vcard; charset=utf-8; version=4.0",
        }
    }

    /// The format in one word, which is what its files' names end in, too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::VCard => "vcf",
        }
    }

    /// The contacts of a text, each read when it is asked for.
    ///
    /// # Errors
    /// Fails if the first row of a CSV names no columns that can be read.
    pub fn read(self, text: &str) -> Result<Entries<'_>, BadHeader> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Ok(match self {
            Self::Ndjson => Box::new(ndjson::read(text)),
            Self::Csv => Box::new(csv::read(text)?),
            Self::VCard => Box::new(vcard::read(text)),
        })
    }

    /// The text of contacts, which reads as the same contacts.
    ///
    /// # Errors
    /// Fails if a contact cannot be written.
    pub fn write(self, contacts: &[Contact]) -> Result<Vec<u8>, Unwritable> {
        match self {
            Self::Ndjson => ndjson::write(contacts),
            Self::Csv => csv::write(contacts),
            Self::VCard => Ok(vcard::write(contacts)),
        }
    }
}

/// The entries of a text, one after the other.
pub type Entries<'t> = Box<dyn Iterator<Item = Entry> + Send + 't>;

/// One contact of a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The fields of the contact, or the reason why it is none.
    pub contact: Result<Fields, Refusal>,
    /// The properties of a vCard that a contact has no place for, in whole or in part, by name.
    pub ignored: Vec<String>,
}

impl Entry {
    fn unreadable(line: u64, detail: impl Into<String>) -> Self {
        Self { line, contact: Err(Refusal::Unreadable(detail.into())), ignored: Vec::new() }
    }
}

/// The reason why a part of a text is no contact. It repeats nothing of the text.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not of the format.
    Unreadable(String),
    /// It is of the format, but no contact.
    Invalid(Vec<Fault>),
}

/// A CSV whose first row names something else than columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column} of the first row {reason}")]
pub struct BadHeader {
    /// The number of the column, from 1.
    pub column: usize,
    /// The rule that it breaks, as the predicate of a sentence: `must have a shorter name`.
    pub reason: &'static str,
}

/// The reason why contacts were not written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// A contact's JSON could not be written.
    #[error("a contact cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// A row of the CSV could not be written.
    #[error("a contact cannot be written as CSV")]
    Csv(#[from] ::csv::Error),
}

#[cfg(test)]
mod tests;

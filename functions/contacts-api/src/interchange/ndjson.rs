//! One contact on each line, as the API's JSON (<https://github.com/ndjson/ndjson-spec>).

use serde_json::Value;

use super::{Entry, Refusal, Unwritable};
use crate::domain::{Contact, validate};

pub(super) fn read(text: &str) -> impl Iterator<Item = Entry> + Send + '_ {
    let lines = text.lines().zip(1..).filter(|(text, _)| !text.trim().is_empty());
    lines.map(|(text, line)| match serde_json::from_str::<Value>(text) {
        Ok(body) => Entry { line, contact: validate(&body).map_err(Refusal::Invalid), ignored: Vec::new() },
        Err(error) => Entry::unreadable(line, format!("the line is not JSON (column {})", error.column())),
    })
}

pub(super) fn write(contacts: &[Contact]) -> Result<Vec<u8>, Unwritable> {
    let mut text = Vec::new();
    for contact in contacts {
        serde_json::to_writer(&mut text, contact)?;
        text.push(b'\n');
    }
    Ok(text)
}

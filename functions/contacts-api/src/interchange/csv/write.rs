//! Contacts as rows, under the columns that at least one of them needs.

use std::collections::{BTreeMap, BTreeSet};

use csv::{Terminator, WriterBuilder};
use jsonptr::PointerBuf;
use serde_json::Value;

use super::super::Unwritable;
use super::CUSTOM;
use crate::domain::Contact;

/// The members of a contact, in the order of their columns.
const MEMBERS: [&str; 14] = [
    "id",
    "names",
    "company",
    "title",
    "emails",
    "phones",
    "addresses",
    "birthday",
    "notes",
    "tags",
    "custom",
    "createdAt",
    "updatedAt",
    "revision",
];

/// A part of a column's path; the columns are in the order of their paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Member(usize, String),
    Item(usize),
}

type Path = Vec<Step>;

pub(in super::super) fn write(contacts: &[Contact]) -> Result<Vec<u8>, Unwritable> {
    let rows = contacts.iter().map(cells).collect::<Result<Vec<_>, _>>()?;
    let columns: BTreeSet<&Path> = rows.iter().flat_map(BTreeMap::keys).collect();
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    if columns.is_empty() {
        // A CSV without contacts has names all the same.
        writer.write_record(["/names/given", "/names/family"])?;
    } else {
        writer.write_record(columns.iter().map(|path| pointer(path)))?;
    }
    for row in &rows {
        writer.write_record(columns.iter().map(|path| row.get(*path).map_or("", String::as_str)))?;
    }
    writer.into_inner().map_err(|error| Unwritable::Csv(error.into_error().into()))
}

fn cells(contact: &Contact) -> Result<BTreeMap<Path, String>, serde_json::Error> {
    let mut cells = BTreeMap::new();
    gather(&serde_json::to_value(contact)?, &Vec::new(), &mut cells);
    Ok(cells)
}

fn gather(value: &Value, path: &Path, cells: &mut BTreeMap<Path, String>) {
    let below = |step: Step| path.iter().cloned().chain([step]).collect::<Path>();
    match value {
        Value::Null => {}
        Value::String(text) => drop(cells.insert(path.clone(), text.clone())),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, item)| gather(item, &below(Step::Item(place)), cells));
        }
        Value::Object(members) if !matches!(&path[..], [Step::Member(_, name)] if name == CUSTOM) => {
            members.iter().for_each(|(name, member)| gather(member, &below(step(name)), cells));
        }
        Value::Object(own_fields) if own_fields.is_empty() => {}
        other => drop(cells.insert(path.clone(), other.to_string())),
    }
}

fn step(name: &str) -> Step {
    Step::Member(MEMBERS.iter().position(|member| *member == name).unwrap_or(MEMBERS.len()), name.to_owned())
}

fn pointer(path: &Path) -> String {
    let tokens = path.iter().map(|step| match step {
        Step::Member(_, name) => name.clone(),
        Step::Item(place) => place.to_string(),
    });
    PointerBuf::from_tokens(tokens).to_string()
}

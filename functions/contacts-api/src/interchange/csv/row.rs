//! A row, as the JSON that the API takes.

use std::collections::BTreeMap;

use csv::StringRecord;
use serde_json::{Map, Value};

use super::super::{Entry, Refusal};
use super::columns::Columns;
use super::{CUSTOM, LISTS};
use crate::domain::{Fault, validate};

pub(super) fn entry(columns: &Columns, row: &StringRecord, line: u64) -> Entry {
    let mut contact = Map::new();
    for (path, cell) in columns.paths().zip(row) {
        match path {
            _ if cell.trim().is_empty() => {}
            [name] if name == CUSTOM => drop(contact.insert(name.clone(), own_fields(cell))),
            path => insert(&mut contact, path, cell),
        }
    }
    let places = LISTS.map(|name| (name, close_up(&mut contact, name)));
    let contact = validate(&contact.into())
        .map_err(|faults| Refusal::Invalid(faults.into_iter().map(|fault| in_its_column(fault, &places)).collect()));
    Entry { line, contact, ignored: Vec::new() }
}

/// All own fields in one cell; what is no JSON is left to validation.
fn own_fields(cell: &str) -> Value {
    serde_json::from_str(cell).unwrap_or_else(|_| cell.into())
}

/// Puts the cell where its column says.
fn insert(object: &mut Map<String, Value>, path: &[String], cell: &str) {
    match path {
        [] => {}
        [name] => drop(object.insert(name.clone(), cell.into())),
        [name, rest @ ..] => {
            let member = object.entry(name).or_insert_with(|| Map::new().into());
            if let Value::Object(member) = member {
                insert(member, rest, cell);
            }
        }
    }
}

/// Makes an array of the values at the places of a list. A value behind an empty place moves up to it; the answer has the places
/// where the items were.
fn close_up(contact: &mut Map<String, Value>, name: &str) -> Vec<usize> {
    let Some(Value::Object(items)) = contact.get_mut(name).map(Value::take) else { return Vec::new() };
    let items: BTreeMap<usize, Value> =
        items.into_iter().filter_map(|(place, item)| Some((place.parse().ok()?, item))).collect();
    let (places, items): (Vec<usize>, Vec<Value>) = items.into_iter().unzip();
    contact.insert(name.to_owned(), items.into());
    places
}

/// The fault with the place that its item has in the row.
fn in_its_column(fault: Fault, places: &[(&str, Vec<usize>)]) -> Fault {
    let moved = || {
        let (name, rest) = fault.pointer.strip_prefix('/')?.split_once('/')?;
        let (index, rest) = rest.split_once('/').map_or((rest, None), |(index, rest)| (index, Some(rest)));
        let (_, places) = places.iter().find(|(list, _)| *list == name)?;
        let place = places.get(index.parse::<usize>().ok()?)?;
        Some(rest.map_or_else(|| format!("/{name}/{place}"), |rest| format!("/{name}/{place}/{rest}")))
    };
    match moved() {
        Some(pointer) => Fault { pointer, ..fault },
        None => fault,
    }
}

//! The API's document in the repository is the one that its types make, and so is the page made from it.
//!
//! After a change of the API, `UPDATE_DOCUMENT=1 cargo test -p contacts-api --test document` writes both anew.

mod page;

use std::path::Path;
use std::{fs, io};

use contacts_api::openapi::document;
use serde_json::Value;

fn check(name: &str, made: &str) -> io::Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("UPDATE_DOCUMENT").is_some() {
        fs::write(&path, made)?;
    }
    let is_current = fs::read_to_string(&path)? == made;
    assert!(is_current, "{name} is old: UPDATE_DOCUMENT=1 cargo test -p contacts-api --test document");
    Ok(())
}

#[test]
fn the_document_is_current() -> io::Result<()> {
    check("openapi.json", &format!("{:#}\n", document()))
}

#[test]
fn the_page_is_current() -> io::Result<()> {
    check("docs.html", &page::of(&document()))
}

/// A reference that leads nowhere is a fault of the document that no client forgives.
#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|each| references(each, found));
            }
            Value::Array(items) => items.iter().for_each(|each| references(each, found)),
            _ => {}
        }
    }
    let document = document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50, "only {} references", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

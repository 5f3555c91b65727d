//! The references of a value, found without resolving it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::reference::Reference;
use super::sub::{self, Part};
use super::{call, functions};

/// Every name that `value` refers to, pseudo parameters left out. With the conditions evaluated, only what the
/// branches that are taken refer to; without, what any branch does.
pub fn references(value: &Value, conditions: Option<&BTreeMap<String, bool>>) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    collect(value, conditions, &mut found);
    found.retain(|reference| !reference.logical_id.starts_with("AWS::"));
    found
}

fn collect(value: &Value, conditions: Option<&BTreeMap<String, bool>>, found: &mut BTreeSet<Reference>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, conditions, found)),
        Value::Object(members) => match call(members) {
            Some(("Ref", Value::String(name))) => {
                found.insert(Reference { logical_id: name.clone(), attribute: None, in_sub: false });
            }
            Some(("Fn::GetAtt", argument)) => {
                if let Ok([Value::String(resource), attribute]) = functions::arguments::<2>(argument, "Fn::GetAtt") {
                    collect(attribute, conditions, found);
                    let attribute = attribute.as_str().unwrap_or("?").to_owned();
                    found.insert(Reference { logical_id: resource.clone(), attribute: Some(attribute), in_sub: false });
                }
            }
            Some(("Fn::Sub", argument)) => in_sub(argument, conditions, found),
            Some(("Fn::If", argument)) => {
                let branches = functions::arguments::<3>(argument, "Fn::If");
                match (branches, conditions) {
                    (Ok([Value::String(name), yes, no]), Some(conditions)) => {
                        let taken = if conditions.get(name).copied().unwrap_or(false) { yes } else { no };
                        collect(taken, Some(conditions), found);
                    }
                    _ => collect(argument, conditions, found),
                }
            }
            _ => members.values().for_each(|member| collect(member, conditions, found)),
        },
        _ => {}
    }
}

/// The conditions that `Fn::If` asks for in any branch.
pub fn conditions_named(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(conditions_named).collect(),
        Value::Object(members) => {
            let asked = match call(members) {
                Some(("Fn::If", argument)) => argument.get(0).and_then(Value::as_str),
                _ => None,
            };
            asked.into_iter().chain(members.values().flat_map(conditions_named)).collect()
        }
        _ => Vec::new(),
    }
}

fn in_sub(argument: &Value, conditions: Option<&BTreeMap<String, bool>>, found: &mut BTreeSet<Reference>) {
    let Ok((text, variables)) = sub::read(argument) else { return };
    for part in sub::parts(text) {
        let Part::Name(name) = part else { continue };
        if variables.is_some_and(|variables| variables.contains_key(name)) {
            continue;
        }
        let (logical_id, attribute) = match name.split_once('.') {
            Some((resource, attribute)) => (resource, Some(attribute.to_owned())),
            None => (name, None),
        };
        found.insert(Reference { logical_id: logical_id.to_owned(), attribute, in_sub: true });
    }
    for value in variables.into_iter().flat_map(|variables| variables.values()) {
        collect(value, conditions, found);
    }
}

//! The comparison of resolved values, as CloudFormation compares them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::template::scalar_text;

/// True if two resolved values are the same to CloudFormation, which passes scalars on as texts.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
        }
        _ => left == right || scalar_text(left).is_some_and(|text| scalar_text(right) == Some(text)),
    }
}

/// The names of the properties that differ between two resolved objects.
pub fn changed_properties<'a>(old: &'a Value, new: &'a Value) -> Vec<&'a str> {
    let names = |value: &'a Value| value.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let all: BTreeSet<&str> = names(old).chain(names(new)).collect();
    let differs = |name: &&str| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) => !same(old, new),
        _ => true,
    };
    all.into_iter().filter(differs).collect()
}

//! The members of a template's sections: their names, counts and scalars.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::super::errors::template_format;
use crate::core::ServiceError;

const LONGEST_NAME: usize = 255;

/// A section, empty when it is not there.
pub(super) fn object(json: &Value, section: &str) -> Result<Map<String, Value>, ServiceError> {
    match json.get(section) {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members.clone()),
        Some(_) => Err(template_format(format!("{section} must be a map"))),
    }
}

/// Each member of a section, read.
pub(super) fn read_each<T>(
    members: Map<String, Value>,
    mut read: impl FnMut(&str, &Value) -> Result<T, ServiceError>,
) -> Result<IndexMap<String, T>, ServiceError> {
    members.into_iter().map(|(name, value)| read(&name, &value).map(|item| (name, item))).collect()
}

/// The name of a condition. An unquoted `No` or `Off` is a truth value in YAML, and must not pass for none.
pub(super) fn condition(of: &str, value: &Value) -> Result<Option<String>, ServiceError> {
    match value.get("Condition") {
        None => Ok(None),
        Some(Value::String(name)) => Ok(Some(name.clone())),
        Some(other) => Err(template_format(format!("The Condition of {of} must be a string, and {other} is none"))),
    }
}

/// A name of a section's member: letters and digits, not too many.
pub(super) fn alphanumeric(of: &str, name: &str) -> Result<(), ServiceError> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(template_format(format!("{of} name {name} is non alphanumeric.")));
    }
    if name.len() > LONGEST_NAME {
        return Err(template_format(format!("{of} name {name} is longer than {LONGEST_NAME} characters")));
    }
    Ok(())
}

/// CloudFormation's quotas on what a template has.
pub(super) fn at_most(count: usize, most: usize, what: &str) -> Result<(), ServiceError> {
    if count <= most {
        return Ok(());
    }
    Err(template_format(format!("Number of {what}, {count}, is greater than maximum allowed, {most}")))
}

/// A scalar as CloudFormation writes it in a text.
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

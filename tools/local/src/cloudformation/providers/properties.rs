//! Reading a resource's properties, and answers of services.

use serde_json::{Map, Value};

use crate::cloudformation::provider::Resource;
use crate::core::{Reply, ServiceError};

/// A text that may be there.
pub(super) fn text<'a>(properties: &'a Value, name: &str) -> Option<&'a str> {
    properties.get(name).and_then(Value::as_str)
}

/// A text that must be there.
pub(super) fn required<'a>(properties: &'a Value, name: &str) -> Result<&'a str, ServiceError> {
    text(properties, name).ok_or_else(|| {
        ServiceError::validation(format!("Property validation failure: required property {name} is missing or no text"))
    })
}

/// The named properties that are there, as members of an operation's input.
pub(super) fn pick(properties: &Value, names: &[&str]) -> Map<String, Value> {
    names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), properties.get(*name).filter(|v| !v.is_null())?.clone())))
        .collect()
}

/// True if any of the properties differs.
pub(super) fn changed(old: &Value, new: &Value, names: &[&str]) -> bool {
    names.iter().any(|name| old.get(*name) != new.get(*name))
}

/// Adds the value that stands for a member's absence, for each member that `before` had and the request has not: an
/// update leaves what it is not given, and a template that drops a property means it gone.
pub(super) fn reset(request: &mut Map<String, Value>, before: &Map<String, Value>, nothing: &[(&str, Value)]) {
    for (member, value) in nothing {
        if before.contains_key(*member) && !request.contains_key(*member) {
            request.insert((*member).to_owned(), value.clone());
        }
    }
}

/// A list of texts; empty when it is not there.
pub(super) fn texts(properties: &Value, name: &str) -> Vec<String> {
    list(properties, name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A list; empty when it is not there.
pub(super) fn list<'a>(properties: &'a Value, name: &str) -> &'a [Value] {
    properties.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A member of a service's answer, by JSON pointer.
pub(super) fn answered(reply: &Value, pointer: &str) -> Result<String, ServiceError> {
    reply.pointer(pointer).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
        ServiceError::internal(format!("the service's answer has no {}", pointer.trim_start_matches('/')))
    })
}

/// The answer of a removal, where "it is not there" is a success.
pub(super) fn gone(reply: Reply, codes: &[&str]) -> Result<(), ServiceError> {
    match reply {
        Err(error) if !codes.contains(&error.code.as_str()) => Err(error),
        _ => Ok(()),
    }
}

/// A resource with its attributes.
pub(super) fn resource(
    physical_id: impl Into<String>,
    attributes: impl IntoIterator<Item = (&'static str, Value)>,
) -> Resource {
    Resource {
        physical_id: physical_id.into(),
        attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

/// A policy document as the services take it: text, whether the template has it as JSON or as text.
pub(super) fn document(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

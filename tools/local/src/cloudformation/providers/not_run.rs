//! Properties that the plane's services do not run: a template that sets one is refused before anything is done.

use serde_json::Value;

use crate::cloudformation::provider::Objection;
use crate::core::ServiceError;

/// The objections to those of `properties` that are set in `new`, with the service's own `NotImplemented`.
pub(super) fn members(service: &str, operation: &str, new: &Value, properties: &[&'static str]) -> Vec<Objection> {
    let set = properties.iter().filter(|property| new.get(**property).is_some_and(is_set));
    set.map(|property| objection(service, property, &format!("{operation} with {property}"))).collect()
}

/// The objection to a property whose value asks `service` for what it does not run.
pub(super) fn objection(service: &str, property: &'static str, what: &str) -> Objection {
    Objection { property, error: ServiceError::not_implemented(service, what) }
}

/// False for a value that asks for nothing, as the services themselves take it: null, false, zero or empty.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(on) => *on,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty() && !text.eq_ignore_ascii_case("false"),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => members.values().any(is_set),
    }
}

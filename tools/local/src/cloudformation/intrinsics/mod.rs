//! The intrinsic functions, over whatever is known of a stack.
//!
//! [`resolve`] is total over three worlds that differ only in what they know of resources: nothing (conditions,
//! parameters), a forecast (change sets: a resource that is yet to be made has no values), and the live stack.

mod cidr;
mod dynamic;
mod fault;
mod functions;
mod reference;
mod references;
mod scope;
mod sub;

use serde_json::{Map, Value};

use super::template::scalar_text;
use fault::all;

pub use dynamic::names as dynamic_names;
pub use fault::Fault;
pub use reference::Reference;
pub use references::{conditions_named, references};
pub use scope::{Fixed, NoResources, Resources, Scope};

/// `value` with every intrinsic function and dynamic reference replaced by what it gives. `None` is `AWS::NoValue`.
///
/// # Errors
/// Returns the fault that can never be resolved, in preference to what is not known yet.
pub fn resolve(value: &Value, scope: Scope<'_>) -> Result<Option<Value>, Fault> {
    match value {
        Value::Object(members) => match call(members) {
            Some((name, argument)) => functions::apply(name, argument, scope),
            None => object(members, scope).map(Some),
        },
        Value::Array(items) => {
            let items = all(items.iter().map(|item| resolve(item, scope)))?;
            Ok(Some(Value::Array(items.into_iter().flatten().collect())))
        }
        Value::String(text) => dynamic::apply(text, scope).map(|text| Some(Value::String(text))),
        other => Ok(Some(other.clone())),
    }
}

/// `value` resolved, with `AWS::NoValue` as null.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_or_null(value: &Value, scope: Scope<'_>) -> Result<Value, Fault> {
    Ok(resolve(value, scope)?.unwrap_or_default())
}

/// `value` with everything resolved that is known; `unknown` stands for the rest. `None` is `AWS::NoValue`.
pub fn resolve_known(value: &Value, scope: Scope<'_>, unknown: &Value) -> Option<Value> {
    let known = |value| resolve_known(value, scope, unknown);
    match resolve(value, scope) {
        Ok(resolved) => resolved,
        Err(_) => match value {
            Value::Object(members) if call(members).is_none() => {
                Some(Value::Object(members.iter().filter_map(|(name, it)| Some((name.clone(), known(it)?))).collect()))
            }
            Value::Array(items) => Some(items.iter().filter_map(known).collect()),
            _ => Some(unknown.clone()),
        },
    }
}

/// The function and its argument, of a map that is a call of one.
fn call(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

fn object(members: &Map<String, Value>, scope: Scope<'_>) -> Result<Value, Fault> {
    let values = all(members.values().map(|value| resolve(value, scope)))?;
    let named = members.keys().cloned().zip(values);
    Ok(Value::Object(named.filter_map(|(name, value)| value.map(|value| (name, value))).collect()))
}

/// The argument resolved to a text.
fn text(value: &Value, scope: Scope<'_>, of: &str) -> Result<String, Fault> {
    let resolved = resolve_or_null(value, scope)?;
    match scalar_text(&resolved) {
        Some(text) => Ok(text),
        None => Fault::wrong(format!("every argument of {of} must resolve to a text, and {resolved} does not")),
    }
}

#[cfg(test)]
mod tests;

//! The intrinsic functions, over whatever is known of a stack.
//!
//! [`resolve`] is total over three worlds that differ only in what they know of resources: nothing (conditions,
//! parameters), a forecast (change sets: a resource that is yet to be made has no values), and the live stack.

mod cidr;
mod dynamic;
mod functions;
mod references;
mod sub;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::template::scalar_text;

pub use dynamic::names as dynamic_names;
pub use references::{Reference, conditions_named, references};

/// The values that do not change while a stack operation runs.
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// The values of `Ref`, by parameter and pseudo parameter.
    pub names: BTreeMap<String, Value>,
    /// The template's `Mappings`.
    pub mappings: Value,
    /// The conditions, evaluated.
    pub conditions: BTreeMap<String, bool>,
    /// The values of the exports that the template imports.
    pub imports: BTreeMap<String, String>,
    /// The values of the SSM parameters that `{{resolve:ssm:…}}` names, by what stands after `ssm:`. Before they are
    /// read, dynamic references stay as they stand.
    pub dynamic: Option<BTreeMap<String, String>>,
}

/// The known values of the stack's resources.
pub trait Resources {
    /// The value of `Ref`.
    ///
    /// # Errors
    /// Fails if it is not known yet, or there is no such resource.
    fn reference(&self, logical_id: &str) -> Result<Value, Fault>;

    /// The value of `Fn::GetAtt`.
    ///
    /// # Errors
    /// Fails if it is not known yet, or there is no such resource or attribute.
    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Value, Fault>;
}

/// A world without resources: every reference to one is unknown.
#[derive(Clone, Copy, Debug)]
pub struct NoResources;

impl Resources for NoResources {
    fn reference(&self, logical_id: &str) -> Result<Value, Fault> {
        Err(Fault::Unknown(vec![Reference { logical_id: logical_id.to_owned(), attribute: None, in_sub: false }]))
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Value, Fault> {
        let attribute = Some(attribute.to_owned());
        Err(Fault::Unknown(vec![Reference { logical_id: logical_id.to_owned(), attribute, in_sub: false }]))
    }
}

/// The reason why a value cannot be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never can: the template is wrong.
    Wrong(String),
    /// Not yet: it depends on these.
    Unknown(Vec<Reference>),
}

impl Fault {
    pub(crate) fn wrong<T>(message: impl Into<String>) -> Result<T, Self> {
        Err(Self::Wrong(format!("Template error: {}", message.into())))
    }

    /// The text for a stack event or a refusal.
    pub fn message(&self) -> String {
        match self {
            Self::Wrong(message) => message.clone(),
            Self::Unknown(references) => {
                let names: Vec<String> = references.iter().map(ToString::to_string).collect();
                format!("Template error: {} cannot be known here", names.join(", "))
            }
        }
    }
}

/// The values with which intrinsics are resolved.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The parameters, mappings, conditions and imports.
    pub fixed: &'a Fixed,
    /// The stack's resources, as far as they are known.
    pub resources: &'a dyn Resources,
}

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

/// Every result, or the worst fault: one that is wrong over all that are unknown.
fn all<T>(results: impl Iterator<Item = Result<T, Fault>>) -> Result<Vec<T>, Fault> {
    let (mut values, mut unknown) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(Fault::Unknown(references)) => unknown.extend(references),
            Err(wrong) => return Err(wrong),
        }
    }
    if unknown.is_empty() { Ok(values) } else { Err(Fault::Unknown(unknown)) }
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

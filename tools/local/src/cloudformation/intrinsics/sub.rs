//! `Fn::Sub`: a text with `${names}` in it.

use serde_json::{Map, Value, json};

use super::fault::{Fault, all};
use super::functions::arguments;
use super::scope::Scope;
use super::{dynamic, functions, text};

/// A part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Literal(&'a str),
    /// `${!Name}`, which stands for `${Name}` itself.
    Escaped(&'a str),
    /// `${Name}` or `${Resource.Attribute}`.
    Name(&'a str),
}

/// The parts of a text.
pub(super) fn parts(mut rest: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + length];
        parts.push(Part::Literal(&rest[..start]));
        parts.push(name.strip_prefix('!').map_or_else(|| Part::Name(name.trim()), Part::Escaped));
        rest = &rest[start + length + 1..];
    }
    parts.push(Part::Literal(rest));
    parts
}

/// A text with names in it, and the variables that it is called with.
type Call<'a> = (&'a str, Option<&'a Map<String, Value>>);

/// The text and the variables of its own that the function is called with.
pub(super) fn read(argument: &Value) -> Result<Call<'_>, Fault> {
    if let Some(text) = argument.as_str() {
        return Ok((text, None));
    }
    let [text, variables] = arguments::<2>(argument, "Fn::Sub")?;
    match (text.as_str(), variables.as_object()) {
        (Some(text), Some(variables)) => Ok((text, Some(variables))),
        _ => Fault::wrong(
            "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
        ),
    }
}

pub(super) fn apply(argument: &Value, scope: Scope<'_>) -> Result<String, Fault> {
    let (template, variables) = read(argument)?;
    let texts = all(parts(template).into_iter().map(|part| match part {
        Part::Literal(literal) => Ok(literal.to_owned()),
        Part::Escaped(name) => Ok(format!("${{{name}}}")),
        Part::Name(name) => value_of(name, variables, scope),
    }))?;
    dynamic::apply(&texts.concat(), scope)
}

fn value_of(name: &str, variables: Option<&Map<String, Value>>, scope: Scope<'_>) -> Result<String, Fault> {
    if let Some(value) = variables.and_then(|variables| variables.get(name)) {
        return text(value, scope, "Fn::Sub");
    }
    let (function, argument) = match name.split_once('.') {
        Some((resource, attribute)) => ("Fn::GetAtt", json!([resource, attribute])),
        None => ("Ref", json!(name)),
    };
    let value = functions::apply(function, &argument, scope)?.unwrap_or_default();
    match crate::cloudformation::template::scalar_text(&value) {
        Some(text) => Ok(text),
        None => Fault::wrong(format!("Fn::Sub of ${{{name}}} does not give a text")),
    }
}

//! References in a template: parameters resolved to their values before hashing, and references to what a SAM resource
//! generates (`!Ref Function.Version`) rewritten to the generated logical ids.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value, json};

/// `${Name}` and `${Name.Attribute}` in `Fn::Sub`, as the translator matches them.
static SUB_REFERENCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$\{([A-Za-z0-9.]+|AWS::[A-Z][A-Za-z]*)\}").ok());

/// Parameter names and values.
pub(super) type Parameters = BTreeMap<String, Value>;

/// The values that the transform sees: the given ones, the template's defaults, and the partition.
pub(super) fn parameters(template: &Value, given: &BTreeMap<String, String>) -> Parameters {
    let mut values: Parameters = given.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    if let Some(declared) = template.get("Parameters").and_then(Value::as_object) {
        for (name, declaration) in declared {
            if let Some(default) = declaration.get("Default") {
                values.entry(name.clone()).or_insert_with(|| default.clone());
            }
        }
    }
    values.entry("AWS::Partition".to_owned()).or_insert_with(|| json!("aws"));
    values
}

/// Replaces references to parameters by their values, in `Ref` and in `Fn::Sub`; everything else stays as it is.
pub(super) fn resolve_parameters(value: &mut Value, parameters: &Parameters) {
    visit(value, &mut |value| match single(value) {
        Some(("Ref", Value::String(name))) => parameters.get(name).cloned(),
        Some(("Fn::Sub", text)) => Some(json!({ "Fn::Sub": substitute(text, &|name| {
            parameters.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })})),
        _ => None,
    });
}

/// Replaces `Fn::FindInMap` whose keys are all text by what the mapping holds.
pub(super) fn resolve_mappings(value: &mut Value, mappings: &Value) {
    visit(value, &mut |value| {
        let ("Fn::FindInMap", Value::Array(keys)) = single(value)? else { return None };
        let mut found = mappings;
        for key in keys {
            found = found.get(key.as_str()?)?;
        }
        (keys.len() == 3).then(|| found.clone())
    });
}

/// The generated resources that templates may refer to: `(logical id, property)` to generated logical id.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<(String, String), String>);

impl Links {
    pub(super) fn add(&mut self, logical_id: &str, property: &str, generated: &str) {
        self.0.insert((logical_id.to_owned(), property.to_owned()), generated.to_owned());
    }

    fn get(&self, logical_id: &str, property: &str) -> Option<&String> {
        self.0.get(&(logical_id.to_owned(), property.to_owned()))
    }

    /// Rewrites `Ref`, `Fn::GetAtt` and `Fn::Sub` throughout a template.
    pub(super) fn rewrite(&self, template: &mut Value) {
        visit(template, &mut |value| match single(value) {
            Some(("Ref", Value::String(name))) => {
                let (logical_id, property) = name.split_once('.')?;
                Some(json!({ "Ref": self.get(logical_id, property)? }))
            }
            Some(("Fn::GetAtt", target)) => self.attribute(target),
            Some(("Fn::Sub", text)) => Some(json!({ "Fn::Sub": substitute(text, &|name| {
                let (logical_id, rest) = name.split_once('.')?;
                let (property, attribute) = rest.split_once('.').map_or((rest, None), |(p, a)| (p, Some(a)));
                let generated = self.get(logical_id, property)?;
                Some(attribute.map_or_else(|| format!("${{{generated}}}"), |a| format!("${{{generated}.{a}}}")))
            })})),
            _ => None,
        });
    }

    /// `[Function.Version, Version]` and `[Function, Version.Version]` are the same thing.
    fn attribute(&self, target: &Value) -> Option<Value> {
        let joined = match target {
            Value::String(text) => text.clone(),
            Value::Array(parts) => parts.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?.join("."),
            _ => return None,
        };
        let mut parts = joined.splitn(3, '.');
        let (logical_id, property, attribute) = (parts.next()?, parts.next()?, parts.next()?);
        Some(json!({ "Fn::GetAtt": [self.get(logical_id, property)?, attribute] }))
    }
}

/// Visits every value from the outside in; what `change` answers takes the value's place and is visited in turn.
fn visit(value: &mut Value, change: &mut impl FnMut(&Value) -> Option<Value>) {
    if let Some(new) = change(value) {
        *value = new;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, change)),
        Value::Object(members) => members.values_mut().for_each(|member| visit(member, change)),
        _ => {}
    }
}

fn single(value: &Value) -> Option<(&str, &Value)> {
    let object: &Map<String, Value> = value.as_object().filter(|object| object.len() == 1)?;
    object.iter().next().map(|(name, argument)| (name.as_str(), argument))
}

/// The argument of `Fn::Sub` with the references that `look_up` knows replaced.
fn substitute(argument: &Value, look_up: &dyn Fn(&str) -> Option<String>) -> Value {
    let replace = |text: &str| match SUB_REFERENCE.as_ref() {
        Some(pattern) => pattern
            .replace_all(text, |found: &Captures<'_>| look_up(&found[1]).unwrap_or_else(|| found[0].to_owned()))
            .into_owned(),
        None => text.to_owned(),
    };
    match argument {
        Value::String(text) => json!(replace(text)),
        Value::Array(items) => match items.split_first() {
            Some((Value::String(text), rest)) => {
                Value::Array(std::iter::once(json!(replace(text))).chain(rest.iter().cloned()).collect())
            }
            _ => argument.clone(),
        },
        _ => argument.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_name_a_generated_resource_is_rewritten() {
        let mut links = Links::default();
        links.add("Api", "Version", "ApiVersion0123456789");
        links.add("Api", "Alias", "ApiAliaslive");
        let mut template = json!({
            "a": { "Ref": "Api.Alias" },
            "b": { "Fn::GetAtt": ["Api", "Version.Version"] },
            "c": { "Fn::GetAtt": ["Api.Version", "Version"] },
            "d": { "Fn::Sub": "x ${Api.Version} ${Api.Version.Version} ${Api.Arn}" },
            "e": { "Ref": "Api" },
        });
        links.rewrite(&mut template);
        assert_eq!(
            template,
            json!({
                "a": { "Ref": "ApiAliaslive" },
                "b": { "Fn::GetAtt": ["ApiVersion0123456789", "Version"] },
                "c": { "Fn::GetAtt": ["ApiVersion0123456789", "Version"] },
                "d": { "Fn::Sub": "x ${ApiVersion0123456789} ${ApiVersion0123456789.Version} ${Api.Arn}" },
                "e": { "Ref": "Api" },
            })
        );
    }
}

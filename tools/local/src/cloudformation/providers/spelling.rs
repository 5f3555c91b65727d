//! The step from CloudFormation's spelling to a service's: member names with a small first letter, and the types that parameters
//! (which are always text) do not have.

use serde_json::{Map, Number, Value, json};

/// The value with every member name starting small, but for what is under the members `as_is` (user's own names).
pub(super) fn lower_camel(value: &Value, as_is: &[&str]) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| {
                    let value = if as_is.contains(&name.as_str()) { value.clone() } else { lower_camel(value, as_is) };
                    (small(name), value)
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(|item| lower_camel(item, as_is)).collect()),
        other => other.clone(),
    }
}

fn small(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// Turns text into numbers, in every member that has one of these names.
pub(super) fn numbers(value: &mut Value, names: &[&str]) {
    members(value, names, &|member| {
        let text = member.as_str()?;
        let whole = text.parse::<i64>().ok().map(Number::from);
        whole.or_else(|| Number::from_f64(text.parse().ok()?)).map(Value::Number)
    });
}

/// Turns text into truth values, in every member that has one of these names.
pub(super) fn flags(value: &mut Value, names: &[&str]) {
    members(value, names, &|member| member.as_str()?.to_lowercase().parse().ok().map(|flag: bool| json!(flag)));
}

fn members(value: &mut Value, names: &[&str], convert: &dyn Fn(&Value) -> Option<Value>) {
    match value {
        Value::Object(object) => {
            for (name, member) in object {
                match convert(member).filter(|_| names.contains(&name.as_str())) {
                    Some(converted) => *member = converted,
                    None => members(member, names, convert),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| members(item, names, convert)),
        _ => {}
    }
}

/// A scalar as text: where a service takes text only, a template may well have a number.
pub(super) fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.to_string()),
        Value::Bool(flag) => json!(flag.to_string()),
        other => other.clone(),
    }
}

/// A map of the user's own names with text for values.
pub(super) fn text_map(map: &Map<String, Value>) -> Map<String, Value> {
    map.iter().map(|(name, value)| (name.clone(), as_text(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_start_small_except_where_they_are_the_users() {
        let stages = json!({ "ActionTypeId": { "Owner": "AWS" }, "Configuration": { "ProjectName": "p" } });
        assert_eq!(
            lower_camel(&stages, &["Configuration"]),
            json!({ "actionTypeId": { "owner": "AWS" }, "configuration": { "ProjectName": "p" } })
        );
    }

    #[test]
    fn text_becomes_what_the_member_is() {
        let mut input = json!({ "Timeout": "10", "Threshold": "0.5", "Deep": [{ "Enabled": "true", "Name": "7" }] });
        numbers(&mut input, &["Timeout", "Threshold"]);
        flags(&mut input, &["Enabled"]);
        assert_eq!(input, json!({ "Timeout": 10, "Threshold": 0.5, "Deep": [{ "Enabled": true, "Name": "7" }] }));
    }
}

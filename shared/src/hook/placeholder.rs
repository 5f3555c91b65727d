//! `${name}` in the texts of a check: a value that an earlier check captured. `$${` is a `${` that is meant as it stands.

use std::borrow::Cow;

use serde_json::Value;

/// A text that holds a `${` without a name and a `}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed;

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// True if a capture may be called so: a letter, then letters and digits.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, Malformed> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            parts.extend([Part::Text(before), Part::Text("${")]);
            rest = after;
            continue;
        }
        let (name, after) = after.split_once('}').ok_or(Malformed)?;
        if !is_name(name) {
            return Err(Malformed);
        }
        parts.extend([Part::Text(before), Part::Name(name)]);
        rest = after;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// Every name that the texts of a value use, in order.
///
/// # Errors
/// The first text that is malformed.
pub(super) fn names(value: &Value) -> Result<Vec<&str>, Malformed> {
    match value {
        Value::String(text) => Ok(parts(text)?
            .into_iter()
            .filter_map(|part| match part {
                Part::Name(name) => Some(name),
                Part::Text(_) => None,
            })
            .collect()),
        Value::Array(items) => items.iter().map(names).collect::<Result<Vec<_>, _>>().map(|all| all.concat()),
        Value::Object(members) => members.values().map(names).collect::<Result<Vec<_>, _>>().map(|all| all.concat()),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(Vec::new()),
    }
}

/// The value with every name replaced by what `captured` has for it; a name without a value, and what is malformed, stays.
pub(super) fn filled<'a>(value: &Value, captured: &impl Fn(&str) -> Option<&'a str>) -> Value {
    match value {
        Value::String(text) => Value::String(filled_text(text, captured).into_owned()),
        Value::Array(items) => items.iter().map(|item| filled(item, captured)).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), filled(value, captured))).collect())
        }
        scalar => scalar.clone(),
    }
}

fn filled_text<'a, 't>(text: &'t str, captured: &impl Fn(&str) -> Option<&'a str>) -> Cow<'t, str> {
    match parts(text) {
        Ok(parts) if parts.len() > 1 => parts
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => Cow::Borrowed(text),
                Part::Name(name) => captured(name).map_or_else(|| Cow::Owned(format!("${{{name}}}")), Cow::Borrowed),
            })
            .collect::<String>()
            .into(),
        _ => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn id(name: &str) -> Option<&'static str> {
        (name == "id").then_some("01J")
    }

    #[test_case("/contacts/${id}", "/contacts/01J")]
    #[test_case("${id}${id}", "01J01J"; "twice")]
    #[test_case("$${id}", "${id}"; "what is escaped stays")]
    #[test_case("$$${id}", "$${id}"; "the dollar before an escape stays")]
    #[test_case("a $ and a {id}", "a $ and a {id}"; "what is no placeholder stays")]
    #[test_case(r#"{\"id\":\"${id}\"}"#, r#"{\"id\":\"01J\"}"#; "inside a body")]
    fn fills(text: &str, expected: &str) {
        assert_eq!(filled(&json!({ "a": [text] }), &id), json!({ "a": [expected] }));
    }

    #[test]
    fn finds_every_name_wherever_it_is() {
        let value = json!({ "${notAKey}": 1, "a": ["${b}", { "c": "${d} $${e} ${f}" }], "g": null });
        assert_eq!(names(&value), Ok(vec!["b", "d", "f"]));
    }

    #[test_case("${"; "no end")]
    #[test_case("${}"; "no name")]
    #[test_case("${a b}"; "no word")]
    #[test_case("${AWS::Region}"; "a pseudo parameter that nobody replaced")]
    fn refuses(text: &str) {
        assert_eq!(names(&json!(text)), Err(Malformed));
    }

    proptest! {
        #[test]
        fn a_text_without_a_dollar_is_left_alone(text in "[^$]{0,40}") {
            prop_assert_eq!(filled(&json!(text), &id), json!(text));
        }

        #[test]
        fn what_is_escaped_comes_out_as_it_was(text in "[a-z{}$ ]{0,20}") {
            let escaped = text.replace("${", "$${");
            prop_assume!(!text.contains("$$"));
            prop_assert_eq!(filled(&json!(escaped), &id), json!(text));
        }
    }
}

//! `${name}` in the texts of a check: a value that an earlier check captured. `$${` is a `${` that is meant as it stands.

use std::borrow::Cow;

use serde_json::Value;

/// A text that holds a `${` without a name and a `}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed;

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

/// Every name that a text uses, in order.
///
/// # Errors
/// Fails if the text is malformed.
pub(crate) fn names_of(text: &str) -> Result<Vec<String>, Malformed> {
    let name = |part| match part {
        Part::Name(name) => Some(name.to_owned()),
        Part::Text(_) => None,
    };
    Ok(parts(text)?.into_iter().filter_map(name).collect())
}

/// The text with every name replaced by what `captured` has for it, if that changes it. A name without a value, and a text that is
/// malformed, stay.
pub(crate) fn filled_text<'a>(text: &str, captured: &impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let parts = parts(text).ok().filter(|parts| parts.len() > 1)?;
    let part = |part| match part {
        Part::Text(text) => Cow::Borrowed(text),
        Part::Name(name) => captured(name).map_or_else(|| Cow::Owned(format!("${{{name}}}")), Cow::Borrowed),
    };
    Some(parts.into_iter().map(part).collect())
}

/// The text with a letter in the place of every name: enough to see whether it is of the right form.
pub(super) fn filled_with_any(text: &str) -> String {
    filled_text(text, &|_| Some("x")).unwrap_or_else(|| text.to_owned())
}

/// Shows every text of a value, to be changed. Keys are no texts.
pub(super) fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(members) => members.values_mut().for_each(|value| each_text(value, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn filled(text: &str) -> String {
        filled_text(text, &|name| (name == "id").then_some("01J")).unwrap_or_else(|| text.to_owned())
    }

    #[test_case("/contacts/${id}", "/contacts/01J")]
    #[test_case("${id}${id}", "01J01J"; "twice")]
    #[test_case("$${id}", "${id}"; "what is escaped stays")]
    #[test_case("$$${id}", "$${id}"; "the dollar before an escape stays")]
    #[test_case("a $ and a {id}", "a $ and a {id}"; "what is no placeholder stays")]
    #[test_case(r#"{\"id\":\"${id}\"}"#, r#"{\"id\":\"01J\"}"#; "inside a body")]
    fn fills(text: &str, expected: &str) {
        assert_eq!(filled(text), expected);
    }

    #[test]
    fn finds_every_name_wherever_it_is() {
        let mut value = json!({ "${notAKey}": 1, "a": ["${b}", { "c": "${d} $${e} ${f}" }], "g": null });
        let mut names = Vec::new();
        each_text(&mut value, &mut |text: &mut String| names.extend(names_of(text).unwrap()));
        assert_eq!(names, ["b", "d", "f"]);
    }

    #[test_case("${"; "no end")]
    #[test_case("${}"; "no name")]
    #[test_case("${a b}"; "no word")]
    #[test_case("${AWS::Region}"; "a pseudo parameter that nobody replaced")]
    fn refuses(text: &str) {
        assert_eq!(names_of(text), Err(Malformed));
    }

    proptest! {
        #[test]
        fn a_text_without_a_dollar_is_left_alone(text in "[^$]{0,40}") {
            prop_assert_eq!(filled(&text), text);
        }

        #[test]
        fn what_is_escaped_comes_out_as_it_was(text in "[a-z{}$ ]{0,20}") {
            let escaped = text.replace("${", "$${");
            prop_assume!(!text.contains("$$"));
            prop_assert_eq!(filled(&escaped), text);
        }
    }
}

//! Members as they come in a request: the kept ones, the refused ones, and their lengths.
//!
//! The model names the lengths of a member in the name of its shape only. Assumed: the answer of AWS to one that is too long.

use serde_json::{Map, Value};

use super::errors::{bad_request, not_run};
use crate::core::{Input, ServiceError};

/// Members of a resource by the names of the model, as they are answered.
pub(super) type Members = Map<String, Value>;

/// The quota of tags of one resource.
const TAGS: usize = 50;

/// The named members, those that came.
pub(super) fn kept(input: &Input, names: &[&str]) -> Members {
    names.iter().filter_map(|name| Some(((*name).to_owned(), input.get(name)?.clone()))).collect()
}

/// Refuses members of a definition's extension that AWS knows and the plane does not run, unless they say nothing. Those of an
/// operation's input are refused by its declaration.
pub(super) fn refuse(input: &Input, what: &str, names: &[&str]) -> Result<(), ServiceError> {
    let nothing = |value: &Value| match value {
        Value::Bool(flag) => !flag,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    match names.iter().find(|name| input.get(name).is_some_and(|value| !nothing(value))) {
        Some(name) => Err(not_run(&format!("{what} with {name}"))),
        None => Ok(()),
    }
}

/// Refuses texts that are too short or too long: `(member, shortest, longest)`.
pub(super) fn lengths(input: &Input, limits: &[(&str, usize, usize)]) -> Result<(), ServiceError> {
    for (member, shortest, longest) in limits {
        let Some(value) = input.get(member) else { continue };
        let length = value.as_str().map_or(0, |text| text.chars().count());
        if !value.is_string() || !(*shortest..=*longest).contains(&length) {
            let message = format!("Invalid {member} specified. Length must be between {shortest} and {longest}");
            return Err(bad_request(message));
        }
    }
    Ok(())
}

/// A text that must be there.
pub(super) fn required<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    input.opt_str(member).ok_or_else(|| bad_request(format!("{member} is a required parameter")))
}

/// The tags of a request.
pub(super) fn tags(input: &Input) -> Result<Members, ServiceError> {
    let tags = input.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
    check_tags(&tags)?;
    Ok(tags)
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html>
pub(super) fn check_tags(tags: &Members) -> Result<(), ServiceError> {
    if tags.len() > TAGS {
        return Err(bad_request(format!("Resource cannot have more than {TAGS} tags")));
    }
    for (key, value) in tags {
        let fits = |text: &str, longest: usize| text.chars().count() <= longest;
        if key.is_empty() || !fits(key, 128) || !value.as_str().is_some_and(|value| fits(value, 256)) {
            return Err(bad_request(format!("Invalid tag specified: {key}")));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(bad_request(format!("Tag keys must not begin with aws: {key}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_that_is_not_run_is_named_unless_it_says_nothing() {
        let input = Input::from(json!({ "A": false, "B": {}, "C": "x" }));
        assert!(refuse(&input, "x", &["A", "B", "D"]).is_ok());
        assert!(refuse(&input, "x", &["A", "C"]).unwrap_err().message.contains("x with C"));
    }

    #[test]
    fn lengths_are_of_characters() {
        let input = Input::from(json!({ "Name": "ä".repeat(3), "Empty": "" }));
        assert!(lengths(&input, &[("Name", 1, 3), ("Absent", 1, 1)]).is_ok());
        assert!(lengths(&input, &[("Name", 1, 2)]).is_err());
        assert!(lengths(&input, &[("Empty", 1, 2)]).is_err());
    }

    #[test]
    fn tags_have_limits() {
        let tags = |count: usize| (0..count).map(|n| (n.to_string(), json!("v"))).collect::<Members>();
        assert!(check_tags(&tags(50)).is_ok());
        assert!(check_tags(&tags(51)).is_err());
        assert!(check_tags(&Members::from_iter([("aws:x".to_owned(), json!("v"))])).is_err());
        assert!(check_tags(&Members::from_iter([("k".to_owned(), json!("v".repeat(257)))])).is_err());
    }
}

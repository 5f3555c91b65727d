//! The values of a bucket's properties, as the documents of S3 have them.

use serde_json::{Map, Value};

/// True if a truth value is true, even as a text.
pub(super) fn is_on(value: Option<&Value>) -> bool {
    value.is_some_and(|value| *value == true || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")))
}

/// Members that are there, under the names that S3's API has.
pub(super) fn members(from: &Value, names: &[(&str, &str)]) -> Map<String, Value> {
    let there = |name: &str| from.get(name).filter(|value| !value.is_null()).cloned();
    names.iter().filter_map(|(ours, theirs)| Some(((*theirs).to_owned(), there(ours)?))).collect()
}

//! Condition keys that follow from an input whatever the service: the tags that a request sets or removes.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requesttag>

use serde_json::Value;

use crate::core::Input;

/// The members in which the services have tags, and the keys of tags.
const TAGS: [&str; 2] = ["Tags", "tags"];
const KEYS: [&str; 3] = ["TagKeys", "tagKeys", "Keys"];

/// `aws:RequestTag/…` and `aws:TagKeys`.
pub(super) fn of_tags(input: &Input) -> Vec<(String, Vec<String>)> {
    let mut keys = Vec::new();
    let mut context = Vec::new();
    for (key, value) in TAGS.iter().filter_map(|member| input.get(member)).flat_map(tags) {
        context.push((format!("aws:RequestTag/{key}"), vec![value]));
        keys.push(key);
    }
    keys.extend(KEYS.iter().flat_map(|member| input.strings(member)));
    if !keys.is_empty() {
        context.push(("aws:TagKeys".to_owned(), keys));
    }
    context
}

/// Tags of a list or of a map.
fn tags(member: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match member {
        Value::Array(list) => list
            .iter()
            .filter_map(|tag| {
                let key = tag.get("Key").or_else(|| tag.get("key"))?;
                let value = tag.get("Value").or_else(|| tag.get("value")).unwrap_or(&Value::Null);
                Some((text(key), text(value)))
            })
            .collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
        _ => Vec::new(),
    }
}

/// The texts at a path of members, looking through lists: `Targets.RoleArn`.
pub(super) fn at<'a>(input: &'a Input, path: &str) -> Vec<&'a str> {
    let mut names = path.split('.');
    let mut values: Vec<&Value> = names.next().and_then(|name| input.get(name)).into_iter().collect();
    for name in names {
        values = values.into_iter().flat_map(items).filter_map(|value| value.get(name)).collect();
    }
    values.into_iter().flat_map(items).filter_map(Value::as_str).collect()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tags_are_keys_whichever_way_they_are_written() {
        let of = |input: Value| of_tags(&Input::from(input));
        let expected = vec![
            ("aws:RequestTag/team".to_owned(), vec!["blue".to_owned()]),
            ("aws:TagKeys".to_owned(), vec!["team".to_owned()]),
        ];
        assert_eq!(of(json!({ "Tags": [{ "Key": "team", "Value": "blue" }] })), expected);
        assert_eq!(of(json!({ "tags": { "team": "blue" } })), expected);
        assert_eq!(of(json!({ "TagKeys": ["team"] })), expected[1..]);
        assert_eq!(of(json!({})), []);
    }

    #[test]
    fn a_path_looks_through_lists() {
        let input = Input::from(json!({ "Targets": [{ "RoleArn": "a" }, {}, { "RoleArn": "b" }], "p": { "r": "c" } }));
        assert_eq!(at(&input, "Targets.RoleArn"), ["a", "b"]);
        assert_eq!(at(&input, "p.r"), ["c"]);
        assert_eq!(at(&input, "none.r"), Vec::<&str>::new());
    }
}

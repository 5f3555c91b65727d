//! Tags: the template's spelling (a list of `Key`/`Value`, or a map), the stack's own tags, and each service's spelling.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::spelling::as_text;
use crate::cloudformation::provider::ResourceContext;

/// Tags by key.
pub(super) type Tags = BTreeMap<String, String>;

/// The tags that a resource's own `Tags` property has.
pub(super) fn own(properties: &Value) -> Tags {
    let value = |value: &Value| as_text(value).as_str().unwrap_or_default().to_owned();
    match properties.get("Tags") {
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|tag| {
                Some((tag.get("Key")?.as_str()?.to_owned(), value(tag.get("Value").unwrap_or(&Value::Null))))
            })
            .collect(),
        Some(Value::Object(map)) => map.iter().map(|(key, tag)| (key.clone(), value(tag))).collect(),
        _ => Tags::new(),
    }
}

/// The tags of a new resource: the stack's, and its own over them.
pub(super) fn all(context: &ResourceContext, properties: &Value) -> Tags {
    let mut tags: Tags = context.tags.iter().cloned().collect();
    tags.extend(own(properties));
    tags
}

/// The tags as a map.
pub(super) fn map(tags: &Tags) -> Map<String, Value> {
    tags.iter().map(|(key, value)| (key.clone(), json!(value))).collect()
}

/// The tags as a list of `Key` and `Value`.
pub(super) fn list(tags: &Tags) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// The tags as a list of `key` and `value`.
pub(super) fn small_list(tags: &Tags) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

/// Puts tags in an input under `name`, unless there are none.
pub(super) fn insert(input: &mut Map<String, Value>, name: &str, tags: Value) {
    let empty = tags.as_array().is_some_and(Vec::is_empty) || tags.as_object().is_some_and(Map::is_empty);
    if !empty {
        input.insert(name.to_owned(), tags);
    }
}

/// The changes of an update: the tags to set, and the keys to remove.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) set: Tags,
    pub(super) removed: Vec<String>,
}

impl Change {
    /// The difference of two versions of a resource's own tags.
    pub(super) fn between(old: &Value, new: &Value) -> Self {
        let (old, new) = (own(old), own(new));
        let removed = old.keys().filter(|key| !new.contains_key(*key)).cloned().collect();
        let set = new.into_iter().filter(|(key, value)| old.get(key) != Some(value)).collect();
        Self { set, removed }
    }
}

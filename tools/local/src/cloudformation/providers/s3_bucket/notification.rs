//! `NotificationConfiguration` as S3's API has it.

use serde_json::{Map, Value, json};

use super::super::properties::list;
use super::property_values::{is_on, members};
use crate::core::Document;

/// The kinds of destinations: the property, the element, the member that names the destination and its element.
const KINDS: [(&str, &str, &str, &str); 3] = [
    ("LambdaConfigurations", "CloudFunctionConfiguration", "Function", "CloudFunction"),
    ("TopicConfigurations", "TopicConfiguration", "Topic", "Topic"),
    ("QueueConfigurations", "QueueConfiguration", "Queue", "Queue"),
];

pub(super) fn document(new: &Value) -> Document {
    let mut document = Map::new();
    for (property, element, from, to) in KINDS {
        let items: Vec<_> = list(new, property).iter().map(|item| destination(item, from, to)).collect();
        if !items.is_empty() {
            document.insert(element.to_owned(), json!(items));
        }
    }
    // The property alone turns the bus on.
    if let Some(bus) = new.get("EventBridgeConfiguration").filter(|bus| !bus.is_null())
        && bus.get("EventBridgeEnabled").is_none_or(|enabled| is_on(Some(enabled)))
    {
        document.insert("EventBridgeConfiguration".to_owned(), json!({}));
    }
    Document::xml("NotificationConfiguration", document.into())
}

/// A bucket that tells nobody.
pub(super) fn none() -> Document {
    document(&Value::Null)
}

fn destination(item: &Value, from: &str, to: &str) -> Map<String, Value> {
    let mut found = members(item, &[("Event", "Event"), (from, to)]);
    if let Some(key) = item.pointer("/Filter/S3Key") {
        found.insert("Filter".to_owned(), json!({ "S3Key": members(key, &[("Rules", "FilterRule")]) }));
    }
    found
}

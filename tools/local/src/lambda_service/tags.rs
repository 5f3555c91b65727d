//! Tags of functions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::{constraint, invalid};
use super::service::Lambda;
use crate::core::{Input, Reply, ServiceError};

impl Lambda {
    pub(super) fn tag_resource(&self, input: &Input) -> Reply {
        let mut registry = self.registry();
        let (function, tags) = (registry.by_arn(&self.hub, resource(input)?)?, tags_of(input));
        if tags.is_empty() {
            return Err(invalid("An error occurred and the request cannot be processed."));
        }
        let held: Vec<&String> = function.tags.keys().collect();
        check_tags(&tags, &held)?;
        function.tags.extend(tags);
        Ok(json!({}))
    }

    pub(super) fn untag_resource(&self, input: &Input) -> Reply {
        let mut registry = self.registry();
        let function = registry.by_arn(&self.hub, resource(input)?)?;
        // One key of a query string may come as text instead of as a list.
        let one = input.opt_str("TagKeys").map(str::to_owned);
        for key in input.strings("TagKeys").into_iter().chain(one) {
            function.tags.remove(&key);
        }
        Ok(json!({}))
    }

    pub(super) fn list_tags(&self, input: &Input) -> Reply {
        Ok(json!({ "Tags": self.registry().by_arn(&self.hub, resource(input)?)?.tags }))
    }
}

fn resource(input: &Input) -> Result<&str, ServiceError> {
    input
        .opt_str("Resource")
        .filter(|arn| arn.starts_with("arn:"))
        .ok_or_else(|| constraint(input.opt_str("Resource").unwrap_or("null"), "resource", "Member must be an ARN"))
}

/// The `Tags` of an input.
pub(super) fn tags_of(input: &Input) -> BTreeMap<String, String> {
    let tags = input.get("Tags").and_then(Value::as_object);
    tags.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The most tags of a function.
const MOST_TAGS: usize = 50;

/// Whether tags may join those that are held.
///
/// # Errors
/// `InvalidParameterValueException`. Assumed: the words for a key that AWS keeps for itself.
pub(super) fn check_tags(tags: &BTreeMap<String, String>, held: &[&String]) -> Result<(), ServiceError> {
    if let Some(key) = tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        return Err(invalid(format!("The tag key {key} begins with aws:, which is reserved for AWS.")));
    }
    let new = tags.keys().filter(|key| !held.contains(key)).count();
    if held.len() + new > MOST_TAGS {
        return Err(invalid("Number of tags exceeds resource tag limit."));
    }
    Ok(())
}

//! Tags of functions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::constraint;
use super::service::Lambda;
use crate::core::{Input, Reply, ServiceError};

impl Lambda {
    pub(super) fn tag_resource(&self, input: &Input) -> Reply {
        self.registry().by_arn(&self.hub, resource(input)?)?.tags.extend(tags_of(input));
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

//! Tags of functions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::errors::{invalid, not_run};
use super::state::Lambda;
use crate::core::{Arn, Input, Reply, ServiceError};
use crate::operations::Operation;

/// Operations on the tags of functions.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] = &[
    Operation::now("TagResource", "*", |lambda: &Arc<Lambda>, request| lambda.tag_resource(&request.input))
        .on("{Resource}"),
    Operation::now("UntagResource", "*", |lambda: &Arc<Lambda>, request| lambda.untag_resource(&request.input))
        .on("{Resource}"),
    Operation::now("ListTags", "*", |lambda: &Arc<Lambda>, request| lambda.list_tags(&request.input)).on("{Resource}"),
];

impl Lambda {
    fn tag_resource(&self, input: &Input) -> Reply {
        let mut registry = self.registry();
        let (function, tags) = (registry.by_arn(&self.hub, resource(input)?)?, tags_of(input));
        if tags.is_empty() {
            return Err(invalid("An error occurred and the request cannot be processed."));
        }
        let held: Vec<&String> = function.tags.keys().collect();
        check_tags(&tags, &held)?;
        function.tags.extend(tags);
        function.latest.revision = self.hub.ids.uuid();
        Ok(json!({}))
    }

    fn untag_resource(&self, input: &Input) -> Reply {
        let mut registry = self.registry();
        let function = registry.by_arn(&self.hub, resource(input)?)?;
        for key in input.strings("TagKeys") {
            function.tags.remove(&key);
        }
        function.latest.revision = self.hub.ids.uuid();
        Ok(json!({}))
    }

    fn list_tags(&self, input: &Input) -> Reply {
        Ok(json!({ "Tags": self.registry().by_arn(&self.hub, resource(input)?)?.tags }))
    }
}

fn resource(input: &Input) -> Result<&str, ServiceError> {
    let arn = input.opt_str("Resource").unwrap_or_default();
    match Arn::parse(arn) {
        Some(parsed) if parsed.of_kind("function").is_some() => Ok(arn),
        Some(_) => Err(not_run(&format!("the tags of {arn}"))),
        None => Err(invalid("The resource ARN is invalid.")),
    }
}

/// The `Tags` of an input.
pub(super) fn tags_of(input: &Input) -> BTreeMap<String, String> {
    let tags = input.get("Tags").and_then(Value::as_object);
    tags.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The most tags of a function.
const MOST_TAGS: usize = 50;

/// Refuses tags that may not join those that are held.
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

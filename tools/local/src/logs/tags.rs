//! Tags of groups, by the operations of today and by the older ones that name the group.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::invalid;
use super::state::{Logs, name_in_arn};
use super::store::Store;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most tags of a resource.
const MOST_TAGS: usize = 50;

/// Operations on tags.
pub(super) const OPERATIONS: &[Operation<Logs>] = &[
    Operation::now("TagResource", "resourceArn tags", |logs: &Logs, request| logs.tag_resource(&request.input))
        .on("{resourceArn}"),
    Operation::now("UntagResource", "resourceArn tagKeys", |logs: &Logs, request| logs.untag_resource(&request.input))
        .on("{resourceArn}"),
    Operation::now("ListTagsForResource", "resourceArn", |logs: &Logs, request| {
        logs.list_tags_for_resource(&request.input)
    })
    .on("{resourceArn}"),
    Operation::now("TagLogGroup", "logGroupName tags", |logs: &Logs, request| logs.tag_log_group(&request.input))
        .on_found(Logs::group_resource),
    Operation::now("UntagLogGroup", "logGroupName tags", |logs: &Logs, request| logs.untag_log_group(&request.input))
        .on_found(Logs::group_resource),
    Operation::now("ListTagsLogGroup", "logGroupName", |logs: &Logs, request| logs.list_tags_log_group(&request.input))
        .on_found(Logs::group_resource),
];

impl Logs {
    fn tag_resource(&self, input: &Input) -> Reply {
        add(&mut self.store(), tagged_group(input)?, tags_of(input)?)
    }

    fn untag_resource(&self, input: &Input) -> Reply {
        remove(&mut self.store(), tagged_group(input)?, &input.strings("tagKeys"))
    }

    fn list_tags_for_resource(&self, input: &Input) -> Reply {
        Ok(json!({ "tags": self.store().group(tagged_group(input)?)?.tags }))
    }

    fn tag_log_group(&self, input: &Input) -> Reply {
        add(&mut self.store(), Self::group_name(input)?, tags_of(input)?)
    }

    fn untag_log_group(&self, input: &Input) -> Reply {
        remove(&mut self.store(), Self::group_name(input)?, &input.strings("tags"))
    }

    fn list_tags_log_group(&self, input: &Input) -> Reply {
        Ok(json!({ "tags": self.store().group(Self::group_name(input)?)?.tags }))
    }
}

fn add(store: &mut Store, group: &str, added: BTreeMap<String, String>) -> Reply {
    let tags = &mut store.group_mut(group)?.tags;
    let new = added.keys().filter(|key| !tags.contains_key(*key)).count();
    if tags.len() + new > MOST_TAGS {
        return Err(ServiceError::new(
            "TooManyTagsException",
            format!("The resource can have no more than {MOST_TAGS} tags."),
        )
        .with_member("resourceName", group));
    }
    tags.extend(added);
    Ok(json!({}))
}

fn remove(store: &mut Store, group: &str, keys: &[String]) -> Reply {
    let tags = &mut store.group_mut(group)?.tags;
    keys.iter().for_each(|key| drop(tags.remove(key)));
    Ok(json!({}))
}

fn tagged_group(input: &Input) -> Result<&str, ServiceError> {
    input.opt_str("resourceArn").map(name_in_arn).ok_or_else(|| invalid("resourceArn must be set"))
}

/// The `tags` of an input. Assumed: AWS's own prefix is refused with this code, as other services refuse it.
pub(super) fn tags_of(input: &Input) -> Result<BTreeMap<String, String>, ServiceError> {
    let tags = input.get("tags").and_then(Value::as_object);
    let pairs = tags.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
    let tags: BTreeMap<String, String> = pairs.collect();
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        Some(key) => Err(invalid(format!("The tag key {key} begins with aws:, which is reserved for AWS."))),
        None => Ok(tags),
    }
}

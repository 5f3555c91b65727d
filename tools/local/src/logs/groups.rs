//! Operations on groups: their life, retention and tags.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::service::{Logs, name_in_arn};
use super::store::{Group, invalid};
use crate::core::{Input, Reply, ServiceError};

/// The retention periods that CloudWatch Logs knows, in days.
const RETENTION_DAYS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

impl Logs {
    pub(super) fn create_log_group(&self, input: &Input) -> Reply {
        let name = input.opt_str("logGroupName").ok_or_else(|| invalid("logGroupName must be set"))?;
        self.store().create_group(name, tags_of(input), self.hub.now())?;
        Ok(json!({}))
    }

    pub(super) fn delete_log_group(&self, input: &Input) -> Reply {
        let name = Self::group_name(input)?;
        let mut store = self.store();
        store.group(name)?;
        store.groups.remove(name);
        Ok(json!({}))
    }

    pub(super) fn describe_log_groups(&self, input: &Input) -> Reply {
        let prefix = input.opt_str("logGroupNamePrefix").unwrap_or_default();
        let pattern = input.opt_str("logGroupNamePattern").unwrap_or_default();
        let limit = page_limit(input, 50)?;
        let after = input.opt_str("nextToken").unwrap_or_default();
        let store = self.store();
        let mut found = store
            .groups
            .iter()
            .filter(|(name, _)| name.starts_with(prefix) && name.contains(pattern) && name.as_str() > after);
        let page: Vec<(&String, &Group)> = found.by_ref().take(limit).collect();
        let next = found.next().and(page.last()).map(|(name, _)| (*name).clone());
        let groups: Vec<Value> = page.iter().map(|(name, group)| self.describe_group(name, group)).collect();
        let mut reply = json!({ "logGroups": groups });
        if let Some(next) = next {
            reply["nextToken"] = next.into();
        }
        Ok(reply)
    }

    fn describe_group(&self, name: &str, group: &Group) -> Value {
        let arn = self.hub.arn("logs", &format!("log-group:{name}"));
        let mut described = json!({
            "logGroupName": name,
            "creationTime": group.created.as_millis(),
            "metricFilterCount": 0,
            "arn": format!("{arn}:*"),
            "logGroupArn": arn,
            "storedBytes": group.streams.values().map(|stream| stream.stored_bytes).sum::<usize>(),
            "logGroupClass": "STANDARD",
        });
        if let Some(days) = group.retention_days {
            described["retentionInDays"] = days.into();
        }
        described
    }

    pub(super) fn put_retention_policy(&self, input: &Input) -> Reply {
        let days = input.opt_i64("retentionInDays").unwrap_or_default();
        if !RETENTION_DAYS.contains(&days) {
            return Err(invalid(format!("{days} is not a retention period that CloudWatch Logs knows")));
        }
        let mut store = self.store();
        let group = store.group_mut(Self::group_name(input)?)?;
        group.retention_days = Some(days);
        group.expire(self.hub.now());
        Ok(json!({}))
    }

    pub(super) fn delete_retention_policy(&self, input: &Input) -> Reply {
        self.store().group_mut(Self::group_name(input)?)?.retention_days = None;
        Ok(json!({}))
    }

    pub(super) fn tag_resource(&self, input: &Input) -> Reply {
        self.store().group_mut(tagged_group(input)?)?.tags.extend(tags_of(input));
        Ok(json!({}))
    }

    pub(super) fn untag_resource(&self, input: &Input) -> Reply {
        let mut store = self.store();
        let group = store.group_mut(tagged_group(input)?)?;
        for key in input.strings("tagKeys") {
            group.tags.remove(&key);
        }
        Ok(json!({}))
    }

    pub(super) fn list_tags_for_resource(&self, input: &Input) -> Reply {
        Ok(json!({ "tags": self.store().group(tagged_group(input)?)?.tags }))
    }
}

fn tagged_group(input: &Input) -> Result<&str, ServiceError> {
    input.opt_str("resourceArn").map(name_in_arn).ok_or_else(|| invalid("resourceArn must be set"))
}

fn tags_of(input: &Input) -> BTreeMap<String, String> {
    let tags = input.get("tags").and_then(Value::as_object);
    tags.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// The page size of the describing operations: 1 to 50.
pub(super) fn page_limit(input: &Input, most: i64) -> Result<usize, ServiceError> {
    let limit = input.opt_i64("limit").unwrap_or(most);
    usize::try_from(limit)
        .ok()
        .filter(|_| (1..=most).contains(&limit))
        .ok_or_else(|| invalid(format!("limit must lie between 1 and {most}")))
}

//! Operations on groups: their life and retention.

use serde_json::{Value, json};

use super::errors::invalid;
use super::page::page;
use super::state::{Logs, name_in_arn};
use super::store::{Group, GroupClass};
use super::tags::tags_of;
use crate::core::{Hub, Input, Reply};
use crate::operations::Operation;

/// The retention periods that CloudWatch Logs knows, in days.
const RETENTION_DAYS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Operations on groups. A group's key is not honoured: there are no keys, and it would promise what is not so.
pub(super) const OPERATIONS: &[Operation<Logs>] = &[
    Operation::now(
        "CreateLogGroup",
        "logGroupName tags logGroupClass=STANDARD|INFREQUENT_ACCESS",
        |logs: &Logs, request| logs.create_log_group(&request.input),
    )
    .on_found(Logs::group_resource),
    Operation::now("DeleteLogGroup", "logGroupName", |logs: &Logs, request| logs.delete_log_group(&request.input))
        .on_found(Logs::group_resource),
    Operation::now(
        "DescribeLogGroups",
        "logGroupNamePrefix logGroupNamePattern logGroupClass logGroupIdentifiers nextToken limit",
        |logs: &Logs, request| logs.describe_log_groups(&request.input),
    )
    .on_found(Logs::group_resource),
    Operation::now("PutRetentionPolicy", "logGroupName retentionInDays", |logs: &Logs, request| {
        logs.put_retention_policy(&request.input)
    })
    .on_found(Logs::group_resource),
    Operation::now("DeleteRetentionPolicy", "logGroupName", |logs: &Logs, request| {
        logs.delete_retention_policy(&request.input)
    })
    .on_found(Logs::group_resource),
];

impl Logs {
    fn create_log_group(&self, input: &Input) -> Reply {
        let name = input.opt_str("logGroupName").ok_or_else(|| invalid("logGroupName must be set"))?;
        let class = GroupClass::read(input.opt_str("logGroupClass"));
        self.store().create_group(name, class, tags_of(input)?, self.hub.now())?;
        Ok(json!({}))
    }

    fn delete_log_group(&self, input: &Input) -> Reply {
        let name = Self::group_name(input)?;
        let mut store = self.store();
        store.group(name)?;
        store.groups.remove(name);
        Ok(json!({}))
    }

    fn describe_log_groups(&self, input: &Input) -> Reply {
        let (prefix, pattern) = (input.opt_str("logGroupNamePrefix"), input.opt_str("logGroupNamePattern"));
        if prefix.is_some() && pattern.is_some() {
            return Err(invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."));
        }
        let identifiers = input.strings("logGroupIdentifiers");
        if !identifiers.is_empty() && (prefix.is_some() || pattern.is_some()) {
            return Err(invalid("LogGroup identifiers cannot be combined with a name prefix or a name pattern."));
        }
        let class = input.opt_str("logGroupClass").map(|class| GroupClass::read(Some(class)));
        // The pattern is a part of the name, whatever its case.
        let pattern = pattern.map(str::to_lowercase);
        let wanted = |name: &str, group: &Group| {
            prefix.is_none_or(|prefix| name.starts_with(prefix))
                && pattern.as_ref().is_none_or(|pattern| name.to_lowercase().contains(pattern))
                && (identifiers.is_empty() || identifiers.iter().any(|it| name_in_arn(it) == name))
                && class.is_none_or(|class| class == group.class)
        };
        let store = self.store();
        let found = store.groups.iter().filter(|(name, group)| wanted(name, group));
        let groups: Vec<(String, Value)> =
            found.map(|(name, group)| (name.clone(), describe(&self.hub, name, group))).collect();
        page("logGroups", &groups, input)
    }

    fn put_retention_policy(&self, input: &Input) -> Reply {
        let days = input.opt_i64("retentionInDays").unwrap_or_default();
        if !RETENTION_DAYS.contains(&days) {
            let known = RETENTION_DAYS.map(|days| days.to_string()).join(", ");
            return Err(invalid(format!(
                "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [{known}]"
            )));
        }
        let mut store = self.store();
        let group = store.group_mut(Self::group_name(input)?)?;
        group.retention_days = Some(days);
        group.expire(self.hub.now());
        Ok(json!({}))
    }

    fn delete_retention_policy(&self, input: &Input) -> Reply {
        self.store().group_mut(Self::group_name(input)?)?.retention_days = None;
        Ok(json!({}))
    }
}

fn describe(hub: &Hub, name: &str, group: &Group) -> Value {
    let arn = hub.arn("logs", &format!("log-group:{name}"));
    let mut described = json!({
        "logGroupName": name,
        "creationTime": group.created.as_millis(),
        "metricFilterCount": group.metric_filters.len(),
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": group.streams.values().map(|stream| stream.stored_bytes).sum::<usize>(),
        "logGroupClass": group.class.as_str(),
        "deletionProtectionEnabled": false,
    });
    if let Some(days) = group.retention_days {
        described["retentionInDays"] = days.into();
    }
    described
}

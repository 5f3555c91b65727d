//! Tags on alarms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::core::{Input, Reply, ServiceError};

use super::values;

/// Tags by the ARN of what they are on.
#[derive(Debug, Default)]
pub(super) struct Tags(BTreeMap<String, BTreeMap<String, String>>);

impl Tags {
    /// Puts tags (`Key`, `Value`) on an ARN.
    pub(super) fn put(&mut self, arn: &str, tags: &[Value]) {
        let pairs = tags.iter().filter_map(|tag| {
            Some((tag["Key"].as_str()?.to_owned(), tag["Value"].as_str().unwrap_or_default().to_owned()))
        });
        self.0.entry(arn.to_owned()).or_default().extend(pairs);
    }

    /// Forgets the tags of an ARN.
    pub(super) fn forget(&mut self, arn: &str) {
        self.0.remove(arn);
    }

    /// `UntagResource`.
    pub(super) fn remove(&mut self, arn: &str, keys: &[String]) {
        if let Some(tags) = self.0.get_mut(arn) {
            tags.retain(|key, _| !keys.contains(key));
        }
    }

    /// `ListTagsForResource`.
    pub(super) fn list(&self, arn: &str) -> Value {
        let tags: Vec<Value> =
            self.0.get(arn).into_iter().flatten().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        json!({ "Tags": tags })
    }
}

/// The alarm that a request's `ResourceARN` names.
///
/// # Errors
/// `InvalidParameterValue` when it is not the ARN of an alarm.
pub(super) fn alarm_name(input: &Input) -> Result<(&str, &str), ServiceError> {
    let arn = input.opt_str("ResourceARN").ok_or_else(|| values::missing("ResourceARN"))?;
    let (_, name) = arn
        .split_once(":alarm:")
        .ok_or_else(|| values::invalid(format!("the local plane tags alarms alone, and {arn} is none")))?;
    Ok((arn, name))
}

/// An empty answer.
pub(super) fn done() -> Reply {
    Ok(json!({}))
}

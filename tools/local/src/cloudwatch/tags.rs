//! Tags on alarms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::core::{Input, Reply, ServiceError};

use super::values;

/// The most tags of a resource.
const MOST_TAGS: usize = 50;

/// Tags by the ARN of what they are on.
#[derive(Debug, Default)]
pub(super) struct Tags(BTreeMap<String, BTreeMap<String, String>>);

impl Tags {
    /// Puts tags on an ARN.
    ///
    /// # Errors
    /// `InvalidParameterValue` for more than a resource can have.
    pub(super) fn put(&mut self, arn: &str, tags: BTreeMap<String, String>) -> Result<(), ServiceError> {
        let held = self.0.entry(arn.to_owned()).or_default();
        let new = tags.keys().filter(|key| !held.contains_key(*key)).count();
        if held.len() + new > MOST_TAGS {
            return Err(values::invalid(format!("A resource can have no more than {MOST_TAGS} tags.")));
        }
        held.extend(tags);
        Ok(())
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

/// The `Tags` of an input.
///
/// # Errors
/// `InvalidParameterValue` for a key that AWS keeps for itself. Assumed: the code.
pub(super) fn read(input: &Input) -> Result<BTreeMap<String, String>, ServiceError> {
    let pair =
        |tag: &Value| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].as_str().unwrap_or_default().to_owned()));
    let tags: BTreeMap<String, String> = input.list("Tags").iter().filter_map(pair).collect();
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        Some(key) => Err(values::invalid(format!("The tag key {key} begins with aws:, which is reserved for AWS."))),
        None if tags.len() > MOST_TAGS => {
            Err(values::invalid(format!("A resource can have no more than {MOST_TAGS} tags.")))
        }
        None => Ok(tags),
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

//! Tags on alarms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::core::{Arn, Input, ServiceError};
use crate::operations::Operation;

use super::service::CloudWatch;
use super::values;

/// The most tags of a resource.
const MOST_TAGS: usize = 50;

/// Operations on the tags of alarms.
pub(super) const OPERATIONS: &[Operation<CloudWatch>] = &[
    // Of an alarm that does not exist there are no tags, as AWS answers; only a change is refused.
    Operation::now("ListTagsForResource", "ResourceARN", |it: &CloudWatch, request| {
        Ok(it.tags().list(alarm_name(&request.input)?.0))
    })
    .on("{ResourceARN}"),
    Operation::now("TagResource", "ResourceARN Tags", |it: &CloudWatch, request| {
        let arn = existing(it, &request.input)?;
        it.tags().put(arn, read(&request.input)?)?;
        Ok(json!({}))
    })
    .on("{ResourceARN}"),
    Operation::now("UntagResource", "ResourceARN TagKeys", |it: &CloudWatch, request| {
        let arn = existing(it, &request.input)?;
        it.tags().remove(arn, &request.input.strings("TagKeys"));
        Ok(json!({}))
    })
    .on("{ResourceARN}"),
];

fn existing<'a>(it: &CloudWatch, input: &'a Input) -> Result<&'a str, ServiceError> {
    let (arn, name) = alarm_name(input)?;
    if it.alarms.read(|engine| engine.get(name).is_some()) {
        return Ok(arn);
    }
    let error = ServiceError::new("ResourceNotFoundException", "").with_status(404);
    Err(error.with_member("ResourceType", "alarm").with_member("ResourceId", name))
}

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
/// `InvalidParameterValue` when it is no ARN.
fn alarm_name(input: &Input) -> Result<(&str, &str), ServiceError> {
    let arn = input.opt_str("ResourceARN").ok_or_else(|| values::missing("ResourceARN"))?;
    match arn.split_once(":alarm:") {
        Some((_, name)) => Ok((arn, name)),
        None if Arn::parse(arn).is_some() => {
            Err(ServiceError::not_implemented("monitoring", &format!("the tags of {arn}, which is no alarm")))
        }
        None => Err(values::invalid(format!("The value {arn} for parameter ResourceARN is invalid."))),
    }
}

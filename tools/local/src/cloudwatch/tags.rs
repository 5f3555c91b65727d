//! Tags on alarms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::state::CloudWatch;
use super::tag_set::MOST_TAGS;
use super::values;
use crate::core::{Arn, Input, ServiceError};
use crate::operations::Operation;

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

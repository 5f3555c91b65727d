//! Tags of rules and buses.

use serde_json::{Value, json};

use super::bus::no_rule;
use super::bus_name::{DEFAULT, no_bus};
use super::state::EventBridge;
use crate::core::{Arn, Input, Reply, ServiceError, tags};
use crate::operations::Operation;

/// The most tags of a rule or a bus.
const TAGS: usize = 50;

type Op = Operation<EventBridge>;

/// The operations on tags.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now("TagResource", "ResourceARN Tags{Key Value}", |events, request| {
        events.with_tags(&request.input, |tags| {
            *tags = set(tags, request.input.list("Tags"))?;
            Ok(Value::Null)
        })
    })
    .on("{ResourceARN}"),
    Op::now("UntagResource", "ResourceARN TagKeys", |events, request| {
        let keys = request.input.strings("TagKeys");
        events.with_tags(&request.input, |tags| {
            tags.retain(|tag| !keys.iter().any(|key| tag["Key"] == *key));
            Ok(Value::Null)
        })
    })
    .on("{ResourceARN}"),
    Op::now("ListTagsForResource", "ResourceARN", |events, request| {
        events.with_tags(&request.input, |tags| Ok(json!({ "Tags": tags })))
    })
    .on("{ResourceARN}"),
];

/// Tags with others set on them.
pub(super) fn set(tags: &[Value], new: &[Value]) -> Result<Vec<Value>, ServiceError> {
    let tags = tags::merged(tags, new);
    // Assumed: the text. The limit is that of every tagged resource.
    if tags.len() > TAGS {
        return Err(ServiceError::validation(format!("A resource can have at most {TAGS} tags.")));
    }
    Ok(tags)
}

impl EventBridge {
    fn with_tags(&self, input: &Input, act: impl FnOnce(&mut Vec<Value>) -> Reply) -> Reply {
        let text = input.str("ResourceARN")?;
        let arn = Arn::parse(text).filter(|arn| arn.service == "events");
        let Some(arn) = arn else {
            let message = format!("Parameter {text} is not valid. Reason: Provided Arn is not in correct format.");
            return Err(ServiceError::validation(message));
        };
        let mut buses = self.buses();
        if let Some(name) = arn.of_kind("event-bus") {
            return act(&mut buses.get_mut(name).ok_or_else(|| no_bus(name))?.tags);
        }
        let rule = arn.of_kind("rule").unwrap_or_default();
        let (bus, rule) = rule.split_once('/').unwrap_or((DEFAULT, rule));
        let missing = || no_rule(rule, bus);
        let found = buses.get_mut(bus).and_then(|bus| bus.rules.get_mut(rule));
        act(&mut found.ok_or_else(missing)?.tags)
    }
}

//! `LookupEvents`.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use std::sync::Arc;

use serde_json::{Value, json};

use super::event::Event;
use super::record;
use super::state::CloudTrail;
use crate::core::{Input, Page, PlaneIdentity, Reply, ServiceError};
use crate::operations::Operation;

/// The number of events of a page unless `MaxResults` says otherwise; also the most.
const PAGE: usize = 50;

pub(super) const OPERATIONS: &[Operation<Arc<CloudTrail>>] =
    &[Operation::now("LookupEvents", "LookupAttributes StartTime EndTime MaxResults NextToken", |trail, request| {
        lookup(trail, &request.input)
    })];

fn lookup(trail: &CloudTrail, input: &Input) -> Reply {
    let wanted = Wanted::read(input)?;
    let size = input.opt_i64("MaxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let history = trail.history();
    let found: Vec<(String, &Event)> =
        history.newest_first().filter(|event| wanted.takes(event)).map(|event| (descending(event), event)).collect();
    let keyed = found.iter().map(|(key, event)| (key.as_str(), *event));
    let page = Page::cut(keyed, input.opt_str("NextToken"), size, &wanted.scope)
        .map_err(|_| ServiceError::new("InvalidNextTokenException", "Invalid token."))?;
    let events: Vec<Value> = page.items.into_iter().map(|event| describe(event, &trail.hub.identity)).collect();
    Ok(json!({ "Events": events, "NextToken": page.next }))
}

/// A key that puts newer events first.
fn descending(event: &Event) -> String {
    format!("{:016x}", u64::MAX - event.number)
}

fn describe(event: &Event, place: &PlaneIdentity) -> Value {
    let resources: Vec<Value> = event.resources().map(|name| json!({ "ResourceName": name })).collect();
    json!({
        "EventId": event.id(), "EventName": event.name(), "ReadOnly": event.read_only.to_string(),
        "AccessKeyId": event.caller.access_key, "EventTime": event.at.epoch_seconds(), "EventSource": event.source(),
        "Username": event.user(), "Resources": resources, "CloudTrailEvent": record::of(event, place).to_string(),
    })
}

/// The conditions of a look-up.
struct Wanted {
    attribute: Option<(String, String)>,
    from: f64,
    until: f64,
    scope: String,
}

impl Wanted {
    fn read(input: &Input) -> Result<Self, ServiceError> {
        let attributes = input.list("LookupAttributes");
        if attributes.len() > 1 {
            let text = "You can only specify one attribute for lookup.";
            return Err(ServiceError::new("InvalidLookupAttributesException", text));
        }
        let attribute = attributes.first().cloned().map(Input::from);
        let attribute = attribute
            .map(|pair| {
                Ok::<_, ServiceError>((pair.str("AttributeKey")?.to_owned(), pair.str("AttributeValue")?.to_owned()))
            })
            .transpose()?;
        if attribute.as_ref().is_some_and(|(key, _)| key == "ResourceType") {
            return Err(ServiceError::not_implemented("cloudtrail", "LookupEvents by ResourceType"));
        }
        let from = input.opt_f64("StartTime").unwrap_or(f64::NEG_INFINITY);
        let until = input.opt_f64("EndTime").unwrap_or(f64::INFINITY);
        if from > until {
            let text = "The specified time range is invalid: the start time is after the end time.";
            return Err(ServiceError::new("InvalidTimeRangeException", text));
        }
        let scope = format!("LookupEvents {attribute:?} {from} {until}");
        Ok(Self { attribute, from, until, scope })
    }

    fn takes(&self, event: &Event) -> bool {
        let at = event.at.epoch_seconds();
        at >= self.from && at <= self.until && self.attribute.as_ref().is_none_or(|(key, value)| has(event, key, value))
    }
}

fn has(event: &Event, key: &str, value: &str) -> bool {
    match key {
        "EventId" => event.id() == value,
        "EventName" => event.name() == value,
        "ReadOnly" => event.read_only.to_string() == value,
        "Username" => event.user() == value,
        "EventSource" => event.source() == value,
        "AccessKeyId" => event.caller.access_key.as_deref() == Some(value),
        "ResourceName" => event.resources().any(|name| name == value),
        _ => false,
    }
}

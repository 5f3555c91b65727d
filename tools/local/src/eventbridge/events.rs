//! Events: putting them, and trying patterns on them.

use serde_json::{Value, json};

use super::bus_name::named;
use super::dispatch::route;
use super::envelope::envelope;
use super::rule;
use super::state::EventBridge;
use crate::core::{Hub, Input, Reply, Request, ServiceError, Timestamp};
use crate::operations::Operation;

/// The most bytes that the entries of one request may have together.
/// <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html>
const SIZE: usize = 1024 * 1024;
/// The bytes that an entry's time counts for.
const TIME_SIZE: usize = 14;

type Op = Operation<EventBridge>;

/// The operations on events.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now("PutEvents", "Entries{Time Source Resources DetailType Detail EventBusName}", |events, request| {
        events.put_events(&request.input, false)
    })
    .on_found(|events, input| {
        let identity = &events.hub.identity;
        let bus = |entry: &Value| {
            let name = named(identity, entry["EventBusName"].as_str()).unwrap_or("*");
            events.hub.arn("events", &format!("event-bus/{name}"))
        };
        input.list("Entries").iter().map(bus).collect()
    })
    .asking(|_, input| {
        let all = |member: &'static str| {
            input.list("Entries").iter().filter_map(move |entry| entry[member].as_str().map(str::to_owned))
        };
        vec![
            ("events:source".to_owned(), all("Source").collect()),
            ("events:detail-type".to_owned(), all("DetailType").collect()),
        ]
    }),
    Op::private("PutServiceEvents", |events, request| events.put_events(&request.input, true)),
    Op::now("TestEventPattern", "EventPattern Event", |_, request| test_pattern(request)),
];

impl EventBridge {
    /// Each entry succeeds or fails by itself. One for a bus that is not there succeeds, and nobody hears of it.
    fn put_events(&self, input: &Input, from_plane: bool) -> Reply {
        let entries = input.list("Entries");
        if entries.iter().map(size).sum::<usize>() > SIZE {
            let message = "Total size of the entries in the request is over the limit.";
            return Err(ServiceError::validation(message));
        }
        let results: Vec<Value> =
            entries.iter().map(|entry| self.put_event(&Input::from(entry.clone()), from_plane)).collect();
        let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
        Ok(json!({ "FailedEntryCount": failed, "Entries": results }))
    }

    fn put_event(&self, entry: &Input, from_plane: bool) -> Value {
        match event(&self.hub, entry, from_plane) {
            Ok(event) => {
                if let Ok(bus) = named(&self.hub.identity, entry.opt_str("EventBusName")) {
                    route(&self.hub, &self.buses, bus, &event);
                }
                json!({ "EventId": event["id"] })
            }
            Err(error) => json!({ "ErrorCode": error.code, "ErrorMessage": error.message }),
        }
    }
}

/// The bytes that an entry counts for.
fn size(entry: &Value) -> usize {
    let text = |value: &Value| value.as_str().map_or(0, str::len);
    let members = ["Source", "DetailType", "Detail"].iter().map(|member| text(&entry[*member]));
    let resources = entry["Resources"].as_array().into_iter().flatten().map(text);
    let time = if entry["Time"].is_null() { 0 } else { TIME_SIZE };
    members.chain(resources).sum::<usize>() + time
}

/// The whole event of one entry.
fn event(hub: &Hub, entry: &Input, from_plane: bool) -> Reply {
    let required = |member: &str| {
        entry.opt_str(member).filter(|text| !text.is_empty()).ok_or_else(|| {
            let message = format!("Parameter {member} is not valid. Reason: {member} is a required argument.");
            ServiceError::new("InvalidArgument", message)
        })
    };
    let (source, detail_type, detail) = (required("Source")?, required("DetailType")?, required("Detail")?);
    if source.starts_with("aws.") && !from_plane {
        return Err(ServiceError::new("NotAuthorizedForSourceException", "Not authorized for the source."));
    }
    let detail: Value = serde_json::from_str(detail)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| ServiceError::new("MalformedDetail", "Detail is malformed."))?;
    let time = entry.opt_f64("Time").map_or_else(|| hub.now(), seconds);
    Ok(envelope(hub, time, source, detail_type, &entry.strings("Resources"), detail))
}

fn seconds(seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date fit an i64")]
    Timestamp::from_millis((seconds * 1000.0) as i64)
}

/// An event has to be one: an object with the members that every event has.
fn test_pattern(request: &Request) -> Reply {
    let pattern = rule::parse(request.input.str("EventPattern")?)?;
    let event: Value = serde_json::from_str(request.input.str("Event")?).unwrap_or_default();
    let members = ["id", "account", "source", "time", "region", "detail-type"];
    if members.iter().any(|member| event.get(*member).is_none()) {
        return Err(ServiceError::validation("Parameter Event is not valid."));
    }
    Ok(json!({ "Result": pattern.matches(&event) }))
}

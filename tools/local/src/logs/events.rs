//! The operations that read events.

use serde_json::{Value, json};

use super::errors::invalid;
use super::log_event::{LogEvent, token};
use super::page::{cut, limit};
use super::pattern::FilterPattern;
use super::state::Logs;
use super::streams::stream_name;
use super::window::{TimeRange, Window, fitting};
use crate::core::{Input, Reply};
use crate::operations::Operation;

/// The events of a page.
const MOST_EVENTS: usize = 10_000;

/// Operations that read events. There are no protected data that `unmask` would show.
pub(super) const OPERATIONS: &[Operation<Logs>] = &[
    Operation::now("GetLogEvents", "*", |logs: &Logs, request| logs.get_log_events(&request.input))
        .on_found(Logs::stream_resource),
    Operation::now(
        "FilterLogEvents",
        "logGroupName logGroupIdentifier logStreamNames logStreamNamePrefix startTime endTime filterPattern nextToken limit interleaved unmask",
        |logs: &Logs, request| logs.filter_log_events(&request.input),
    )
    .on_found(Logs::group_resource),
];

impl Logs {
    fn get_log_events(&self, input: &Input) -> Reply {
        let limit = limit(input, MOST_EVENTS);
        let range = TimeRange::of(input, false);
        let store = self.store();
        let group = store.group(Self::group_name(input)?)?;
        group.standard("GetLogEvents")?;
        let stream = group.stream(stream_name(input)?)?;
        let events: Vec<&LogEvent> = stream.events.iter().filter(|event| range.has(event.timestamp)).collect();
        let window = Window::of(input, &events, limit)?;
        let page: Vec<Value> = events[window.from..window.to].iter().map(|event| output_event(event)).collect();
        let (forward, backward) = window.tokens(&events);
        Ok(json!({ "events": page, "nextForwardToken": forward, "nextBackwardToken": backward }))
    }

    fn filter_log_events(&self, input: &Input) -> Reply {
        let pattern = FilterPattern::parse(input.opt_str("filterPattern").unwrap_or_default())?;
        let range = TimeRange::of(input, true);
        let (names, prefix) = (input.strings("logStreamNames"), input.opt_str("logStreamNamePrefix"));
        if !names.is_empty() && prefix.is_some() {
            return Err(invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters."));
        }
        let store = self.store();
        let group = store.group(Self::group_name(input)?)?;
        group.standard("FilterLogEvents")?;
        names.iter().try_for_each(|name| group.stream(name).map(drop))?;
        let wanted = |name: &String| {
            (names.is_empty() || names.contains(name)) && prefix.is_none_or(|prefix| name.starts_with(prefix))
        };
        let mut found: Vec<(String, (&String, &LogEvent))> = group
            .streams
            .iter()
            .filter(|(name, _)| wanted(name))
            .flat_map(|(name, stream)| stream.events.iter().map(move |event| (name, event)))
            .filter(|(_, event)| range.has(event.timestamp) && pattern.matches(&event.message))
            .map(|(name, event)| (key(event), (name, event)))
            .collect();
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let most = cut(&found, input, limit(input, MOST_EVENTS))?;
        let fit = fitting(most.items.iter().map(|(_, event)| *event), most.items.len());
        let page = cut(&found, input, fit)?;
        let events: Vec<Value> = page.items.into_iter().map(filtered_event).collect();
        // AWS no longer tells the streams that were searched.
        let mut reply = json!({ "events": events, "searchedLogStreams": [] });
        if let Some(next) = page.next {
            reply["nextToken"] = next.into();
        }
        Ok(reply)
    }
}

/// An event's place among all: by its time, then by its arrival.
fn key(event: &LogEvent) -> String {
    format!("{:020}/{:020}", event.timestamp.as_millis().max(0), event.sequence)
}

fn output_event(event: &LogEvent) -> Value {
    json!({
        "timestamp": event.timestamp.as_millis(),
        "message": event.message,
        "ingestionTime": event.ingested.as_millis(),
    })
}

fn filtered_event((stream, event): &(&String, &LogEvent)) -> Value {
    let mut filtered = output_event(event);
    filtered["logStreamName"] = stream.as_str().into();
    filtered["eventId"] = token(event.sequence).into();
    filtered
}

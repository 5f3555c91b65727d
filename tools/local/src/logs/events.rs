//! Reading events.

use serde_json::{Value, json};

use super::page::{bad_token, limit, place};
use super::pattern::FilterPattern;
use super::service::Logs;
use super::store::{LogEvent, invalid, token};
use super::streams::stream_name;
use super::window::{TimeRange, Window, fitting};
use crate::core::{Input, Reply};

/// What each event counts beside its text.
pub(super) const EVENT_OVERHEAD: usize = 26;

impl Logs {
    pub(super) fn get_log_events(&self, input: &Input) -> Reply {
        let limit = limit(input, 10_000)?;
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

    pub(super) fn filter_log_events(&self, input: &Input) -> Reply {
        let pattern = FilterPattern::parse(input.opt_str("filterPattern").unwrap_or_default())?;
        let (limit, skip) = (limit(input, 10_000)?, place(input)?);
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
        let mut found: Vec<(&String, &LogEvent)> = group
            .streams
            .iter()
            .filter(|(name, _)| wanted(name))
            .flat_map(|(name, stream)| stream.events.iter().map(move |event| (name, event)))
            .filter(|(_, event)| range.has(event.timestamp) && pattern.matches(&event.message))
            .collect();
        if skip > found.len() {
            return Err(bad_token());
        }
        found.sort_by_key(|(_, event)| (event.timestamp, event.sequence));
        let end = skip + fitting(found[skip..].iter().map(|(_, event)| *event), limit);
        let events: Vec<Value> = found.iter().take(end).skip(skip).map(filtered_event).collect();
        // Which streams were searched is no longer told.
        let mut reply = json!({ "events": events, "searchedLogStreams": [] });
        if end < found.len() {
            reply["nextToken"] = end.to_string().into();
        }
        Ok(reply)
    }
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

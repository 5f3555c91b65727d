//! Writing and reading events.

use serde_json::{Value, json};

use super::embedded_metrics::{Data, embedded};
use super::filter::FilterPattern;
use super::groups::page_limit;
use super::service::Logs;
use super::store::{LogEvent, invalid};
use super::streams::{bad_token, stream_name};
use crate::core::{Input, Reply, ServiceError, Timestamp};

/// The most bytes and events that one `PutLogEvents` takes; each event counts 26 bytes more than its text.
const MAX_BATCH_BYTES: usize = 1_048_576;
const MAX_BATCH_EVENTS: usize = 10_000;
const EVENT_OVERHEAD: usize = 26;

impl Logs {
    /// Keeps the events, and hands the metrics that they carry to CloudWatch.
    pub(super) async fn take_log_events(&self, input: &Input, inside: bool) -> Reply {
        let reply = self.put_log_events(input, inside)?;
        let messages = input.list("logEvents").iter().filter_map(|event| event["message"].as_str());
        // What the plane's functions write has the machine's time, the metrics have the plane's.
        let timed = |at| if inside { self.hub.clock.at_real(at) } else { at };
        for Data { namespace, data } in messages.flat_map(|message| embedded(message, timed)) {
            let input = json!({ "Namespace": namespace, "MetricData": data });
            if let Err(error) = self.hub.call("monitoring", "PutMetricData", input).await {
                tracing::debug!(%error, namespace, "a line's metrics were not taken");
            }
        }
        Ok(reply)
    }

    fn put_log_events(&self, input: &Input, inside: bool) -> Reply {
        let (group, stream) = (Self::group_name(input)?, stream_name(input)?);
        let lines: Vec<(Timestamp, String)> = input.list("logEvents").iter().map(line).collect::<Result<_, _>>()?;
        let mut store = self.store();
        let now = self.hub.now();
        if inside {
            store.ensure(group, stream, now)?;
        } else {
            check_batch(&lines)?;
        }
        store.put(group, stream, lines, now)?;
        // Sequence tokens have no meaning any more; AWS still returns one.
        Ok(json!({ "nextSequenceToken": now.as_millis().to_string() }))
    }

    pub(super) fn get_log_events(&self, input: &Input) -> Reply {
        let limit = page_limit(input, 10_000)?;
        let range = TimeRange::of(input, false);
        let store = self.store();
        let stream = store.group(Self::group_name(input)?)?.stream(stream_name(input)?)?;
        let events: Vec<&LogEvent> = stream.events.iter().filter(|event| range.has(event.timestamp)).collect();
        let window = Window::of(input, &events, limit)?;
        let page: Vec<Value> = events[window.from..window.to].iter().map(|event| output_event(event)).collect();
        let token = |letter: char, position: usize| match events.get(position).or(events.last()) {
            // The token names the place between two events, so that it holds while events are added.
            Some(event) if position < events.len() => format!("{letter}/{}", event.sequence),
            Some(event) => format!("{letter}/{}+", event.sequence),
            None => format!("{letter}/0"),
        };
        Ok(json!({
            "events": page,
            "nextForwardToken": token('f', window.to),
            "nextBackwardToken": token('b', window.from),
        }))
    }

    pub(super) fn filter_log_events(&self, input: &Input) -> Reply {
        let pattern = FilterPattern::parse(input.opt_str("filterPattern").unwrap_or_default())?;
        let limit = page_limit(input, 10_000)?;
        let range = TimeRange::of(input, true);
        let skip: usize = input.opt_str("nextToken").map_or(Ok(0), str::parse).map_err(|_| bad_token())?;
        let (names, prefix) = (input.strings("logStreamNames"), input.opt_str("logStreamNamePrefix"));
        let store = self.store();
        let group = store.group(Self::group_name(input)?)?;
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
        found.sort_by_key(|(_, event)| (event.timestamp, event.sequence));
        let more = found.len() > skip + limit;
        let events: Vec<Value> = found.into_iter().skip(skip).take(limit).map(filtered_event).collect();
        let mut reply = json!({ "events": events, "searchedLogStreams": [] });
        if more {
            reply["nextToken"] = (skip + limit).to_string().into();
        }
        Ok(reply)
    }
}

/// The positions of one page of `GetLogEvents`.
struct Window {
    from: usize,
    to: usize,
}

impl Window {
    fn of(input: &Input, events: &[&LogEvent], limit: usize) -> Result<Self, ServiceError> {
        let at = |position: &str| -> Result<usize, ServiceError> {
            let (number, past) = position.strip_suffix('+').map_or((position, false), |number| (number, true));
            let sequence: u64 = number.parse().map_err(|_| bad_token())?;
            let place = events.iter().position(|event| event.sequence == sequence);
            Ok(place.map_or(if past { events.len() } else { 0 }, |place| place + usize::from(past)))
        };
        match input.opt_str("nextToken").map(|token| token.split_at_checked(2).ok_or_else(bad_token)).transpose()? {
            Some(("f/", position)) => {
                let from = at(position)?;
                Ok(Self { from, to: events.len().min(from + limit) })
            }
            Some(("b/", position)) => {
                let to = at(position)?;
                Ok(Self { from: to.saturating_sub(limit), to })
            }
            Some(_) => Err(bad_token()),
            None if input.opt_bool("startFromHead") == Some(true) => Ok(Self { from: 0, to: events.len().min(limit) }),
            None => Ok(Self { from: events.len().saturating_sub(limit), to: events.len() }),
        }
    }
}

/// `startTime` is included; `endTime` is included by `FilterLogEvents` and left out by `GetLogEvents`.
struct TimeRange {
    start: i64,
    last: i64,
}

impl TimeRange {
    fn of(input: &Input, end_included: bool) -> Self {
        let end = input.opt_i64("endTime").unwrap_or(i64::MAX);
        Self {
            start: input.opt_i64("startTime").unwrap_or(i64::MIN),
            last: if end_included { end } else { end.saturating_sub(1) },
        }
    }

    fn has(&self, at: Timestamp) -> bool {
        (self.start..=self.last).contains(&at.as_millis())
    }
}

fn line(event: &Value) -> Result<(Timestamp, String), ServiceError> {
    let at = event["timestamp"].as_i64().ok_or_else(|| invalid("a log event needs a timestamp"))?;
    let message = event["message"].as_str().ok_or_else(|| invalid("a log event needs a message"))?;
    Ok((Timestamp::from_millis(at), message.to_owned()))
}

fn check_batch(lines: &[(Timestamp, String)]) -> Result<(), ServiceError> {
    let bytes: usize = lines.iter().map(|(_, message)| message.len() + EVENT_OVERHEAD).sum();
    if lines.is_empty() || lines.len() > MAX_BATCH_EVENTS {
        return Err(invalid(format!("a batch holds 1 to {MAX_BATCH_EVENTS} log events")));
    }
    if bytes > MAX_BATCH_BYTES {
        return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MAX_BATCH_BYTES}")));
    }
    if lines.iter().any(|(_, message)| message.is_empty()) {
        return Err(invalid("Log event message must not be empty."));
    }
    if !lines.is_sorted_by_key(|(at, _)| *at) {
        return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
    }
    Ok(())
}

fn output_event(event: &LogEvent) -> Value {
    json!({
        "timestamp": event.timestamp.as_millis(),
        "message": event.message,
        "ingestionTime": event.ingested.as_millis(),
    })
}

fn filtered_event((stream, event): (&String, &LogEvent)) -> Value {
    let mut filtered = output_event(event);
    filtered["logStreamName"] = stream.as_str().into();
    filtered["eventId"] = format!("{:056}", event.sequence).into();
    filtered
}

//! Taking events: what a batch may be, which events are refused, and what the kept ones set off.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::embedded_metrics::{Data, embedded};
use super::errors::invalid;
use super::log_event::{EVENT_OVERHEAD, LogEvent, token};
use super::state::Logs;
use super::streams::stream_name;
use crate::core::{Input, Reply, ServiceError, Timestamp};
use crate::operations::Operation;

/// The most bytes that one `PutLogEvents` takes.
const MAX_BATCH_BYTES: usize = 1_048_576;
const DAY: Duration = Duration::from_secs(86_400);
/// Events are taken for two weeks, and two hours before their time.
const OLDEST: Duration = Duration::from_secs(14 * 86_400);
const NEWEST: Duration = Duration::from_secs(2 * 3600);

type Line = (Timestamp, String);

/// Operations that bring events. The plane's own services have a door that makes the group and the stream as it goes.
pub(super) const OPERATIONS: &[Operation<Logs>] = &[
    Operation::later("PutLogEvents", "logGroupName logStreamName logEvents sequenceToken", |logs: &Logs, request| {
        Box::pin(logs.take_log_events(&request.input, request.caller.is_plane()))
    })
    .on_found(Logs::stream_resource),
    Operation::private_later("AppendLogEvents", |logs: &Logs, request| {
        Box::pin(logs.take_log_events(&request.input, true))
    }),
];

impl Logs {
    /// Keeps the events, and hands what they set off to other services.
    async fn take_log_events(&self, input: &Input, inside: bool) -> Reply {
        let (group, stream) = (Self::group_name(input)?, stream_name(input)?);
        let lines: Vec<Line> = input.list("logEvents").iter().map(line).collect::<Result<_, _>>()?;
        let (kept, rejected) = self.keep(group, stream, lines, inside)?;
        // Lines of the plane's functions have the machine's time, the metrics have the plane's.
        let timed = |at| if inside { self.hub.clock.at_real(at) } else { at };
        for Data { namespace, data } in kept.iter().flat_map(|event| embedded(&event.message, timed)) {
            self.put_metrics(&namespace, data).await;
        }
        self.count(group, &kept).await;
        self.hand_on(group, stream, &kept).await;
        // Sequence tokens have no meaning any more; AWS still returns one.
        let mut reply = json!({ "nextSequenceToken": token(self.hub.now().as_millis().unsigned_abs()) });
        if !rejected.is_empty() {
            reply["rejectedLogEventsInfo"] = rejected.into();
        }
        Ok(reply)
    }

    /// Keeps what can be kept, and says where the rest is in the batch.
    fn keep(
        &self,
        group: &str,
        stream: &str,
        mut lines: Vec<Line>,
        inside: bool,
    ) -> Result<(Vec<LogEvent>, Map<String, Value>), ServiceError> {
        let (mut store, now) = (self.store(), self.hub.now());
        let mut rejected = Map::new();
        if inside {
            store.ensure(group, stream, now)?;
        } else {
            check_batch(&lines)?;
            store.group(group)?.stream(stream)?;
            let retention = store.group(group)?.retention();
            rejected = reject(&mut lines, retention, now);
        }
        Ok((store.put(group, stream, &lines, now)?, rejected))
    }

    /// Hands data to CloudWatch, which may refuse them; the lines are kept all the same.
    pub(super) async fn put_metrics(&self, namespace: &str, data: Vec<Value>) {
        let input = json!({ "Namespace": namespace, "MetricData": data });
        if let Err(error) = self.hub.call("monitoring", "PutMetricData", input).await {
            tracing::debug!(%error, namespace, "a line's metrics were not taken");
        }
    }
}

fn line(event: &Value) -> Result<Line, ServiceError> {
    let at = event["timestamp"].as_i64().ok_or_else(|| invalid("a log event needs a timestamp"))?;
    let message = event["message"].as_str().ok_or_else(|| invalid("a log event needs a message"))?;
    Ok((Timestamp::from_millis(at), message.to_owned()))
}

fn check_batch(lines: &[Line]) -> Result<(), ServiceError> {
    let sizes = || lines.iter().map(|(_, message)| message.len() + EVENT_OVERHEAD);
    let bytes: usize = sizes().sum();
    if let Some(large) = sizes().find(|size| *size > MAX_BATCH_BYTES) {
        return Err(invalid(format!("Log event too large: {large} bytes exceeds limit of {MAX_BATCH_BYTES}")));
    }
    if bytes > MAX_BATCH_BYTES {
        return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MAX_BATCH_BYTES}")));
    }
    if !lines.is_sorted_by_key(|(at, _)| *at) {
        return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
    }
    if let (Some((first, _)), Some((last, _))) = (lines.first(), lines.last())
        && last.since(*first) > DAY
    {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    Ok(())
}

/// Takes the events out that are too old, expired or too new, and answers where they were: the ends of the old ones,
/// which are exclusive, and the start of the new ones, which is inclusive.
fn reject(lines: &mut Vec<Line>, retention: Option<Duration>, now: Timestamp) -> Map<String, Value> {
    let before = |limit: Timestamp| lines.partition_point(|(at, _)| *at < limit);
    let too_old = before(now - OLDEST);
    let expired = retention.map_or(0, |retention| before(now - retention));
    let too_new = lines.partition_point(|(at, _)| *at <= now + NEWEST);
    let mut rejected = Map::new();
    if too_old > 0 {
        rejected.insert("tooOldLogEventEndIndex".to_owned(), too_old.into());
    }
    if expired > too_old {
        rejected.insert("expiredLogEventEndIndex".to_owned(), expired.into());
    }
    if too_new < lines.len() {
        rejected.insert("tooNewLogEventStartIndex".to_owned(), too_new.into());
    }
    lines.truncate(too_new);
    lines.drain(..too_old.max(expired).min(lines.len()));
    rejected
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test_case(&[0], None, &[], 1; "now")]
    #[test_case(&[-15 * 24 * HOUR], None, &[("tooOldLogEventEndIndex", 1)], 0; "two weeks ago")]
    #[test_case(&[3 * HOUR], None, &[("tooNewLogEventStartIndex", 0)], 0; "in three hours")]
    #[test_case(&[-10 * HOUR, -1, 0, 3 * HOUR], None, &[("tooNewLogEventStartIndex", 3)], 3; "the last one alone")]
    #[test_case(&[-30 * HOUR, -20 * HOUR], Some(1), &[("expiredLogEventEndIndex", 1)], 1; "older than the retention")]
    #[test_case(&[-14 * 24 * HOUR - 1, -14 * 24 * HOUR + HOUR], None, &[("tooOldLogEventEndIndex", 1)], 1; "one of two")]
    fn events_outside_their_time_are_told_by_their_places(
        hours: &[i64],
        days: Option<u32>,
        expected: &[(&str, u64)],
        kept: usize,
    ) {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let at = |offset: &i64| (Timestamp::from_millis(now.as_millis() + offset), "m".to_owned());
        let mut lines: Vec<Line> = hours.iter().map(at).collect();
        let rejected = reject(&mut lines, days.map(|days| DAY * days), now);
        let found: Vec<(&str, u64)> = rejected.iter().map(|(name, it)| (name.as_str(), it.as_u64().unwrap())).collect();
        assert_eq!((found.as_slice(), lines.len()), (expected, kept));
    }

    #[test_case(vec![(0, 1_048_550)], ""; "the largest event")]
    #[test_case(vec![(0, 1_048_551)], "Log event too large: 1048577 bytes exceeds limit of 1048576"; "an event too large")]
    #[test_case(vec![(0, 600_000), (0, 600_000)], "Upload too large: 1200052 bytes exceeds limit of 1048576"; "a batch too large")]
    #[test_case(vec![(1, 1), (0, 1)], "Log events in a single PutLogEvents request must be in chronological order."; "out of order")]
    #[test_case(vec![(0, 1), (24 * HOUR + 1, 1)], "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."; "more than a day")]
    fn a_batch_has_limits(lines: Vec<(i64, usize)>, message: &str) {
        let lines: Vec<Line> =
            lines.into_iter().map(|(at, length)| (Timestamp::from_millis(at), "x".repeat(length))).collect();
        assert_eq!(check_batch(&lines).err().map(|error| error.message).unwrap_or_default(), message);
    }
}

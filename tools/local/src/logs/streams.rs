//! Operations on streams.

use serde_json::{Value, json};

use super::errors::{invalid, not_found};
use super::log_event;
use super::page::page;
use super::state::Logs;
use super::store::Stream;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

/// Operations on streams.
pub(super) const OPERATIONS: &[Operation<Logs>] = &[
    Operation::now("CreateLogStream", "logGroupName logStreamName", |logs: &Logs, request| {
        logs.create_log_stream(&request.input)
    })
    .on_found(Logs::stream_resource),
    Operation::now("DeleteLogStream", "logGroupName logStreamName", |logs: &Logs, request| {
        logs.delete_log_stream(&request.input)
    })
    .on_found(Logs::stream_resource),
    Operation::now("DescribeLogStreams", "*", |logs: &Logs, request| logs.describe_log_streams(&request.input))
        .on_found(Logs::group_resource),
];

impl Logs {
    fn create_log_stream(&self, input: &Input) -> Reply {
        self.store().create_stream(Self::group_name(input)?, stream_name(input)?, self.hub.now())?;
        Ok(json!({}))
    }

    fn delete_log_stream(&self, input: &Input) -> Reply {
        let mut store = self.store();
        let group = store.group_mut(Self::group_name(input)?)?;
        group.streams.remove(stream_name(input)?).ok_or_else(|| not_found("stream"))?;
        Ok(json!({}))
    }

    fn describe_log_streams(&self, input: &Input) -> Reply {
        let group_name = Self::group_name(input)?;
        let prefix = input.opt_str("logStreamNamePrefix").unwrap_or_default();
        let by_time = input.opt_str("orderBy") == Some("LastEventTime");
        if by_time && !prefix.is_empty() {
            return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        let store = self.store();
        let mut streams: Vec<(&String, &Stream)> =
            store.group(group_name)?.streams.iter().filter(|(name, _)| name.starts_with(prefix)).collect();
        if by_time {
            streams.sort_by_key(|(_, stream)| stream.events.last().map(|event| event.timestamp));
        }
        if input.opt_bool("descending") == Some(true) {
            streams.reverse();
        }
        let place = |(place, (name, stream)): (usize, (&String, &Stream))| {
            (format!("{place:010}"), self.describe_stream(group_name, name, stream))
        };
        let streams: Vec<(String, Value)> = streams.into_iter().enumerate().map(place).collect();
        page("logStreams", &streams, input)
    }

    fn describe_stream(&self, group: &str, name: &str, stream: &Stream) -> Value {
        let mut described = json!({
            "logStreamName": name,
            "creationTime": stream.created.as_millis(),
            "arn": self.hub.arn("logs", &format!("log-group:{group}:log-stream:{name}")),
            // Since 2019 only groups are measured.
            "storedBytes": 0,
        });
        if let (Some(first), Some(last)) = (stream.events.first(), stream.events.last()) {
            described["firstEventTimestamp"] = first.timestamp.as_millis().into();
            described["lastEventTimestamp"] = last.timestamp.as_millis().into();
        }
        if let Some(at) = stream.last_ingestion {
            described["lastIngestionTime"] = at.as_millis().into();
            described["uploadSequenceToken"] = log_event::token(at.as_millis().unsigned_abs()).into();
        }
        described
    }
}

/// The stream that an input names.
pub(super) fn stream_name(input: &Input) -> Result<&str, ServiceError> {
    input.opt_str("logStreamName").ok_or_else(|| invalid("logStreamName must be set"))
}

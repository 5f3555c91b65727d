//! Operations on streams.

use serde_json::{Value, json};

use super::groups::page_limit;
use super::service::Logs;
use super::store::{Stream, invalid, not_found};
use crate::core::{Input, Reply, ServiceError};

impl Logs {
    pub(super) fn create_log_stream(&self, input: &Input) -> Reply {
        self.store().create_stream(Self::group_name(input)?, stream_name(input)?, self.hub.now())?;
        Ok(json!({}))
    }

    pub(super) fn delete_log_stream(&self, input: &Input) -> Reply {
        let mut store = self.store();
        let group = store.group_mut(Self::group_name(input)?)?;
        group.streams.remove(stream_name(input)?).ok_or_else(|| not_found("stream"))?;
        Ok(json!({}))
    }

    pub(super) fn describe_log_streams(&self, input: &Input) -> Reply {
        let group_name = Self::group_name(input)?;
        let prefix = input.opt_str("logStreamNamePrefix").unwrap_or_default();
        let by_time = input.opt_str("orderBy") == Some("LastEventTime");
        if by_time && !prefix.is_empty() {
            return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
        }
        let limit = page_limit(input, 50)?;
        let skip: usize = input.opt_str("nextToken").map_or(Ok(0), str::parse).map_err(|_| bad_token())?;
        let store = self.store();
        let mut streams: Vec<(&String, &Stream)> =
            store.group(group_name)?.streams.iter().filter(|(name, _)| name.starts_with(prefix)).collect();
        if by_time {
            streams.sort_by_key(|(_, stream)| stream.events.last().map(|event| event.timestamp));
        }
        if input.opt_bool("descending") == Some(true) {
            streams.reverse();
        }
        let total = streams.len();
        let page: Vec<Value> = streams
            .into_iter()
            .skip(skip)
            .take(limit)
            .map(|(name, stream)| self.describe_stream(group_name, name, stream))
            .collect();
        let mut reply = json!({ "logStreams": page });
        if skip + limit < total {
            reply["nextToken"] = (skip + limit).to_string().into();
        }
        Ok(reply)
    }

    fn describe_stream(&self, group: &str, name: &str, stream: &Stream) -> Value {
        let mut described = json!({
            "logStreamName": name,
            "creationTime": stream.created.as_millis(),
            "arn": self.hub.arn("logs", &format!("log-group:{group}:log-stream:{name}")),
            "storedBytes": stream.stored_bytes,
        });
        if let (Some(first), Some(last)) = (stream.events.first(), stream.events.last()) {
            described["firstEventTimestamp"] = first.timestamp.as_millis().into();
            described["lastEventTimestamp"] = last.timestamp.as_millis().into();
        }
        if let Some(at) = stream.last_ingestion {
            described["lastIngestionTime"] = at.as_millis().into();
        }
        described
    }
}

/// The stream that an input names.
pub(super) fn stream_name(input: &Input) -> Result<&str, ServiceError> {
    input.opt_str("logStreamName").ok_or_else(|| invalid("logStreamName must be set"))
}

/// A page token that this plane did not make.
pub(super) fn bad_token() -> ServiceError {
    invalid("The specified nextToken is invalid.")
}

//! Streams: their life, and where their readers are.
//!
//! A stream has one shard, and everything that happened while it was enabled is in it. It can be read for a day after it
//! was disabled or its table was deleted.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::settings::{STREAM_RETENTION, Stream};
use super::state::{DynamoDb, act};
use super::store::Tables;
use super::{records, resources};
use crate::core::{Reply, ServiceError, Timestamp};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Arc<DynamoDb>>] = &[
    Operation::later("DescribeStream", "StreamArn Limit ExclusiveStartShardId", |state, request| {
        act(state, request, |tables, _, input| tables.describe_stream(&input))
    })
    .on("{StreamArn}"),
    Operation::later("GetRecords", "*", |state, request| {
        act(state, request, |tables, _, input| tables.get_records(&input))
    })
    .on_found(resources::of_iterator),
    Operation::later(
        "GetShardIterator",
        "StreamArn ShardId SequenceNumber ShardIteratorType=TRIM_HORIZON|LATEST|AT_SEQUENCE_NUMBER|AFTER_SEQUENCE_NUMBER",
        |state, request| act(state, request, |tables, _, input| tables.get_shard_iterator(&input)),
    )
    .on("{StreamArn}"),
    Operation::later("ListStreams", "*", |state, request| {
        act(state, request, |tables, _, input| tables.list_streams(&input))
    }),
];

/// The lifetime of an iterator.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html>
const ITERATOR_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The most streams of a page, and the most changes that one call reads.
const MOST_STREAMS: usize = 100;
const MOST_RECORDS: usize = 1000;

/// The place of a reader: after a change of a stream.
#[derive(Debug, Deserialize, Serialize)]
struct Place {
    table: String,
    label: String,
    after: i64,
    issued: Timestamp,
}

impl Tables {
    /// Begins a stream of a table.
    pub(super) fn begin_stream(&mut self, table: &str, view: String, key_schema: Value) -> Result<(), ServiceError> {
        let created = self.now();
        let mut dated = created;
        let mut label = label_at(dated);
        while self.stream_named(table, &label).is_some() {
            dated = dated + Duration::from_millis(1);
            label = label_at(dated);
        }
        let first = self.library.last_change(table)?;
        let table_name = table.to_owned();
        let stream = Stream {
            table: table_name,
            label: label.clone(),
            view,
            key_schema,
            created,
            ended: None,
            first,
            last: None,
        };
        self.settings.forget_streams(created);
        self.settings.streams.push(stream);
        self.settings.change(table, |kept| kept.latest_stream = Some(label))
    }

    /// Ends the stream of a table, if it has one.
    pub(super) fn end_stream(&mut self, table: &str) -> Result<(), ServiceError> {
        let (now, last) = (self.now(), self.library.last_change(table)?);
        let running = self.settings.streams.iter_mut().filter(|stream| stream.table == table && stream.ended.is_none());
        for stream in running {
            (stream.ended, stream.last) = (Some(now), Some(last));
        }
        self.settings.forget_streams(now);
        self.settings.save()
    }

    /// A table's stream by its label.
    pub(super) fn stream_named(&self, table: &str, label: &str) -> Option<&Stream> {
        self.settings.streams.iter().find(|stream| stream.table == table && stream.label == label)
    }

    /// The ARN of a stream.
    pub(super) fn stream_arn(&self, stream: &Stream) -> String {
        self.names.arn(&format!("table/{}/stream/{}", stream.table, stream.label))
    }

    fn list_streams(&mut self, input: &Value) -> Reply {
        let now = self.now();
        self.settings.forget_streams(now);
        let table = input.get("TableName").and_then(Value::as_str);
        let start = input.get("ExclusiveStartStreamArn").and_then(Value::as_str);
        let limit = whole(input, "Limit", MOST_STREAMS)?;
        let mut streams: Vec<&Stream> = self.settings.streams.iter().collect();
        streams.retain(|stream| table.is_none_or(|table| table == stream.table));
        if let Some(start) = start {
            let place = streams.iter().position(|stream| self.stream_arn(stream) == start);
            streams = place.map_or_else(Vec::new, |place| streams.split_off(place + 1));
        }
        let more = streams.len() > limit;
        streams.truncate(limit);
        let told = |stream: &&Stream| json!({ "StreamArn": self.stream_arn(stream), "TableName": stream.table, "StreamLabel": stream.label });
        let mut reply = json!({ "Streams": streams.iter().map(told).collect::<Vec<_>>() });
        if let Some(last) = streams.last().filter(|_| more) {
            reply["LastEvaluatedStreamArn"] = json!(self.stream_arn(last));
        }
        Ok(reply)
    }

    fn describe_stream(&self, input: &Value) -> Reply {
        let stream = self.stream(input)?;
        let mut range = json!({ "StartingSequenceNumber": records::sequence_number(stream.first + 1) });
        if let Some(last) = stream.last {
            range["EndingSequenceNumber"] = json!(records::sequence_number(last.max(stream.first + 1)));
        }
        let shard = json!({ "ShardId": shard_id(stream), "SequenceNumberRange": range });
        let after = input.get("ExclusiveStartShardId").and_then(Value::as_str);
        let shards = if after == Some(shard_id(stream).as_str()) { json!([]) } else { json!([shard]) };
        Ok(json!({ "StreamDescription": {
            "StreamArn": self.stream_arn(stream), "StreamLabel": stream.label, "StreamViewType": stream.view,
            "StreamStatus": if stream.ended.is_some() { "DISABLED" } else { "ENABLED" },
            "CreationRequestDateTime": stream.created.epoch_seconds(), "TableName": stream.table,
            "KeySchema": stream.key_schema, "Shards": shards,
        } }))
    }

    fn get_shard_iterator(&self, input: &Value) -> Reply {
        let stream = self.stream(input)?;
        let shard = input.get("ShardId").and_then(Value::as_str).unwrap_or_default();
        if shard != shard_id(stream) {
            let message = format!("Requested resource not found: Shard does not exist: {shard}");
            return Err(ServiceError::new("ResourceNotFoundException", message));
        }
        let after = self.place_asked_for(stream, input)?;
        Ok(json!({ "ShardIterator": self.iterator(stream, after) }))
    }

    fn place_asked_for(&self, stream: &Stream, input: &Value) -> Result<i64, ServiceError> {
        let kind = input.get("ShardIteratorType").and_then(Value::as_str).unwrap_or_default();
        let number = input.get("SequenceNumber").and_then(Value::as_str);
        match (kind, number) {
            ("TRIM_HORIZON" | "LATEST", Some(_)) => Err(ServiceError::validation(
                "One or more parameter values were invalid: SequenceNumber should not be passed for this iterator type",
            )),
            ("TRIM_HORIZON", None) => Ok(stream.first),
            ("LATEST", None) => stream.last.map_or_else(|| self.library.last_change(&stream.table), Ok),
            ("AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER", None) => Err(ServiceError::validation(
                "One or more parameter values were invalid: SequenceNumber cannot be null",
            )),
            ("AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER", Some(number)) => {
                let position = records::position(number).filter(|position| *position > stream.first);
                let invalid = || ServiceError::validation("Invalid SequenceNumber for the shard");
                Ok(position.ok_or_else(invalid)? - i64::from(kind == "AT_SEQUENCE_NUMBER"))
            }
            // The model has let no other kind through.
            _ => Ok(stream.first),
        }
    }

    fn get_records(&self, input: &Value) -> Reply {
        let iterator = input.get("ShardIterator").and_then(Value::as_str).unwrap_or_default();
        let limit = whole(input, "Limit", MOST_RECORDS)?;
        let place = place(iterator).ok_or_else(|| ServiceError::validation("Invalid ShardIterator"))?;
        if self.now().since(place.issued) > ITERATOR_LIFETIME {
            return Err(ServiceError::new("ExpiredIteratorException", "Iterator expired. The iterator was too old."));
        }
        let Some(stream) = self.stream_named(&place.table, &place.label) else {
            let message = format!("Requested resource not found: Stream of table {} not found", place.table);
            return Err(ServiceError::new("ResourceNotFoundException", message));
        };
        let mut after = place.after;
        let mut told = Vec::new();
        for change in self.library.changes(&stream.table, after, limit)? {
            let position = change.sequence_number.parse().unwrap_or(after);
            if stream.last.is_some_and(|last| position > last) {
                break;
            }
            after = position;
            let age = self.now().since(Timestamp::from_millis(change.created_at * 1000));
            if age < STREAM_RETENTION {
                told.extend(records::record(stream, self.names.region(), &change, position));
            }
        }
        let mut reply = json!({ "Records": told });
        if stream.last.is_none_or(|last| after < last) {
            reply["NextShardIterator"] = json!(self.iterator(stream, after));
        }
        Ok(reply)
    }

    fn iterator(&self, stream: &Stream, after: i64) -> String {
        let place = Place { table: stream.table.clone(), label: stream.label.clone(), after, issued: self.now() };
        let place = serde_json::to_vec(&place).unwrap_or_default();
        format!("{}|1|{}", self.stream_arn(stream), STANDARD.encode(place))
    }

    /// The stream that a request names.
    fn stream(&self, input: &Value) -> Result<&Stream, ServiceError> {
        let arn = input.get("StreamArn").and_then(Value::as_str).unwrap_or_default();
        let resource = arn.strip_prefix(&self.names.arn("table/"));
        let named = resource.and_then(|resource| resource.split_once("/stream/"));
        let Some((table, label)) = named else {
            return Err(ServiceError::validation(format!("Invalid StreamArn: {arn}")));
        };
        self.stream_named(table, label).ok_or_else(|| {
            let message = format!("Requested resource not found: Stream: {arn} not found");
            ServiceError::new("ResourceNotFoundException", message)
        })
    }
}

/// A stream's label: the time at which it was enabled.
fn label_at(at: Timestamp) -> String {
    at.iso8601().trim_end_matches('Z').to_owned()
}

/// The identifier of the one shard of a stream, as AWS makes them.
fn shard_id(stream: &Stream) -> String {
    let digest = Sha256::digest(format!("{}/{}", stream.table, stream.label));
    format!("shardId-{:020}-{}", stream.created.as_millis(), hex::encode(&digest[..4]))
}

fn place(iterator: &str) -> Option<Place> {
    let encoded = iterator.rsplit('|').next()?;
    serde_json::from_slice(&STANDARD.decode(encoded).ok()?).ok()
}

/// A number of a page's parts: as many as AWS gives when nobody asks, and never more.
fn whole(input: &Value, member: &str, most: usize) -> Result<usize, ServiceError> {
    let Some(asked) = input.get(member).and_then(Value::as_i64) else { return Ok(most) };
    let bound = match usize::try_from(asked) {
        Ok(asked) if (1..=most).contains(&asked) => return Ok(asked),
        Ok(asked) if asked > most => format!("less than or equal to {most}"),
        _ => "greater than or equal to 1".to_owned(),
    };
    Err(ServiceError::validation(format!(
        "1 validation error detected: Value '{asked}' at 'limit' failed to satisfy constraint: Member must have value {bound}"
    )))
}

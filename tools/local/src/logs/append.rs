//! The door for the plane's own services.

use serde_json::{Value, json};

use crate::core::{Hub, ServiceError, Timestamp};

/// Appends lines to a stream and makes the group and the stream when they are missing. An empty batch is nothing.
///
/// # Errors
/// When the plane has no CloudWatch Logs.
pub async fn append(hub: &Hub, group: &str, stream: &str, lines: Vec<(Timestamp, String)>) -> Result<(), ServiceError> {
    if lines.is_empty() {
        return Ok(());
    }
    let events: Vec<Value> =
        lines.into_iter().map(|(at, message)| json!({ "timestamp": at.as_millis(), "message": message })).collect();
    let input = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
    hub.call("logs", "AppendLogEvents", input).await.map(drop)
}

//! The door for the plane's own services.

use serde_json::{Value, json};

use crate::core::{Caller, Hub, Question, ServiceError, Timestamp};

/// Appends lines to a stream and makes the group and the stream when they are missing. An empty batch is nothing.
///
/// # Errors
/// Fails if the plane has no CloudWatch Logs.
pub async fn append(hub: &Hub, group: &str, stream: &str, lines: Vec<(Timestamp, String)>) -> Result<(), ServiceError> {
    if lines.is_empty() {
        return Ok(());
    }
    let events: Vec<Value> =
        lines.into_iter().map(|(at, message)| json!({ "timestamp": at.as_millis(), "message": message })).collect();
    let input = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": events });
    hub.call("logs", "AppendLogEvents", input).await.map(drop)
}

/// Checks that somebody may write to a stream: they need `logs:CreateLogStream` and `logs:PutLogEvents`, and
/// `logs:CreateLogGroup` where there is no such group yet.
///
/// # Errors
/// The denial.
pub async fn may_append(hub: &Hub, caller: &Caller, group: &str, stream: &str) -> Result<(), ServiceError> {
    let Some(authority) = hub.authority() else { return Ok(()) };
    let whole = hub.arn("logs", &format!("log-group:{group}:log-stream:"));
    let one = format!("{whole}{stream}");
    let named = json!({ "logGroupName": group, "logStreamNamePrefix": stream });
    let needed: &[(&str, &String)] = match hub.call("logs", "DescribeLogStreams", named).await {
        Ok(reply) if reply["logStreams"][0]["logStreamName"] == stream => &[("logs:PutLogEvents", &one)],
        Ok(_) => &[("logs:CreateLogStream", &one), ("logs:PutLogEvents", &one)],
        Err(_) => &[("logs:CreateLogGroup", &whole), ("logs:CreateLogStream", &one), ("logs:PutLogEvents", &one)],
    };
    for (action, resource) in needed {
        let resources = std::slice::from_ref(*resource);
        authority.decide(&Question { caller, action, resources, context: Vec::new() })?;
    }
    Ok(())
}

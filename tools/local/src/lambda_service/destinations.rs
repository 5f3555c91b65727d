//! Invocation records and where they go.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::event_queue::{Conclusion, Condition};
use super::names::LATEST;
use super::registry::arn;
use crate::core::{Arn, Caller, Hub, ServiceError, StoredObject};

/// The record of an event that has ended.
pub(super) fn record(hub: &Hub, conclusion: &Conclusion) -> Value {
    let target = &conclusion.event.target;
    let qualifier = target.qualifier.as_deref().unwrap_or(LATEST);
    let mut record = json!({
        "version": "1.0",
        "timestamp": hub.now().iso8601(),
        "requestContext": {
            "requestId": conclusion.event.request_id,
            "functionArn": arn(hub, &target.name, Some(qualifier)),
            "condition": match conclusion.condition {
                Condition::Success => "Success",
                Condition::RetriesExhausted => "RetriesExhausted",
                Condition::EventAgeExceeded => "EventAgeExceeded",
            },
            "approximateInvokeCount": conclusion.invocations,
        },
        "requestPayload": as_json(&conclusion.event.payload),
    });
    if let Some(response) = &conclusion.response {
        record["responseContext"] = json!({ "statusCode": 200, "executedVersion": response.executed_version });
        if response.failed {
            record["responseContext"]["functionError"] = "Unhandled".into();
        }
        record["responsePayload"] = as_json(&response.payload);
    }
    record
}

/// Sends a record to its destination, as the function's role.
pub(super) async fn deliver(hub: &Hub, caller: &Caller, destination: &str, record: &Value) -> Result<(), ServiceError> {
    match Arn::parse(destination).as_ref().map(|arn| arn.service.as_str()) {
        Some("lambda") => {
            let payload = STANDARD.encode(record.to_string());
            let input = json!({ "FunctionName": destination, "InvocationType": "Event", "Payload": payload });
            hub.call_as(caller, "lambda", "Invoke", input).await.map(drop)
        }
        Some("sns") => {
            let input = json!({ "TopicArn": destination, "Message": record.to_string() });
            hub.call_as(caller, "sns", "Publish", input).await.map(drop)
        }
        Some("events") => put_event(hub, caller, destination, record).await,
        Some("s3") => put_object(hub, caller, destination, record).await,
        _ => Err(ServiceError::internal(format!("no way to deliver to {destination}"))),
    }
}

/// Sends an event that was given up to the function's dead-letter topic, as it came.
pub(super) async fn dead_letter(
    hub: &Hub,
    caller: &Caller,
    topic: &str,
    conclusion: &Conclusion,
) -> Result<(), ServiceError> {
    let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
    let mut attributes = json!({ "RequestID": text(&conclusion.event.request_id) });
    if let Some(response) = &conclusion.response {
        let message = as_json(&response.payload)["errorMessage"].as_str().unwrap_or_default().to_owned();
        attributes["ErrorCode"] = json!({ "DataType": "Number", "StringValue": "200" });
        attributes["ErrorMessage"] = text(message.get(..1024).unwrap_or(&message));
    }
    let message = String::from_utf8_lossy(&conclusion.event.payload);
    let input = json!({ "TopicArn": topic, "Message": message, "MessageAttributes": attributes });
    hub.call_as(caller, "sns", "Publish", input).await.map(drop)
}

async fn put_event(hub: &Hub, caller: &Caller, bus: &str, record: &Value) -> Result<(), ServiceError> {
    let succeeded = record["requestContext"]["condition"] == "Success";
    let entry = json!({
        "EventBusName": bus,
        "Source": "lambda",
        "DetailType": format!("Lambda Function Invocation Result - {}", if succeeded { "Success" } else { "Failure" }),
        "Resources": [record["requestContext"]["functionArn"], bus],
        "Detail": record.to_string(),
    });
    let reply = hub.call_as(caller, "events", "PutEvents", json!({ "Entries": [entry] })).await?;
    if reply["FailedEntryCount"].as_i64().unwrap_or_default() == 0 {
        return Ok(());
    }
    let refused = &reply["Entries"][0];
    let text = |member: &str| refused[member].as_str().unwrap_or_default().to_owned();
    Err(ServiceError::new(text("ErrorCode"), text("ErrorMessage")))
}

async fn put_object(hub: &Hub, caller: &Caller, bucket: &str, record: &Value) -> Result<(), ServiceError> {
    let bucket = bucket.rsplit(':').next().unwrap_or_default();
    let function = record["requestContext"]["functionArn"].as_str().and_then(|arn| arn.split(':').nth(6));
    let now = hub.now().iso8601();
    let (day, time) = (&now[..10], now[11..19].replace(':', "."));
    let key = format!(
        "aws/lambda/async/{}/{}/{day}T{time}-{}",
        function.unwrap_or_default(),
        day.replace('-', "/"),
        hub.ids.uuid()
    );
    let object = StoredObject { body: record.to_string().into(), ..StoredObject::default() };
    hub.objects_as(caller)?.put(bucket, &key, object).await
}

/// A payload as JSON; text where it is none.
fn as_json(payload: &Bytes) -> Value {
    serde_json::from_slice(payload).unwrap_or_else(|_| String::from_utf8_lossy(payload).into_owned().into())
}

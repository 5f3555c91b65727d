//! Invoke actions: a function gets the job and answers through the job API.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::super::execution::{Failure, Order};
use super::super::job;
use super::outcome::refused;
use crate::core::{Caller, Hub};

/// Hands the job to the function, asynchronously: what it returns means nothing, only `PutJob…Result` does.
pub async fn invoke(hub: &Hub, caller: &Caller, order: &Order) -> Result<(), Failure> {
    let function = order.configuration.get("FunctionName").cloned().unwrap_or_default();
    let payload = BASE64_STANDARD.encode(job::event(hub, caller, order).to_string());
    let input = json!({ "FunctionName": function, "InvocationType": "Event", "Payload": payload });
    let invoked = hub.call_as(caller, "lambda", "Invoke", input).await;
    invoked.map(drop).map_err(|error| refused(&format!("the function {function} could not be invoked"), &error))
}

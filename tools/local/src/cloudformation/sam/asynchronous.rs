//! The asynchronous invocations of a function: dead letters, retries, destinations.

use serde_json::{Map, Value, json};

use super::expansion::Expansion;
use super::references::resolve_parameters;
use super::resource::{Generated, SamResource};
use super::role::destination_policy;
use super::target::PublishedAlias;
use super::transform_error::TransformError;

/// `DeadLetterQueue`: where events go that could not be processed, and the policy for it.
pub(super) fn dead_letters(function: &SamResource, lambda: &mut Generated) -> Result<Vec<Value>, TransformError> {
    let Some(queue) = function.object("DeadLetterQueue")? else { return Ok(Vec::new()) };
    let action = match queue.get("Type").and_then(Value::as_str) {
        Some("SQS") => "sqs:SendMessage",
        Some("SNS") => "sns:Publish",
        _ => return Err(function.fault("DeadLetterQueue requires Type and TargetArn, Type of SQS or SNS")),
    };
    let Some(target) = queue.get("TargetArn") else {
        return Err(function.fault("DeadLetterQueue requires Type and TargetArn, Type of SQS or SNS"));
    };
    lambda.set("DeadLetterConfig", json!({ "TargetArn": target }));
    Ok(vec![json!({
        "PolicyName": "DeadLetterQueuePolicy",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{ "Action": action, "Resource": target, "Effect": "Allow" }],
        },
    })])
}

/// `EventInvokeConfig`: the configuration of asynchronous invocations, and the policies its destinations need.
pub(super) fn event_invoke_config(
    expansion: &Expansion<'_>,
    function: &SamResource,
    alias: Option<&PublishedAlias>,
    resources: &mut Vec<Generated>,
) -> Result<Vec<Value>, TransformError> {
    if function.object("EventInvokeConfig")?.is_none() {
        return Ok(Vec::new());
    }
    let mut written = function.property("EventInvokeConfig");
    resolve_parameters(&mut written, &expansion.parameters);
    let id = format!("{}EventInvokeConfig", function.logical_id);
    let mut config = Generated::new(id.clone(), "AWS::Lambda::EventInvokeConfig", function.attributes.clone());
    let (mut destinations, mut policies) = (Map::new(), Vec::new());
    for event in ["OnSuccess", "OnFailure"] {
        let Some(destination) = written.pointer(&format!("/DestinationConfig/{event}")) else { continue };
        let kind = destination.get("Type").and_then(Value::as_str).unwrap_or_default();
        let Some(arn) = destination.get("Destination") else {
            return Err(function.fault(format!(
                "EventInvokeConfig.DestinationConfig.{event} needs a Destination: the local plane makes none"
            )));
        };
        let Some(policy) = destination_policy(kind, arn, &format!("{id}{event}")) else {
            return Err(function.fault(format!("'Type: {kind}' must be one of SQS, SNS, EventBridge, Lambda")));
        };
        destinations.insert(event.to_owned(), json!({ "Destination": arn }));
        policies.push(policy);
    }
    config.set("FunctionName", json!({ "Ref": function.logical_id }));
    config.set("Qualifier", json!(alias.map_or("$LATEST", |alias| alias.name.as_str())));
    config.set("DestinationConfig", Value::Object(destinations));
    for name in ["MaximumEventAgeInSeconds", "MaximumRetryAttempts"] {
        config.set(name, written.get(name).cloned().unwrap_or_default());
    }
    if let Some(alias) = alias {
        config.depends_on = json!([alias.logical_id]);
    }
    resources.push(config);
    Ok(policies)
}

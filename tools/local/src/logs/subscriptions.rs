//! Subscription filters: handing a group's lines to a function, as CloudWatch Logs does.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>. Functions alone are run;
//! streams of Kinesis and Firehose are not there.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::errors::{invalid, limit_exceeded};
use super::log_event::{LogEvent, token};
use super::metric_filters::filter_name;
use super::page::page;
use super::pattern::FilterPattern;
use super::state::Logs;
use super::subscription::Subscription;
use crate::core::{Arn, Caller, Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most subscriptions of a group.
const MOST_SUBSCRIPTIONS: usize = 2;

/// Operations on subscriptions.
pub(super) const OPERATIONS: &[Operation<Logs>] = &[
    Operation::later(
        "PutSubscriptionFilter",
        "logGroupName filterName filterPattern destinationArn roleArn distribution",
        |logs: &Logs, request| Box::pin(logs.put_subscription_filter(&request.input)),
    )
    .on_found(Logs::group_resource),
    Operation::now("DescribeSubscriptionFilters", "*", |logs: &Logs, request| {
        logs.describe_subscription_filters(&request.input)
    })
    .on_found(Logs::group_resource),
    Operation::now("DeleteSubscriptionFilter", "*", |logs: &Logs, request| {
        logs.delete_subscription_filter(&request.input)
    })
    .on_found(Logs::group_resource),
];

/// The principal that a function's policy lets in.
const LOGS: &str = "logs.amazonaws.com";

impl Logs {
    /// The caller that invokes a function for a group.
    fn subscriber(&self, group: &str) -> Caller {
        Caller::service_for(LOGS, self.hub.arn("logs", &format!("log-group:{group}:*")))
    }

    async fn put_subscription_filter(&self, input: &Input) -> Reply {
        let (name, group_name) = (filter_name(input)?.to_owned(), Self::group_name(input)?);
        let text = input.opt_str("filterPattern").unwrap_or_default().to_owned();
        let pattern = FilterPattern::parse(&text)?;
        let function = self.destination(input)?;
        self.store().group(group_name)?.standard("PutSubscriptionFilter")?;
        let probe = json!({ "FunctionName": function, "InvocationType": "DryRun" });
        self.hub.call_as(&self.subscriber(group_name), "lambda", "Invoke", probe).await.map_err(|_| {
            invalid(
                "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.",
            )
        })?;
        let mut store = self.store();
        let subscriptions = &mut store.group_mut(group_name)?.subscriptions;
        if subscriptions.len() >= MOST_SUBSCRIPTIONS && !subscriptions.contains_key(&name) {
            return Err(limit_exceeded());
        }
        let distribution = input.opt_str("distribution").unwrap_or("ByLogStream").to_owned();
        subscriptions.insert(name, Subscription { text, pattern, function, distribution, created: self.hub.now() });
        Ok(json!({}))
    }

    /// The ARN of the function that gets the lines, from `destinationArn`.
    fn destination(&self, input: &Input) -> Result<String, ServiceError> {
        let arn = input.opt_str("destinationArn").unwrap_or_default();
        let Some(parsed) = Arn::parse(arn) else { return Err(invalid("Invalid destinationArn")) };
        let has_role = input.get("roleArn").is_some();
        match parsed.service.as_str() {
            "lambda" if parsed.account != self.hub.identity.account => Err(ServiceError::new(
                "AccessDeniedException",
                "Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.",
            )),
            "lambda" if has_role => Err(invalid("destinationArn for vendor lambda cannot be used with roleArn")),
            "lambda" => Ok(arn.to_owned()),
            vendor @ ("kinesis" | "firehose") if !has_role => {
                Err(invalid(format!("destinationArn for vendor {vendor} cannot be used without roleArn")))
            }
            vendor @ ("kinesis" | "firehose" | "logs") => Err(ServiceError::not_implemented(
                "logs",
                &format!("PutSubscriptionFilter with a destination of {vendor}"),
            )),
            _ => Err(invalid("Invalid destinationArn")),
        }
    }

    fn describe_subscription_filters(&self, input: &Input) -> Reply {
        let (group, prefix) = (Self::group_name(input)?, input.opt_str("filterNamePrefix").unwrap_or_default());
        let store = self.store();
        let found = store.group(group)?.subscriptions.iter().filter(|(name, _)| name.starts_with(prefix));
        let found: Vec<(String, Value)> = found.map(|(name, it)| (name.clone(), describe(group, name, it))).collect();
        page("subscriptionFilters", &found, input)
    }

    fn delete_subscription_filter(&self, input: &Input) -> Reply {
        let mut store = self.store();
        let group = store.group_mut(Self::group_name(input)?)?;
        group.subscriptions.remove(filter_name(input)?).ok_or_else(|| {
            ServiceError::new("ResourceNotFoundException", "The specified subscription filter does not exist.")
        })?;
        Ok(json!({}))
    }

    /// Hands new events to the functions that subscribe to them.
    pub(super) async fn hand_on(&self, group: &str, stream: &str, events: &[LogEvent]) {
        let subscriptions: Vec<(String, Subscription)> = match self.store().groups.get(group) {
            Some(group) => group.subscriptions.iter().map(|(name, it)| (name.clone(), it.clone())).collect(),
            None => return,
        };
        for (name, subscription) in subscriptions {
            let wanted: Vec<&LogEvent> =
                events.iter().filter(|event| subscription.pattern.matches(&event.message)).collect();
            if wanted.is_empty() {
                continue;
            }
            let message = message(&self.hub.identity.account, group, stream, &name, &wanted);
            if let Err(error) = self.deliver(&self.subscriber(group), &subscription.function, &message).await {
                tracing::warn!(%error, group, name, "a subscription's events were not delivered");
            }
        }
    }

    async fn deliver(&self, caller: &Caller, function: &str, message: &Value) -> Result<(), ServiceError> {
        let packed = pack(message).map_err(|error| ServiceError::internal(error.to_string()))?;
        let payload = json!({ "awslogs": { "data": STANDARD.encode(packed) } }).to_string();
        let input = json!({ "FunctionName": function, "InvocationType": "Event", "Payload": STANDARD.encode(payload) });
        self.hub.call_as(caller, "lambda", "Invoke", input).await.map(drop)
    }
}

fn message(account: &str, group: &str, stream: &str, filter: &str, events: &[&LogEvent]) -> Value {
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            json!({
                "id": token(event.sequence), "timestamp": event.timestamp.as_millis(), "message": event.message,
            })
        })
        .collect();
    json!({
        "messageType": "DATA_MESSAGE", "owner": account, "logGroup": group, "logStream": stream,
        "subscriptionFilters": [filter], "logEvents": events,
    })
}

fn pack(message: &Value) -> std::io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(message.to_string().as_bytes())?;
    packed.finish()
}

fn describe(group: &str, name: &str, subscription: &Subscription) -> Value {
    json!({
        "filterName": name,
        "logGroupName": group,
        "filterPattern": subscription.text,
        "destinationArn": subscription.function,
        "distribution": subscription.distribution,
        "applyOnTransformedLogs": false,
        "creationTime": subscription.created.as_millis(),
    })
}

//! The effects of a transition: the event on the default bus, and the alarm's actions.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use crate::core::{Arn, AwsEvent, Caller, Hub, ServiceError};

use super::alarm::{ActionDone, Alarm, Standing, Transition, Watch};
use super::query::{Query, Source};
use super::values::alarm_time;

/// The principals that topics and functions let in.
const CLOUDWATCH: &str = "cloudwatch.amazonaws.com";
const ALARMS: &str = "lambda.alarms.cloudwatch.amazonaws.com";

/// Publishes the event and runs the actions of the new state.
pub(super) fn notify(hub: &Arc<Hub>, transition: Transition) -> BoxFuture<'static, Vec<ActionDone>> {
    let hub = Arc::clone(hub);
    async move {
        hub.publish(event(&hub, &transition)).await;
        let Transition { alarm, .. } = &transition;
        let mut done = Vec::new();
        if alarm.definition.actions_enabled() {
            for action in alarm.definition.actions(alarm.standing.state) {
                let error = act(&hub, &action, &transition).await.err().map(|error| error.to_string());
                done.push(ActionDone { alarm: alarm.definition.name.clone(), action, error });
            }
        }
        done
    }
    .boxed()
}

/// The alarm's ARN, in the plane's account and region.
pub(super) fn arn(hub: &Hub, name: &str) -> String {
    hub.arn("cloudwatch", &format!("alarm:{name}"))
}

async fn act(hub: &Hub, action: &str, transition: &Transition) -> Result<(), ServiceError> {
    let (principal, service, operation, input) = match Arn::parse(action).as_ref().map(|arn| arn.service.as_str()) {
        Some("sns") => {
            let subject = format!(
                "{}: \"{}\" in {}",
                transition.alarm.standing.state.as_str(),
                transition.alarm.definition.name,
                region_name(&hub.identity.region)
            );
            // SNS takes subjects of up to 100 characters.
            let subject: String = subject.chars().take(100).collect();
            let message = message(hub, transition).to_string();
            (CLOUDWATCH, "sns", "Publish", json!({ "TopicArn": action, "Subject": subject, "Message": message }))
        }
        Some("lambda") => {
            let payload = STANDARD.encode(invocation(hub, transition).to_string());
            (
                ALARMS,
                "lambda",
                "Invoke",
                json!({ "FunctionName": action, "InvocationType": "Event", "Payload": payload }),
            )
        }
        _ => return Err(ServiceError::not_implemented("monitoring", &format!("the alarm action {action}"))),
    };
    let caller = Caller::service_for(principal, arn(hub, &transition.alarm.definition.name));
    hub.call_as(&caller, service, operation, input).await.map(|_| ())
}

fn event(hub: &Hub, transition: &Transition) -> AwsEvent {
    AwsEvent {
        source: "aws.cloudwatch",
        detail_type: "CloudWatch Alarm State Change".to_owned(),
        resources: vec![arn(hub, &transition.alarm.definition.name)],
        detail: detail(transition),
    }
}

fn detail(transition: &Transition) -> Value {
    let Transition { alarm, previous } = transition;
    json!({
        "alarmName": alarm.definition.name,
        "state": state(&alarm.standing),
        "previousState": state(previous),
        "configuration": configuration(alarm),
    })
}

fn state(standing: &Standing) -> Value {
    let mut state = json!({
        "value": standing.state.as_str(),
        "reason": standing.reason,
        "timestamp": alarm_time(standing.since),
    });
    if let Some(data) = &standing.data {
        state["reasonData"] = json!(data);
    }
    state
}

fn configuration(alarm: &Alarm) -> Value {
    let mut configuration = match &alarm.definition.watch {
        Watch::Metric(watch) => json!({ "metrics": watch.queries.0.iter().map(query).collect::<Vec<_>>() }),
        Watch::Composite(_) => json!({ "alarmRule": alarm.definition.text("AlarmRule") }),
    };
    if let Some(description) = alarm.definition.text("AlarmDescription") {
        configuration["description"] = json!(description);
    }
    configuration
}

fn query(query: &Query) -> Value {
    match &query.source {
        Source::Metric { key, statistic, .. } => {
            let dimensions: Map<String, Value> =
                key.dimensions.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            json!({
                "id": query.id,
                "metricStat": {
                    "metric": { "namespace": key.namespace, "name": key.name, "dimensions": dimensions },
                    "period": query.period.map(|period| period.as_secs()),
                    "stat": statistic.to_string(),
                },
                "returnData": query.return_data,
            })
        }
        Source::Expression(_) => {
            json!({ "id": query.id, "label": query.label, "returnData": query.return_data })
        }
    }
}

/// The message of an SNS action.
fn message(hub: &Hub, transition: &Transition) -> Value {
    let Transition { alarm, previous } = transition;
    let shown = &alarm.definition.shown;
    let mut message = json!({
        "AlarmName": alarm.definition.name,
        "AlarmDescription": shown.get("AlarmDescription"),
        "AWSAccountId": hub.identity.account,
        "AlarmConfigurationUpdatedTimestamp": alarm_time(alarm.configured),
        "NewStateValue": alarm.standing.state.as_str(),
        "NewStateReason": alarm.standing.reason,
        "StateChangeTime": alarm_time(alarm.standing.since),
        "Region": region_name(&hub.identity.region),
        "AlarmArn": arn(hub, &alarm.definition.name),
        "OldStateValue": previous.state.as_str(),
        "OKActions": shown.get("OKActions"),
        "AlarmActions": shown.get("AlarmActions"),
        "InsufficientDataActions": shown.get("InsufficientDataActions"),
        "ActionExecutedAfterMuteWindow": false,
    });
    match &alarm.definition.watch {
        Watch::Metric(_) => message["Trigger"] = trigger(alarm),
        Watch::Composite(_) => message["AlarmRule"] = json!(alarm.definition.text("AlarmRule")),
    }
    message
}

fn trigger(alarm: &Alarm) -> Value {
    let shown = &alarm.definition.shown;
    let member = |name: &str| shown.get(name).cloned().unwrap_or(Value::Null);
    let quorum = match &alarm.definition.watch {
        Watch::Metric(watch) => watch.quorum.datapoints,
        Watch::Composite(_) => 0,
    };
    let mut trigger = json!({
        "Period": member("Period"),
        "EvaluationPeriods": member("EvaluationPeriods"),
        "DatapointsToAlarm": quorum,
        "ComparisonOperator": member("ComparisonOperator"),
        "Threshold": member("Threshold"),
        "TreatMissingData": alarm.definition.text("TreatMissingData").unwrap_or("missing"),
        "EvaluateLowSampleCountPercentile": alarm.definition.text("EvaluateLowSampleCountPercentile").unwrap_or(""),
    });
    if shown.contains_key("Metrics") {
        trigger["Metrics"] = member("Metrics");
        return trigger;
    }
    let dimensions = member("Dimensions");
    let dimensions: Vec<Value> = dimensions
        .as_array()
        .into_iter()
        .flatten()
        .map(|dimension| json!({ "value": dimension["Value"], "name": dimension["Name"] }))
        .collect();
    trigger["MetricName"] = member("MetricName");
    trigger["Namespace"] = member("Namespace");
    trigger["Unit"] = member("Unit");
    trigger["Dimensions"] = json!(dimensions);
    match alarm.definition.text("ExtendedStatistic") {
        Some(extended) => {
            trigger["StatisticType"] = json!("ExtendedStatistic");
            trigger["ExtendedStatistic"] = json!(extended);
        }
        None => {
            trigger["StatisticType"] = json!("Statistic");
            trigger["Statistic"] = json!(alarm.definition.text("Statistic").map(upper_snake));
        }
    }
    trigger
}

/// `SampleCount` as the message has it: `SAMPLE_COUNT`.
fn upper_snake(statistic: &str) -> &str {
    match statistic {
        "SampleCount" => "SAMPLE_COUNT",
        "Average" => "AVERAGE",
        "Sum" => "SUM",
        "Minimum" => "MINIMUM",
        "Maximum" => "MAXIMUM",
        other => other,
    }
}

/// The event of a Lambda action.
fn invocation(hub: &Hub, transition: &Transition) -> Value {
    json!({
        "source": "aws.cloudwatch",
        "alarmArn": arn(hub, &transition.alarm.definition.name),
        "accountId": hub.identity.account,
        "time": alarm_time(transition.alarm.standing.since),
        "region": hub.identity.region,
        "alarmData": detail(transition),
    })
}

/// The region's name as CloudWatch's messages have it, for those that the plane is likely to be.
fn region_name(region: &str) -> &str {
    match region {
        "us-east-1" => "US East (N. Virginia)",
        "us-east-2" => "US East (Ohio)",
        "us-west-1" => "US West (N. California)",
        "us-west-2" => "US West (Oregon)",
        "eu-central-1" => "EU (Frankfurt)",
        "eu-west-1" => "EU (Ireland)",
        "eu-west-2" => "EU (London)",
        other => other,
    }
}

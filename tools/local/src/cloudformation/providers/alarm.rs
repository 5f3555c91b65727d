//! `AWS::CloudWatch::Alarm`.

use serde_json::{Value, json};

use super::properties::{gone, pick, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{as_text, flags, numbers};
use super::{naming, tags};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

/// CloudWatch's limit on an alarm's name.
const NAME_LENGTH: usize = 255;

const SETTINGS: &[&str] = &[
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "TreatMissingData",
    "Unit",
];

resource_type!(Alarm {
    properties: &[
        "ActionsEnabled",
        "AlarmActions",
        "AlarmDescription",
        "AlarmName",
        "ComparisonOperator",
        "DatapointsToAlarm",
        "Dimensions",
        "EvaluateLowSampleCountPercentile",
        "EvaluationPeriods",
        "ExtendedStatistic",
        "InsufficientDataActions",
        "MetricName",
        "Metrics",
        "Namespace",
        "OKActions",
        "Period",
        "Statistic",
        "Tags",
        "Threshold",
        "TreatMissingData",
        "Unit",
    ],
    replaced_by: &["AlarmName"],
    attributes: &["Arn"],
    create: create,
    update: update,
    delete: delete,
});

async fn put(context: &ResourceContext, name: &str, properties: &Value, tags: &tags::Tags) -> Result<(), ServiceError> {
    let mut input = Value::Object(pick(properties, SETTINGS));
    numbers(&mut input, &["DatapointsToAlarm", "EvaluationPeriods", "Period", "Threshold"]);
    flags(&mut input, &["ActionsEnabled", "ReturnData"]);
    if let Some(dimensions) = input.get_mut("Dimensions").and_then(Value::as_array_mut) {
        dimensions.iter_mut().for_each(|dimension| dimension["Value"] = as_text(&dimension["Value"]));
    }
    input["AlarmName"] = json!(name);
    if let Some(input) = input.as_object_mut() {
        tags::insert(input, "Tags", Value::Array(tags::list(tags)));
    }
    context.hub.call("monitoring", "PutMetricAlarm", input).await.map(|_| ())
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "AlarmName"), NAME_LENGTH);
    put(context, &name, properties, &tags::all(context, properties)).await?;
    let arn = context.hub.arn("cloudwatch", &format!("alarm:{name}"));
    Ok(resource(name, [("Arn", json!(arn))]))
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    // PutMetricAlarm replaces the whole alarm but for its state; tags it takes only for a new one.
    put(context, &current.physical_id, new, &tags::Tags::new()).await?;
    let change = tags::Change::between(old, new);
    let arn = current.attributes.get("Arn").cloned().unwrap_or_default();
    if !change.removed.is_empty() {
        let input = json!({ "ResourceARN": arn, "TagKeys": change.removed });
        context.hub.call("monitoring", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "ResourceARN": arn, "Tags": tags::list(&change.set) });
        context.hub.call("monitoring", "TagResource", input).await?;
    }
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "AlarmNames": [current.physical_id] });
    gone(
        context.hub.call("monitoring", "DeleteAlarms", input).await,
        &["ResourceNotFound", "ResourceNotFoundException"],
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;

    #[tokio::test]
    async fn an_alarm_has_numbers_where_the_template_has_text() {
        let (fake, asked) = Fake::new("monitoring", |_, _| Ok(Value::Null));
        let stage = Stage::new(vec![fake]);
        let properties = json!({
            "AlarmName": "errors", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Threshold": "1", "Period": 60,
            "EvaluationPeriods": "1", "Dimensions": [{ "Name": "N", "Value": 5 }],
        });
        let made = testing::create(&Alarm, &stage.context("A"), properties).await;
        assert_eq!(made.attributes["Arn"], "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors");
        assert_eq!(
            asked.input("PutMetricAlarm"),
            json!({
                "AlarmName": "errors", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Threshold": 1, "Period": 60,
                "EvaluationPeriods": 1, "Dimensions": [{ "Name": "N", "Value": "5" }],
            })
        );
    }
}

//! `AWS::Events::Rule`, with its targets.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::properties::{answered, changed, gone, list, pick, required, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{as_text, flags, numbers};
use super::{naming, tags};
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};
use crate::core::ServiceError;
use crate::eventbridge;

/// EventBridge's limit on a rule's name.
const NAME_LENGTH: usize = 64;
const MISSING: &[&str] = &["ResourceNotFoundException"];

const SETTINGS: &[&str] = &["Description", "EventPattern", "RoleArn", "ScheduleExpression", "State"];

resource_type!(Rule {
    properties: &[
        "Description",
        "EventBusName",
        "EventPattern",
        "Name",
        "RoleArn",
        "ScheduleExpression",
        "State",
        "Tags",
        "Targets",
    ],
    replaced_by: &["EventBusName", "Name"],
    attributes: &["Arn"],
    objections: objections,
    create: create,
    update: update,
    delete: delete,
});

/// The targets that EventBridge would refuse, seen before anything is done.
fn objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    let refused = list(new, "Targets").iter().filter_map(|one| eventbridge::refused_target(&target(one).ok()?));
    refused.map(|error| Objection { property: "Targets", error }).collect()
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "Name"), NAME_LENGTH);
    let mut input = settings(properties);
    tags::insert(&mut input, "Tags", Value::Array(tags::list(&tags::all(context, properties))));
    let made = on_rule(context, "PutRule", "Name", &name, properties, input).await?;
    let rule = resource(physical_id(name, properties), [("Arn", json!(answered(&made, "/RuleArn")?))]);
    if let Err(error) = put_targets(context, &rule, properties, list(properties, "Targets")).await {
        let _ = delete(context, &rule, properties).await;
        return Err(error);
    }
    Ok(rule)
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let name = name_of(current);
    if changed(old, new, SETTINGS) {
        on_rule(context, "PutRule", "Name", name, new, settings(new)).await?;
    }
    let (before, after) = (by_id(old)?, by_id(new)?);
    let left: Vec<&str> = before.keys().filter(|id| !after.contains_key(*id)).copied().collect();
    remove_targets(context, current, new, &left).await?;
    let fresh = after.iter().filter(|(id, target)| before.get(*id) != Some(target));
    let fresh: Vec<Value> = fresh.map(|(_, target)| (*target).clone()).collect();
    put_targets(context, current, new, &fresh).await?;
    let change = tags::Change::between(old, new);
    let arn = current.attributes.get("Arn").cloned().unwrap_or_default();
    if !change.removed.is_empty() {
        let input = json!({ "ResourceARN": arn, "TagKeys": change.removed });
        context.hub.call("events", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "ResourceARN": arn, "Tags": tags::list(&change.set) });
        context.hub.call("events", "TagResource", input).await?;
    }
    Ok(current.clone())
}

/// A rule goes only without targets.
async fn delete(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    let targets = by_id(properties)?;
    let ids: Vec<&str> = targets.keys().copied().collect();
    gone(remove_targets(context, current, properties, &ids).await.map(|()| Value::Null), MISSING)?;
    gone(on_rule(context, "DeleteRule", "Name", name_of(current), properties, Map::new()).await, MISSING)
}

/// `Ref` of a rule: its name, on a bus of one's own with the bus before it.
fn physical_id(name: String, properties: &Value) -> String {
    let bus = text(properties, "EventBusName").map(|bus| bus.rsplit('/').next().unwrap_or(bus));
    match bus.filter(|bus| !bus.is_empty() && *bus != "default") {
        Some(bus) => format!("{bus}|{name}"),
        None => name,
    }
}

fn name_of(rule: &Resource) -> &str {
    rule.physical_id.rsplit('|').next().unwrap_or_default()
}

fn settings(properties: &Value) -> Map<String, Value> {
    let mut input = pick(properties, SETTINGS);
    if let Some(pattern) = input.get_mut("EventPattern")
        && pattern.is_object()
    {
        *pattern = json!(pattern.to_string());
    }
    input
}

/// Asks for an operation on the rule, on its bus.
async fn on_rule(
    context: &ResourceContext,
    operation: &str,
    member: &str,
    name: &str,
    properties: &Value,
    mut input: Map<String, Value>,
) -> Result<Value, ServiceError> {
    input.insert(member.to_owned(), json!(name));
    input.extend(pick(properties, &["EventBusName"]));
    context.hub.call("events", operation, Value::Object(input)).await
}

async fn put_targets(
    context: &ResourceContext,
    rule: &Resource,
    properties: &Value,
    targets: &[Value],
) -> Result<(), ServiceError> {
    if targets.is_empty() {
        return Ok(());
    }
    let targets = targets.iter().map(target).collect::<Result<Vec<Value>, _>>()?;
    let input = Map::from_iter([("Targets".to_owned(), Value::Array(targets))]);
    let reply = on_rule(context, "PutTargets", "Rule", name_of(rule), properties, input).await?;
    refuse_failures(&reply)
}

async fn remove_targets(
    context: &ResourceContext,
    rule: &Resource,
    properties: &Value,
    ids: &[&str],
) -> Result<(), ServiceError> {
    if ids.is_empty() {
        return Ok(());
    }
    let input = Map::from_iter([("Ids".to_owned(), json!(ids))]);
    let reply = on_rule(context, "RemoveTargets", "Rule", name_of(rule), properties, input).await?;
    refuse_failures(&reply)
}

/// A target as the API takes it: parts that parameters made text are what they should be, and what is text is text.
fn target(target: &Value) -> Result<Value, ServiceError> {
    required(target, "Id")?;
    required(target, "Arn")?;
    let mut target = target.clone();
    if let Some(paths) = target.pointer_mut("/InputTransformer/InputPathsMap").and_then(Value::as_object_mut) {
        paths.values_mut().for_each(|path| *path = as_text(path));
    }
    numbers(&mut target, &["MaximumEventAgeInSeconds", "MaximumRetryAttempts", "TaskCount"]);
    flags(&mut target, &["EnableECSManagedTags"]);
    Ok(target)
}

/// EventBridge answers a success with failed entries in it.
fn refuse_failures(reply: &Value) -> Result<(), ServiceError> {
    match list(reply, "FailedEntries").first() {
        None => Ok(()),
        Some(failed) => {
            let part = |name| text(failed, name).unwrap_or("unknown");
            let message = format!("target {}: {}", part("TargetId"), part("ErrorMessage"));
            Err(ServiceError::new(part("ErrorCode"), message))
        }
    }
}

fn by_id(properties: &Value) -> Result<BTreeMap<&str, &Value>, ServiceError> {
    list(properties, "Targets").iter().map(|target| Ok((required(target, "Id")?, target))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Asked, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    fn events(failed: bool) -> (Stage, Asked) {
        let (fake, asked) = Fake::new("events", move |operation, _| match operation {
            "PutRule" => Ok(json!({ "RuleArn": "arn:rule" })),
            "PutTargets" if failed => Ok(json!({ "FailedEntryCount": 1, "FailedEntries": [
                { "TargetId": "t", "ErrorCode": "NotSupported", "ErrorMessage": "no" },
            ]})),
            "PutTargets" | "RemoveTargets" => Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] })),
            "DeleteRule" => Ok(Value::Null),
            "ListTargetsByRule" => Ok(json!({ "Targets": [] })),
            other => panic!("{other} was not expected"),
        });
        (Stage::new(vec![fake]), asked)
    }

    fn properties(targets: Value) -> Value {
        json!({ "EventPattern": { "source": ["aws.codecommit"] }, "State": "ENABLED", "Targets": targets })
    }

    #[tokio::test]
    async fn a_rule_has_its_pattern_as_text_and_its_targets() {
        let (stage, asked) = events(false);
        let made =
            testing::create(&Rule, &stage.context("R"), properties(json!([{ "Id": "t", "Arn": "arn:x" }]))).await;
        assert_eq!(made.attributes["Arn"], "arn:rule");
        assert_eq!(asked.input("PutRule")["EventPattern"], r#"{"source":["aws.codecommit"]}"#);
        assert_eq!(
            asked.input("PutTargets"),
            json!({
                "Rule": made.physical_id, "Targets": [{ "Id": "t", "Arn": "arn:x" }],
            })
        );
    }

    #[tokio::test]
    async fn a_target_that_is_not_taken_fails_the_rule_and_leaves_nothing() {
        let (stage, asked) = events(true);
        let properties = properties(json!([{ "Id": "t", "Arn": "arn:x" }]));
        let error = Rule.create(&stage.context("R"), &properties).await.unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), ("NotSupported", "target t: no"));
        assert_eq!(asked.operations().last().unwrap(), "DeleteRule");
    }

    #[tokio::test]
    async fn an_update_touches_only_the_targets_that_differ() {
        let (stage, asked) = events(false);
        let old = properties(json!([{ "Id": "a", "Arn": "arn:a" }, { "Id": "b", "Arn": "arn:b" }]));
        let new = properties(json!([{ "Id": "b", "Arn": "arn:b" }, { "Id": "c", "Arn": "arn:c" }]));
        Rule.update(&stage.context("R"), &resource("r", []), &old, &new).await.unwrap();
        assert_eq!(asked.operations(), ["RemoveTargets", "PutTargets"]);
        assert_eq!(asked.input("RemoveTargets")["Ids"], json!(["a"]));
        assert_eq!(asked.input("PutTargets")["Targets"], json!([{ "Id": "c", "Arn": "arn:c" }]));
    }

    #[tokio::test]
    async fn a_rule_on_a_bus_of_ones_own_is_referred_to_with_the_bus() {
        let (stage, asked) = events(false);
        let properties = json!({ "Name": "r", "EventBusName": "bus", "EventPattern": { "source": ["a"] } });
        let made = testing::create(&Rule, &stage.context("R"), properties.clone()).await;
        assert_eq!(made.physical_id, "bus|r");
        Rule.delete(&stage.context("R"), &made, &properties).await.unwrap();
        assert_eq!(asked.input("DeleteRule"), json!({ "Name": "r", "EventBusName": "bus" }));
    }
}

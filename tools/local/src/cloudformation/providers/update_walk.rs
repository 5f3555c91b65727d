//! The walk over updates: each property of each provider is changed, and put back, in a stack on the plane's real
//! services. An update either ends as it was asked for or is refused as a whole, before anything is done.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Map, Value, json};

use super::{plane_tests::upload, provider};
use crate::cloudformation::schema;
use crate::core::Hub;
use crate::{Plane, PlaneOptions};

const WALK: &str = include_str!("update_walk.yaml");
const GROUND: &str = include_str!("update_ground.yaml");

/// The outcome of an operation on a stack.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Complete,
    /// Refused as a whole, with the error.
    Refused(String),
    /// Rolled back, with the reasons of the events.
    Failed(String),
}

/// A stack of one resource.
struct Walker<'a> {
    hub: &'a Hub,
    resource_type: &'a str,
    parameters: &'a Value,
}

impl Walker<'_> {
    fn stack(&self) -> String {
        self.resource_type.replace("::", "-")
    }

    async fn ask(&self, operation: &str, properties: &Value) -> Outcome {
        let template = json!({
            "Parameters": { "CodeSha256": { "Type": "String" }, "Issuer": { "Type": "String" } },
            "Resources": { "Walked": { "Type": self.resource_type, "Properties": properties } },
        });
        let input = json!({
            "StackName": self.stack(), "TemplateBody": template.to_string(), "Parameters": self.parameters,
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        });
        ended(self.hub, &self.stack(), operation, input).await
    }
}

/// Asks for an operation on a stack and waits for its end.
async fn ended(hub: &Hub, stack: &str, operation: &str, input: Value) -> Outcome {
    if let Err(error) = hub.call("cloudformation", operation, input).await {
        return Outcome::Refused(format!("{}: {}", error.code, error.message));
    }
    let named = json!({ "StackName": stack });
    let status = loop {
        let found = hub.call("cloudformation", "DescribeStacks", named.clone()).await.unwrap();
        let status = found["Stacks"][0]["StackStatus"].as_str().unwrap().to_owned();
        if !status.ends_with("IN_PROGRESS") {
            break status;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    if status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" {
        return Outcome::Complete;
    }
    let events = hub.call("cloudformation", "DescribeStackEvents", named).await.unwrap();
    let newest = events["StackEvents"].as_array().unwrap().iter();
    let failed =
        newest.filter(|event| event["ResourceStatus"].as_str().is_some_and(|status| status.ends_with("FAILED")));
    let reasons = failed.filter_map(|event| event["ResourceStatusReason"].as_str());
    let reasons: Vec<&str> = reasons.filter(|reason| !reason.ends_with("cancelled")).collect();
    Outcome::Failed(format!("{status}: {}", reasons.join("; ")))
}

/// Members that tell of a change itself, or of one making, not of what the resource is.
const VOLATILE: &[&str] = &[
    "AlarmConfigurationUpdatedTimestamp",
    "ApiEndpoint",
    "CreateDate",
    "CreatedDate",
    "CreationDateTime",
    "CreationTime",
    "LastModified",
    "LastModifiedDate",
    "LastModifiedTime",
    "LastUpdateToPayPerRequestDateTime",
    "LastUpdatedDate",
    "DeploymentId",
    "LastDeploymentStatusMessage",
    "LatestStreamArn",
    "LatestStreamLabel",
    "Location",
    "NumberOfDecreasesToday",
    "RevisionId",
    "RoleId",
    "StateReason",
    "StateReasonData",
    "StateTransitionedTimestamp",
    "StateUpdatedTimestamp",
    "StateValue",
    "SubscriptionsConfirmed",
    "SubscriptionsDeleted",
    "SubscriptionsPending",
    "TableClassSummary",
    "TableId",
    "Version",
    "created",
    "creationTime",
    "deploymentGroupId",
    "lastModified",
    "updated",
    "version",
];

/// The scalars of a description by their paths. What is empty is as good as absent.
fn scalars(path: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !VOLATILE.contains(&name.as_str()))
            .for_each(|(name, value)| scalars(&format!("{path}/{name}"), value, found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| scalars(&format!("{path}/{at}"), item, found));
        }
        Value::Null | Value::Bool(false) => {}
        Value::String(text) if text.is_empty() => {}
        other => drop(found.insert(path.to_owned(), other.to_string())),
    }
}

impl Walker<'_> {
    /// The resource's physical id, and what its service says of it.
    async fn seen(&self, read: &Value) -> (Value, BTreeMap<String, String>) {
        let input = json!({ "StackName": self.stack(), "LogicalResourceId": "Walked" });
        let found = self.hub.call("cloudformation", "DescribeStackResource", input).await.unwrap();
        let id = found["StackResourceDetail"]["PhysicalResourceId"].clone();
        let mut found = BTreeMap::new();
        let Some(read) = read.as_array() else { return (id, found) };
        let exports = self.hub.call("cloudformation", "ListExports", json!({})).await.unwrap();
        let mut exports = exports["Exports"].as_array().unwrap().iter();
        let api = exports.find(|export| export["Name"] == "walk-api").unwrap()["Value"].as_str().unwrap();
        let input = read[2].to_string().replace("WALKED", id.as_str().unwrap()).replace("WALK-API", api);
        let (service, operation) = (read[0].as_str().unwrap(), read[1].as_str().unwrap());
        let seen = self.hub.call(service, operation, serde_json::from_str(&input).unwrap()).await.unwrap();
        let seen = seen.to_string().replace(id.as_str().unwrap(), "WALKED");
        scalars("", &serde_json::from_str(&seen).unwrap(), &mut found);
        (id, found)
    }
}

/// Walks over one type; gives what is wrong.
async fn walk(walker: &Walker<'_>, case: &Value) -> Vec<String> {
    let empty = Map::new();
    let (base, to) = (&case["Base"], case["To"].as_object().unwrap());
    let (beside, fails) = (case["Beside"].as_object(), &case["Fails"]);
    let beside = beside.unwrap_or(&empty);
    let kind = walker.resource_type;
    let made = walker.ask("CreateStack", base).await;
    assert_eq!(made, Outcome::Complete, "{kind} is made");
    let (mut id, seen) = walker.seen(&case["Read"]).await;
    // Each member is told once: what stays stays for the rest of the walk.
    let mut told = BTreeSet::new();
    let mut wrong = Vec::new();
    for (property, value) in to {
        let mut properties = base.clone();
        properties[property] = value.clone();
        for (beside, value) in beside.get(property).and_then(Value::as_object).unwrap_or(&empty) {
            match value {
                Value::Null => drop(properties.as_object_mut().unwrap().shift_remove(beside)),
                value => properties[beside] = value.clone(),
            }
        }
        let outcome = walker.ask("UpdateStack", &properties).await;
        match (&outcome, fails[property].as_str()) {
            (Outcome::Complete, None) => {
                let back = walker.ask("UpdateStack", base).await;
                if back != Outcome::Complete {
                    wrong.push(format!("{kind}.{property} is put back: {back:?}"));
                }
            }
            (Outcome::Refused(error), None) if error.starts_with("NotImplemented: ") => {}
            (Outcome::Failed(reason), Some(expected)) if reason.contains(expected) => {}
            _ => wrong.push(format!("{kind}.{property} is changed: {outcome:?}")),
        }
        let (id_now, seen_now) = walker.seen(&case["Read"]).await;
        if id_now == id {
            let members =
                seen.keys().chain(seen_now.keys()).filter(|member| seen.get(*member) != seen_now.get(*member));
            let stays = |member: &str| case["Stays"].as_array().is_some_and(|stays| stays.contains(&json!(member)));
            for member in members.filter(|member| !stays(member) && told.insert((*member).clone())) {
                let (before, after) = (seen.get(member), seen_now.get(member));
                wrong.push(format!("{kind}.{property} is not put back: {member} is {after:?} for {before:?}"));
            }
        }
        id = id_now;
    }
    wrong
}

#[test]
fn the_walk_knows_every_property() {
    let cases = slipway_shared::template::parse(WALK).unwrap().to_json();
    for kind in schema::resource_types().keys().filter(|kind| provider(kind).is_some()) {
        let case = cases.get(kind.as_str()).unwrap_or_else(|| panic!("{kind} is not walked"));
        for property in provider(kind).unwrap().properties() {
            assert!(case["To"].get(*property).is_some(), "{kind}.{property} is not walked");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_a_property_is_done_or_refused_as_a_whole() {
    let plane =
        Plane::start(PlaneOptions { time_scale: 500.0, enforce_iam: true, ..PlaneOptions::default() }).await.unwrap();
    let hub = plane.hub();
    for bucket in ["artifacts", "walk-artifacts", "walk-artifacts-two"] {
        hub.objects().unwrap().create_bucket(bucket).await.unwrap();
    }
    for marker in ["one", "two"] {
        upload(hub, "walk-artifacts", marker).await;
    }
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    let ground = json!({
        "StackName": "ground", "TemplateBody": GROUND, "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Parameters": [
            { "ParameterKey": "Architecture", "ParameterValue": architecture },
            { "ParameterKey": "Issuer", "ParameterValue": plane.issuer() },
        ],
    });
    assert_eq!(ended(hub, "ground", "CreateStack", ground).await, Outcome::Complete);
    for function in ["walk", "walk-two"] {
        let code = json!({
            "FunctionName": function, "S3Bucket": "walk-artifacts", "S3Key": "functions/two.zip", "Publish": true,
        });
        hub.call("lambda", "UpdateFunctionCode", code).await.unwrap();
    }
    let function = hub.call("lambda", "GetFunction", json!({ "FunctionName": "walk-versions" })).await.unwrap();
    let parameters = &json!([
        { "ParameterKey": "CodeSha256", "ParameterValue": function["Configuration"]["CodeSha256"] },
        { "ParameterKey": "Issuer", "ParameterValue": plane.issuer() },
    ]);

    let cases = slipway_shared::template::parse(WALK).unwrap().to_json();
    let walks = cases
        .as_object()
        .unwrap()
        .iter()
        .map(|(resource_type, case)| async move { walk(&Walker { hub, resource_type, parameters }, case).await });
    let wrong = join_all(walks).await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    plane.shutdown().await;
}

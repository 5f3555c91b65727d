//! Tests of on-premises instances.

use serde_json::{Value, json};
use test_case::test_case;

use super::world::World;

const USER: &str = "arn:aws:iam::000000000000:user/machine";

async fn world() -> World {
    let world = World::new().await;
    world.done("RegisterOnPremisesInstance", json!({ "instanceName": "one", "iamUserArn": USER })).await;
    world
}

#[tokio::test]
async fn an_instance_is_registered_tagged_found_and_deregistered() {
    let world = world().await;
    let tags = json!([{ "Key": "stage", "Value": "test" }]);
    let tagging = json!({ "instanceNames": ["one"], "tags": tags });
    world.done("AddTagsToOnPremisesInstances", tagging.clone()).await;
    let info = world.done("GetOnPremisesInstance", json!({ "instanceName": "one" })).await["instanceInfo"].clone();
    assert_eq!((&info["iamUserArn"], &info["tags"]), (&json!(USER), &tags));
    assert!(
        info["instanceArn"].as_str().unwrap().starts_with("arn:aws:codedeploy:us-east-1:000000000000:instance/one_")
    );
    let listed = async |input: Value| world.done("ListOnPremisesInstances", input).await["instanceNames"].clone();
    let filter = |value: &str| json!({ "tagFilters": [{ "Key": "stage", "Value": value, "Type": "KEY_AND_VALUE" }] });
    assert_eq!(listed(filter("test")).await, json!(["one"]));
    assert_eq!(listed(filter("production")).await, json!([]));
    world.done("RemoveTagsFromOnPremisesInstances", tagging).await;
    assert_eq!(listed(filter("test")).await, json!([]));
    world.done("DeregisterOnPremisesInstance", json!({ "instanceName": "one" })).await;
    assert_eq!(listed(json!({ "registrationStatus": "Registered" })).await, json!([]));
    assert_eq!(listed(json!({ "registrationStatus": "Deregistered" })).await, json!(["one"]));
    let batch = json!({ "instanceNames": ["one", "nobody"] });
    let infos = world.done("BatchGetOnPremisesInstances", batch).await["instanceInfos"].clone();
    assert!(infos[0]["deregisterTime"].is_number() && infos.as_array().unwrap().len() == 1);
}

#[test_case("RegisterOnPremisesInstance", json!({ "instanceName": "one", "iamUserArn": format!("{USER}-2") }), "InstanceNameAlreadyRegisteredException"; "the name twice")]
#[test_case("RegisterOnPremisesInstance", json!({ "instanceName": "two", "iamUserArn": USER }), "IamUserArnAlreadyRegisteredException"; "the user twice")]
#[test_case("RegisterOnPremisesInstance", json!({ "instanceName": "two" }), "IamArnRequiredException"; "nobody")]
#[test_case("RegisterOnPremisesInstance", json!({ "instanceName": "two", "iamUserArn": USER, "iamSessionArn": "arn:aws:sts::000000000000:assumed-role/r/s" }), "MultipleIamArnsProvidedException"; "two identities")]
#[test_case("RegisterOnPremisesInstance", json!({ "instanceName": "two", "iamUserArn": "machine" }), "InvalidIamUserArnException"; "no user")]
#[test_case("RegisterOnPremisesInstance", json!({ "instanceName": "two", "iamSessionArn": USER }), "InvalidIamSessionArnException"; "no session")]
#[test_case("RegisterOnPremisesInstance", json!({ "instanceName": "t w o", "iamUserArn": USER }), "InvalidInstanceNameException"; "a bad name")]
#[test_case("GetOnPremisesInstance", json!({ "instanceName": "nobody" }), "InstanceNotRegisteredException"; "no instance")]
#[test_case("AddTagsToOnPremisesInstances", json!({ "instanceNames": ["one"], "tags": [] }), "TagRequiredException"; "no tag")]
#[test_case("AddTagsToOnPremisesInstances", json!({ "instanceNames": [], "tags": [{ "Key": "a" }] }), "InstanceNameRequiredException"; "tags for nobody")]
#[test_case("AddTagsToOnPremisesInstances", json!({ "instanceNames": ["nobody"], "tags": [{ "Key": "a" }] }), "InstanceNotRegisteredException"; "tags for no instance")]
#[test_case("AddTagsToOnPremisesInstances", json!({ "instanceNames": ["one"], "tags": (0..11).map(|n| json!({ "Key": n.to_string() })).collect::<Vec<_>>() }), "TagLimitExceededException"; "eleven tags")]
#[test_case("ListOnPremisesInstances", json!({ "registrationStatus": "Lost" }), "InvalidRegistrationStatusException"; "an unknown status")]
#[test_case("ListOnPremisesInstances", json!({ "tagFilters": [{ "Key": "a" }] }), "InvalidTagFilterException"; "a filter without a type")]
#[tokio::test]
async fn what_cannot_be_registered_is_refused(operation: &str, input: Value, code: &str) {
    assert_eq!(world().await.refused(operation, input).await, code);
}

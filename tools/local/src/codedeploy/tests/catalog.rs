//! Applications, groups and configurations, and what is refused.

use serde_json::{Value, json};
use test_case::test_case;

use super::world::{World, appspec};

#[tokio::test]
async fn the_predefined_configurations_of_lambda_are_there() {
    let world = World::new();
    let names = world.done("ListDeploymentConfigs", json!({})).await["deploymentConfigsList"].clone();
    assert_eq!(names.as_array().unwrap().len(), 9);
    let name = json!({ "deploymentConfigName": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute" });
    let config = world.done("GetDeploymentConfig", name).await;
    let linear = json!({ "linearPercentage": 10, "linearInterval": 1 });
    assert_eq!(config["deploymentConfigInfo"]["trafficRoutingConfig"]["timeBasedLinear"], linear);
}

#[tokio::test]
async fn a_configuration_can_be_made_used_and_not_deleted_while_used() {
    let world = World::new();
    let config = json!({ "deploymentConfigName": "mine", "computePlatform": "Lambda", "trafficRoutingConfig":
        { "type": "TimeBasedCanary", "timeBasedCanary": { "canaryPercentage": 50, "canaryInterval": 1 } } });
    world.done("CreateDeploymentConfig", config.clone()).await;
    let again = world.call("CreateDeploymentConfig", config).await.unwrap_err();
    assert!(again.is("DeploymentConfigAlreadyExistsException"));
    world.done("CreateApplication", json!({ "applicationName": "app", "computePlatform": "Lambda" })).await;
    let group = json!({ "applicationName": "app", "deploymentGroupName": "group", "deploymentConfigName": "mine",
        "serviceRoleArn": "arn:aws:iam::000000000000:role/deploy" });
    world.done("CreateDeploymentGroup", group).await;
    let name = json!({ "deploymentConfigName": "mine" });
    assert!(world.call("DeleteDeploymentConfig", name.clone()).await.unwrap_err().is("DeploymentConfigInUseException"));
    world.done("DeleteApplication", json!({ "applicationName": "app" })).await;
    world.done("DeleteDeploymentConfig", name).await;
}

#[tokio::test]
async fn a_group_shows_what_was_set_and_keeps_what_is_not_updated() {
    let alarms = json!({ "enabled": true, "alarms": [{ "name": "a" }] });
    let world = World::with_group(json!({ "alarmConfiguration": alarms })).await;
    let update = json!({ "applicationName": "app", "currentDeploymentGroupName": "group",
        "newDeploymentGroupName": "renamed", "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes" });
    world.done("UpdateDeploymentGroup", update).await;
    let name = json!({ "applicationName": "app", "deploymentGroupName": "renamed" });
    let info = world.done("GetDeploymentGroup", name).await["deploymentGroupInfo"].clone();
    assert_eq!(info["alarmConfiguration"], alarms);
    assert_eq!(info["deploymentConfigName"], "CodeDeployDefault.LambdaCanary10Percent5Minutes");
    assert_eq!(info["deploymentStyle"]["deploymentType"], "BLUE_GREEN");
    let groups = world.done("ListDeploymentGroups", json!({ "applicationName": "app" })).await;
    assert_eq!(groups["deploymentGroups"], json!(["renamed"]));
}

#[tokio::test]
async fn applications_and_groups_have_tags() {
    let world = World::with_group(json!({ "tags": [{ "Key": "a", "Value": "1" }] })).await;
    let arn = "arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:app/group";
    let more = json!({ "ResourceArn": arn, "Tags": [{ "Key": "b", "Value": "2" }] });
    world.done("TagResource", more).await;
    world.done("UntagResource", json!({ "ResourceArn": arn, "TagKeys": ["a"] })).await;
    let tags = world.done("ListTagsForResource", json!({ "ResourceArn": arn })).await;
    assert_eq!(tags["Tags"], json!([{ "Key": "b", "Value": "2" }]));
}

#[test_case("CreateApplication", json!({ "applicationName": "s", "computePlatform": "Server" }), "NotImplemented"; "another platform")]
#[test_case("CreateApplication", json!({ "applicationName": "a b", "computePlatform": "Lambda" }), "InvalidApplicationNameException"; "a bad name")]
#[test_case("CreateApplication", json!({ "applicationName": "app", "computePlatform": "Lambda" }), "ApplicationAlreadyExistsException"; "twice")]
#[test_case("GetApplication", json!({ "applicationName": "nobody" }), "ApplicationDoesNotExistException"; "no application")]
#[test_case("GetDeployment", json!({ "deploymentId": "d-ABCDEFGHI" }), "DeploymentDoesNotExistException"; "no deployment")]
#[test_case("GetDeployment", json!({ "deploymentId": "nonsense" }), "InvalidDeploymentIdException"; "no id")]
#[test_case("GetDeployment", json!({}), "DeploymentIdRequiredException"; "nothing")]
#[test_case("PutLifecycleEventHookExecutionStatus", json!({ "deploymentId": "d-ABCDEFGHI", "status": "Pending" }), "InvalidLifecycleEventHookExecutionStatusException"; "a status that cannot be set")]
#[test_case("PutLifecycleEventHookExecutionStatus", json!({ "deploymentId": "d-ABCDEFGHI", "status": "Failed" }), "DeploymentDoesNotExistException"; "a report to nobody")]
#[test_case("CreateDeploymentConfig", json!({ "deploymentConfigName": "CodeDeployDefault.Mine" }), "InvalidDeploymentConfigNameException"; "a reserved name")]
#[test_case("DeleteDeploymentConfig", json!({ "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce" }), "InvalidOperationException"; "a predefined configuration")]
#[test_case("RegisterOnPremisesInstance", json!({}), "NotImplemented"; "what is not run")]
#[tokio::test]
async fn what_is_wrong_is_refused(operation: &str, input: Value, code: &str) {
    let world = World::with_group(json!({})).await;
    let error = world.as_client(operation, input).await.unwrap_err();
    assert!(error.is(code), "{error}");
}

#[test_case(json!({ "alarmConfiguration": { "enabled": true, "alarms": [] } }), "InvalidAlarmConfigException"; "alarms without an alarm")]
#[test_case(json!({ "autoRollbackConfiguration": { "enabled": true, "events": ["SOMETIMES"] } }), "InvalidAutoRollbackConfigException"; "an unknown event")]
#[test_case(json!({ "deploymentStyle": { "deploymentType": "IN_PLACE" } }), "InvalidDeploymentStyleException"; "in place")]
#[test_case(json!({ "ecsServices": [{ "serviceName": "s" }] }), "InvalidInputException"; "services of ECS")]
#[test_case(json!({ "deploymentConfigName": "nothing" }), "DeploymentConfigDoesNotExistException"; "no such configuration")]
#[test_case(json!({ "triggerConfigurations": [{ "triggerName": "t" }] }), "InvalidTriggerConfigException"; "a trigger without a topic")]
#[tokio::test]
async fn a_group_that_cannot_work_is_refused(settings: Value, code: &str) {
    let world = World::with_group(json!({})).await;
    let mut group = json!({ "applicationName": "app", "deploymentGroupName": "other",
        "serviceRoleArn": "arn:aws:iam::000000000000:role/deploy" });
    group.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let error = world.call("CreateDeploymentGroup", group).await.unwrap_err();
    assert!(error.is(code), "{error}");
}

#[tokio::test]
async fn a_revision_must_be_what_it_says() {
    let world = World::with_group(json!({})).await;
    let wrong = json!({ "revision": { "revisionType": "String", "string": { "content": appspec(), "sha256": "00" } } });
    assert!(world.deploy(wrong).await.unwrap_err().is("InvalidRevisionException"));
    let nowhere = json!({ "revision": { "revisionType": "S3",
        "s3Location": { "bucket": "b", "key": "appspec.json", "bundleType": "JSON" } } });
    assert!(world.deploy(nowhere).await.unwrap_err().is("RevisionDoesNotExistException"));
    assert!(world.deploy(json!({ "revision": null })).await.unwrap_err().is("RevisionRequiredException"));
}

#[tokio::test]
async fn a_revision_is_read_from_s3() {
    let world = World::with_group(json!({})).await;
    let objects = world.hub.objects().unwrap();
    objects.create_bucket("revisions").await.unwrap();
    let object = crate::core::StoredObject { body: appspec().into(), ..Default::default() };
    objects.put("revisions", "appspec.json", object).await.unwrap();
    let revision = json!({ "revision": { "revisionType": "S3",
        "s3Location": { "bucket": "revisions", "key": "appspec.json", "bundleType": "JSON" } } });
    let id = world.deploy(revision).await.unwrap();
    assert_eq!(world.target(&id).await["lambdaFunctionInfo"]["targetVersion"], "2");
}

//! Applications, configurations, revisions and tags, and what is refused.

use serde_json::{Value, json};
use test_case::test_case;

use super::world::{World, appspec};

#[tokio::test]
async fn the_predefined_configurations_of_every_platform_are_there() {
    let world = World::new().await;
    let names = world.done("ListDeploymentConfigs", json!({})).await["deploymentConfigsList"].clone();
    assert_eq!(names.as_array().unwrap().len(), 17);
    let config = async |name: &str| {
        let name = json!({ "deploymentConfigName": format!("CodeDeployDefault.{name}") });
        world.done("GetDeploymentConfig", name).await["deploymentConfigInfo"].clone()
    };
    let linear = config("LambdaLinear10PercentEvery1Minute").await;
    let step = json!({ "linearPercentage": 10, "linearInterval": 1 });
    assert_eq!(linear["trafficRoutingConfig"], json!({ "type": "TimeBasedLinear", "timeBasedLinear": step }));
    assert!(linear["computePlatform"] == "Lambda" && linear["minimumHealthyHosts"].is_null());
    let half = config("HalfAtATime").await;
    assert_eq!(half["minimumHealthyHosts"], json!({ "type": "FLEET_PERCENT", "value": 50 }));
    assert_eq!(half["computePlatform"], "Server");
    assert_eq!(config("ECSCanary10Percent15Minutes").await["computePlatform"], "ECS");
}

#[tokio::test]
async fn a_configuration_can_be_made_used_and_not_deleted_while_used() {
    let world = World::with_group(json!({})).await;
    let config = json!({ "deploymentConfigName": "mine", "computePlatform": "Lambda", "trafficRoutingConfig":
        { "type": "TimeBasedCanary", "timeBasedCanary": { "canaryPercentage": 50, "canaryInterval": 1 } } });
    world.done("CreateDeploymentConfig", config.clone()).await;
    assert_eq!(world.refused("CreateDeploymentConfig", config).await, "DeploymentConfigAlreadyExistsException");
    world.group(json!({ "deploymentGroupName": "mine", "deploymentConfigName": "mine" })).await.unwrap();
    let name = json!({ "deploymentConfigName": "mine" });
    assert_eq!(world.refused("DeleteDeploymentConfig", name.clone()).await, "DeploymentConfigInUseException");
    world.done("DeleteApplication", json!({ "applicationName": "app" })).await;
    world.done("DeleteDeploymentConfig", name).await;
}

#[test_case(json!({ "deploymentConfigName": "CodeDeployDefault.Mine" }), "InvalidDeploymentConfigNameException"; "a reserved name")]
#[test_case(json!({ "computePlatform": "Cloud" }), "InvalidComputePlatformException"; "an unknown platform")]
#[test_case(json!({ "computePlatform": "Lambda" }), "InvalidTrafficRoutingConfigurationException"; "no traffic")]
#[test_case(json!({ "computePlatform": "Lambda", "trafficRoutingConfig": { "type": "Sometimes" } }), "InvalidTrafficRoutingConfigurationException"; "an unknown type of traffic")]
#[test_case(json!({ "computePlatform": "Lambda", "minimumHealthyHosts": { "type": "HOST_COUNT", "value": 1 } }), "InvalidMinimumHealthyHostValueException"; "hosts on Lambda")]
#[test_case(json!({}), "InvalidMinimumHealthyHostValueException"; "no hosts")]
#[test_case(json!({ "minimumHealthyHosts": { "type": "FLEET_PERCENT", "value": 101 } }), "InvalidMinimumHealthyHostValueException"; "more than all")]
#[test_case(json!({ "minimumHealthyHosts": { "type": "HOST_COUNT", "value": 1 }, "trafficRoutingConfig": { "type": "AllAtOnce" } }), "InvalidTrafficRoutingConfigurationException"; "traffic on servers")]
#[test_case(json!({ "minimumHealthyHosts": { "type": "HOST_COUNT", "value": 1 }, "zonalConfig": { "monitorDurationInSeconds": -1 } }), "InvalidZonalDeploymentConfigurationException"; "less than no time")]
#[tokio::test]
async fn a_configuration_that_cannot_work_is_refused(more: Value, code: &str) {
    let world = World::new().await;
    let mut config = json!({ "deploymentConfigName": "mine" });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(world.refused("CreateDeploymentConfig", config).await, code);
}

#[tokio::test]
async fn an_application_is_shown_renamed_and_deleted_with_its_tags() {
    let world = World::new().await;
    let tags = json!([{ "Key": "a", "Value": "1" }]);
    let server = world.done("CreateApplication", json!({ "applicationName": "server", "tags": tags })).await;
    let info = world.done("GetApplication", json!({ "applicationName": "server" })).await["application"].clone();
    assert_eq!((&info["applicationId"], &info["computePlatform"]), (&server["applicationId"], &json!("Server")));
    assert_eq!((&info["linkedToGitHub"], info["createTime"].is_number()), (&json!(false), true));

    world.done("CreateApplication", json!({ "applicationName": "taken", "computePlatform": "ECS" })).await;
    let rename = |new: &str| json!({ "applicationName": "server", "newApplicationName": new });
    assert_eq!(world.refused("UpdateApplication", rename("taken")).await, "ApplicationAlreadyExistsException");
    world.done("UpdateApplication", rename("renamed")).await;
    assert_eq!(world.done("ListApplications", json!({})).await["applications"], json!(["renamed", "taken"]));
    let arn = "arn:aws:codedeploy:us-east-1:000000000000:application:renamed";
    assert_eq!(world.done("ListTagsForResource", json!({ "ResourceArn": arn })).await["Tags"], tags);

    world.done("DeleteApplication", json!({ "applicationName": "renamed" })).await;
    world.done("DeleteApplication", json!({ "applicationName": "renamed" })).await;
    let unknown = json!({ "applicationNames": ["taken", "renamed"] });
    assert_eq!(world.refused("BatchGetApplications", unknown).await, "ApplicationDoesNotExistException");
}

#[tokio::test]
async fn lists_come_in_pages_of_a_hundred() {
    let world = World::new().await;
    for number in 0..101 {
        world.done("CreateApplication", json!({ "applicationName": format!("app-{number:03}") })).await;
    }
    let first = world.done("ListApplications", json!({})).await;
    assert_eq!(first["applications"].as_array().unwrap().len(), 100);
    let second = world.done("ListApplications", json!({ "nextToken": first["nextToken"] })).await;
    assert_eq!((&second["applications"], second["nextToken"].is_null()), (&json!(["app-100"]), true));
    let other = json!({ "nextToken": first["nextToken"] });
    assert_eq!(world.refused("ListDeploymentConfigs", other).await, "InvalidNextTokenException");
    let many: Vec<String> = (0..101).map(|number| format!("app-{number:03}")).collect();
    let many = json!({ "applicationNames": many });
    assert_eq!(world.refused("BatchGetApplications", many).await, "BatchLimitExceededException");
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
    let tag = |arn: &str, key: &str| json!({ "ResourceArn": arn, "Tags": [{ "Key": key }] });
    let many: Vec<Value> = (0..50).map(|number| json!({ "Key": number.to_string() })).collect();
    for (input, code) in [
        (tag(arn, "aws:x"), "InvalidTagsToAddException"),
        (tag(arn, ""), "InvalidTagsToAddException"),
        (json!({ "ResourceArn": arn, "Tags": many }), "InvalidTagsToAddException"),
        (json!({ "ResourceArn": arn, "Tags": [] }), "TagRequiredException"),
        (tag("app", "a"), "InvalidArnException"),
        (tag(&arn.replace("app/group", "nobody/group"), "a"), "ApplicationDoesNotExistException"),
        (tag(&arn.replace("app/group", "app/nobody"), "a"), "DeploymentGroupDoesNotExistException"),
        (tag(&arn.replace("deploymentgroup:app/group", "deploymentconfig:mine"), "a"), "ArnNotSupportedException"),
    ] {
        assert_eq!(world.refused("TagResource", input).await, code);
    }
}

#[test_case("CreateApplication", json!({ "applicationName": "a b" }), "InvalidApplicationNameException"; "a bad name")]
#[test_case("CreateApplication", json!({}), "ApplicationNameRequiredException"; "no name")]
#[test_case("CreateApplication", json!({ "applicationName": "x", "computePlatform": "Cloud" }), "InvalidComputePlatformException"; "an unknown platform")]
#[test_case("CreateApplication", json!({ "applicationName": "app" }), "ApplicationAlreadyExistsException"; "twice")]
#[test_case("GetApplication", json!({ "applicationName": "nobody" }), "ApplicationDoesNotExistException"; "no application")]
#[test_case("UpdateApplication", json!({ "newApplicationName": "new" }), "ApplicationNameRequiredException"; "a new name for nothing")]
#[test_case("GetDeployment", json!({ "deploymentId": "d-ABCDEFGHI" }), "DeploymentDoesNotExistException"; "no deployment")]
#[test_case("GetDeployment", json!({ "deploymentId": "nonsense" }), "InvalidDeploymentIdException"; "no id")]
#[test_case("GetDeployment", json!({}), "DeploymentIdRequiredException"; "nothing")]
#[test_case("BatchGetDeployments", json!({ "deploymentIds": [] }), "DeploymentIdRequiredException"; "no ids")]
#[test_case("BatchGetDeployments", json!({ "deploymentIds": ["nonsense"] }), "InvalidDeploymentIdException"; "an id that is none among ids")]
#[test_case("BatchGetDeployments", json!({ "deploymentIds": vec!["d-A"; 26] }), "BatchLimitExceededException"; "too many ids")]
#[test_case("PutLifecycleEventHookExecutionStatus", json!({ "deploymentId": "d-ABCDEFGHI", "status": "Pending" }), "InvalidLifecycleEventHookExecutionStatusException"; "a status that cannot be set")]
#[test_case("PutLifecycleEventHookExecutionStatus", json!({ "deploymentId": "d-ABCDEFGHI", "status": "Perhaps" }), "InvalidLifecycleEventHookExecutionStatusException"; "a status that is none")]
#[test_case("PutLifecycleEventHookExecutionStatus", json!({ "deploymentId": "d-ABCDEFGHI", "status": "Failed" }), "DeploymentDoesNotExistException"; "a report to nobody")]
#[test_case("DeleteDeploymentConfig", json!({ "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce" }), "InvalidOperationException"; "a predefined configuration")]
#[test_case("GetDeploymentConfig", json!({ "deploymentConfigName": "nothing" }), "DeploymentConfigDoesNotExistException"; "no configuration")]
#[test_case("DeleteGitHubAccountToken", json!({ "tokenName": "mine" }), "GitHubAccountTokenDoesNotExistException"; "no connection to GitHub")]
#[test_case("DeleteGitHubAccountToken", json!({}), "GitHubAccountTokenNameRequiredException"; "no name of a connection")]
#[test_case("ListDeploymentInstances", json!({ "deploymentId": "d-ABCDEFGHI" }), "NotImplemented"; "what is not run")]
#[tokio::test]
async fn what_is_wrong_is_refused(operation: &str, input: Value, code: &str) {
    let world = World::with_group(json!({})).await;
    assert_eq!(world.refused(operation, input).await, code);
}

#[tokio::test]
async fn a_deployment_on_another_platform_is_not_run() {
    let world = World::with_group(json!({})).await;
    world.done("CreateApplication", json!({ "applicationName": "server" })).await;
    world.group(json!({ "applicationName": "server" })).await.unwrap();
    let error = world.deploy(json!({ "applicationName": "server" })).await.unwrap_err();
    assert!(error.is("NotImplemented") && error.message.contains("on the Server platform"), "{error}");
}

#[tokio::test]
async fn revisions_are_registered_filtered_and_sorted() {
    let world = World::new().await;
    world.done("CreateApplication", json!({ "applicationName": "server" })).await;
    let s3 = |bucket: &str, key: &str| json!({ "revisionType": "S3", "s3Location": { "bucket": bucket, "key": key, "bundleType": "zip" } });
    let git = json!({ "revisionType": "GitHub", "gitHubLocation": { "repository": "me/it", "commitId": "c0ffee" } });
    for revision in [s3("one", "a/x.zip"), s3("one", "b/x.zip"), s3("two", "a/x.zip"), git.clone()] {
        let input = json!({ "applicationName": "server", "revision": revision, "description": "by hand" });
        world.done("RegisterApplicationRevision", input).await;
    }
    let listed = async |more: Value| {
        let mut input = json!({ "applicationName": "server" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.call("ListApplicationRevisions", input).await
    };
    assert_eq!(listed(json!({})).await.unwrap()["revisions"].as_array().unwrap().len(), 4);
    let found = listed(json!({ "s3Bucket": "one", "s3KeyPrefix": "a/" })).await.unwrap();
    assert_eq!(found["revisions"], json!([s3("one", "a/x.zip")]));
    assert_eq!(listed(json!({ "deployed": "include" })).await.unwrap()["revisions"], json!([]));
    for (input, code) in [
        (json!({ "s3KeyPrefix": "a/" }), "BucketNameFilterRequiredException"),
        (json!({ "sortBy": "size" }), "InvalidSortByException"),
        (json!({ "sortOrder": "upwards" }), "InvalidSortOrderException"),
        (json!({ "deployed": "perhaps" }), "InvalidDeployedStateFilterException"),
    ] {
        assert_eq!(listed(input).await.unwrap_err().code, code);
    }
    let got = world.done("GetApplicationRevision", json!({ "applicationName": "server", "revision": git })).await;
    assert_eq!((&got["revision"], &got["revisionInfo"]["description"]), (&git, &json!("by hand")));
    let wanted = json!({ "applicationName": "server", "revisions": [git, s3("three", "x")] });
    let found = world.done("BatchGetApplicationRevisions", wanted).await;
    assert_eq!(found["revisions"].as_array().unwrap().len(), 1);
    let unknown = json!({ "applicationName": "server", "revision": s3("three", "x") });
    assert_eq!(world.refused("GetApplicationRevision", unknown).await, "RevisionDoesNotExistException");
    let inline = json!({ "revisionType": "String", "string": { "content": appspec() } });
    let inline = json!({ "applicationName": "server", "revision": inline });
    assert_eq!(world.refused("RegisterApplicationRevision", inline).await, "InvalidRevisionException");
}

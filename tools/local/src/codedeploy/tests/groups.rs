//! Deployment groups: what they show and what they refuse, by platform.

use serde_json::{Value, json};
use test_case::test_case;

use super::world::{ROLE, World};

/// A world with an application of each platform.
async fn platforms() -> World {
    let world = World::with_group(json!({})).await;
    for (name, platform) in [("server", "Server"), ("ecs", "ECS")] {
        world.done("CreateApplication", json!({ "applicationName": name, "computePlatform": platform })).await;
    }
    world
}

#[tokio::test]
async fn a_group_shows_what_was_set_and_what_is_usual() {
    let world = World::with_group(json!({})).await;
    let name = json!({ "applicationName": "app", "deploymentGroupName": "group" });
    let mut info = world.done("GetDeploymentGroup", name).await["deploymentGroupInfo"].clone();
    assert!(info.as_object_mut().unwrap().shift_remove("deploymentGroupId").unwrap().is_string());
    info.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let expected = json!({
        "applicationName": "app", "deploymentGroupName": "group", "computePlatform": "Lambda",
        "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce", "serviceRoleArn": ROLE,
        "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
        "outdatedInstancesStrategy": "UPDATE", "terminationHookEnabled": false,
        "ec2TagFilters": [], "onPremisesInstanceTagFilters": [], "autoScalingGroups": [], "triggerConfigurations": [],
    });
    assert_eq!(info, expected);
}

#[tokio::test]
async fn an_update_keeps_what_it_does_not_name() {
    let alarms = json!({ "enabled": true, "alarms": [{ "name": "a" }] });
    let world = World::with_group(json!({ "alarmConfiguration": alarms })).await;
    let update = json!({ "applicationName": "app", "currentDeploymentGroupName": "group",
        "newDeploymentGroupName": "renamed", "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes" });
    world.done("UpdateDeploymentGroup", update).await;
    let name = json!({ "applicationName": "app", "deploymentGroupName": "renamed" });
    let info = world.done("GetDeploymentGroup", name).await["deploymentGroupInfo"].clone();
    assert_eq!(info["alarmConfiguration"], alarms);
    assert_eq!(info["deploymentConfigName"], "CodeDeployDefault.LambdaCanary10Percent5Minutes");
    let groups = world.done("ListDeploymentGroups", json!({ "applicationName": "app" })).await;
    assert_eq!(groups["deploymentGroups"], json!(["renamed"]));
}

#[tokio::test]
async fn a_batch_of_groups_says_which_are_missing() {
    let world = World::with_group(json!({})).await;
    let wanted = json!({ "applicationName": "app", "deploymentGroupNames": ["group", "nobody"] });
    let found = world.done("BatchGetDeploymentGroups", wanted).await;
    assert_eq!(found["deploymentGroupsInfo"].as_array().unwrap().len(), 1);
    assert_eq!(found["errorMessage"], "No Deployment Group found for name: nobody");
    let none = json!({ "applicationName": "app", "deploymentGroupNames": [] });
    assert_eq!(world.refused("BatchGetDeploymentGroups", none).await, "DeploymentGroupNameRequiredException");
}

#[tokio::test]
async fn groups_of_other_platforms_are_kept_as_they_are() {
    let world = platforms().await;
    let filter = json!([{ "Key": "stage", "Value": "test", "Type": "KEY_AND_VALUE" }]);
    let server = json!({
        "applicationName": "server", "ec2TagFilters": filter, "autoScalingGroups": ["fleet"],
        "loadBalancerInfo": { "targetGroupInfoList": [{ "name": "targets" }] },
        "deploymentStyle": { "deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
    });
    world.group(server).await.unwrap();
    let name = json!({ "applicationName": "server", "deploymentGroupName": "group" });
    let info = world.done("GetDeploymentGroup", name.clone()).await["deploymentGroupInfo"].clone();
    assert_eq!((&info["ec2TagFilters"], &info["autoScalingGroups"]), (&filter, &json!(["fleet"])));
    assert_eq!(info["deploymentConfigName"], "CodeDeployDefault.OneAtATime");
    let set = json!({ "ec2TagSetList": [filter] });
    let update = json!({ "applicationName": "server", "currentDeploymentGroupName": "group", "ec2TagSet": set });
    world.done("UpdateDeploymentGroup", update).await;
    let info = world.done("GetDeploymentGroup", name).await["deploymentGroupInfo"].clone();
    assert_eq!((&info["ec2TagFilters"], &info["ec2TagSet"]), (&json!([]), &set));

    let ecs = json!({
        "applicationName": "ecs", "ecsServices": [{ "serviceName": "web", "clusterName": "main" }],
        "loadBalancerInfo": { "targetGroupPairInfoList": [{ "targetGroups": [{ "name": "a" }, { "name": "b" }],
            "prodTrafficRoute": { "listenerArns": ["arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/a/b/c"] } }] },
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": { "action": "TERMINATE", "terminationWaitTimeInMinutes": 5 } },
        "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
    });
    world.group(ecs).await.unwrap();
}

#[test_case(json!({ "deploymentGroupName": "group" }), "DeploymentGroupAlreadyExistsException"; "twice")]
#[test_case(json!({ "applicationName": "nobody" }), "ApplicationDoesNotExistException"; "no application")]
#[test_case(json!({ "serviceRoleArn": null }), "RoleRequiredException"; "no role")]
#[test_case(json!({ "deploymentGroupName": "a b" }), "InvalidDeploymentGroupNameException"; "a bad name")]
#[test_case(json!({ "deploymentConfigName": "nothing" }), "DeploymentConfigDoesNotExistException"; "no such configuration")]
#[test_case(json!({ "deploymentConfigName": "CodeDeployDefault.OneAtATime" }), "InvalidDeploymentConfigNameException"; "a configuration of servers")]
#[test_case(json!({ "alarmConfiguration": { "enabled": true, "alarms": [] } }), "InvalidAlarmConfigException"; "alarms without an alarm")]
#[test_case(json!({ "alarmConfiguration": { "alarms": [{ "name": "a" }, { "name": "a" }] } }), "InvalidAlarmConfigException"; "an alarm twice")]
#[test_case(json!({ "alarmConfiguration": { "alarms": (0..11).map(|n| json!({ "name": n.to_string() })).collect::<Vec<_>>() } }), "AlarmsLimitExceededException"; "eleven alarms")]
#[test_case(json!({ "autoRollbackConfiguration": { "enabled": true, "events": ["SOMETIMES"] } }), "InvalidAutoRollbackConfigException"; "an unknown event")]
#[test_case(json!({ "autoRollbackConfiguration": { "enabled": true } }), "InvalidAutoRollbackConfigException"; "no event")]
#[test_case(json!({ "deploymentStyle": { "deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL" } }), "InvalidDeploymentStyleException"; "in place")]
#[test_case(json!({ "deploymentStyle": { "deploymentType": "BLUE_GREEN" } }), "InvalidDeploymentStyleException"; "half a style")]
#[test_case(json!({ "deploymentStyle": { "deploymentType": "SIDEWAYS" } }), "InvalidDeploymentStyleException"; "an unknown style")]
#[test_case(json!({ "ecsServices": [{ "serviceName": "s", "clusterName": "c" }] }), "InvalidECSServiceException"; "services of ECS")]
#[test_case(json!({ "ec2TagFilters": [{ "Key": "a", "Type": "KEY_ONLY" }] }), "InvalidEC2TagException"; "instances")]
#[test_case(json!({ "autoScalingGroups": ["fleet"] }), "InvalidAutoScalingGroupException"; "groups of instances")]
#[test_case(json!({ "triggerConfigurations": [{ "triggerName": "t" }] }), "InvalidTriggerConfigException"; "a trigger without a topic")]
#[test_case(json!({ "triggerConfigurations": [{ "triggerName": "t", "triggerTargetArn": "arn:aws:sns:us-east-1:000000000000:t", "triggerEvents": ["Sometimes"] }] }), "InvalidTriggerConfigException"; "an unknown event of a trigger")]
#[test_case(json!({ "triggerConfigurations": (0..11).map(|n| json!({ "triggerName": n.to_string() })).collect::<Vec<_>>() }), "TriggerTargetsLimitExceededException"; "eleven triggers")]
#[test_case(json!({ "applicationName": "server", "ecsServices": [{ "serviceName": "s", "clusterName": "c" }] }), "InvalidECSServiceException"; "services of ECS on servers")]
#[test_case(json!({ "applicationName": "server", "ec2TagFilters": [{ "Key": "a", "Type": "KEY_ONLY" }], "ec2TagSet": { "ec2TagSetList": [[{ "Key": "a", "Type": "KEY_ONLY" }]] } }), "InvalidEC2TagCombinationException"; "two ways to say tags")]
#[test_case(json!({ "applicationName": "server", "onPremisesInstanceTagFilters": [{ "Key": "a", "Type": "KEY_ONLY" }], "onPremisesTagSet": { "onPremisesTagSetList": [[{ "Key": "a", "Type": "KEY_ONLY" }]] } }), "InvalidOnPremisesTagCombinationException"; "two ways to say tags on premises")]
#[test_case(json!({ "applicationName": "server", "ec2TagFilters": [{ "Key": "a", "Type": "KEY_AND_VALUE" }] }), "InvalidEC2TagException"; "a filter without its value")]
#[test_case(json!({ "applicationName": "server", "ec2TagSet": { "ec2TagSetList": vec![json!([{ "Key": "a", "Type": "KEY_ONLY" }]); 4] } }), "TagSetListLimitExceededException"; "four groups of tags")]
#[test_case(json!({ "applicationName": "server", "deploymentStyle": { "deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL" } }), "InvalidLoadBalancerInfoException"; "traffic without a load balancer")]
#[test_case(json!({ "applicationName": "server", "blueGreenDeploymentConfiguration": { "deploymentReadyOption": { "waitTimeInMinutes": 2881 } } }), "InvalidBlueGreenDeploymentConfigurationException"; "a wait of more than two days")]
#[test_case(json!({ "applicationName": "ecs", "loadBalancerInfo": { "targetGroupPairInfoList": [{ "targetGroups": [{ "name": "a" }] }] } }), "InvalidTargetGroupPairException"; "half a pair")]
#[tokio::test]
async fn a_group_that_cannot_work_is_refused(settings: Value, code: &str) {
    let world = platforms().await;
    let mut group = json!({ "deploymentGroupName": "other" });
    group.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let error = world.group(group).await.unwrap_err();
    assert!(error.is(code), "{error}");
}

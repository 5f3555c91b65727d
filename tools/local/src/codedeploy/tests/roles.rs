//! A deployment does everything as its group's role.

use serde_json::{Value, json};
use test_case::test_case;

use super::world::{World, appspec};
use crate::core::{Caller, StoredObject};

const CANARY: &str = "CodeDeployDefault.LambdaCanary10Percent10Minutes";

async fn ended(world: &World, order: Value) -> Value {
    let id = world.deploy(order).await.unwrap();
    world.pass(5).await;
    world.info(&id).await
}

fn permission(service: &str) -> Value {
    let role = super::world::ROLE;
    let text = format!(
        "The IAM role {role} does not give you permission to perform operations in the following AWS service: {service}. \
         Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant permissions to your \
         users or groups by creating IAM policies."
    );
    json!({ "code": "IAM_ROLE_PERMISSIONS", "message": text })
}

#[test_case("lambda:GetAlias", "AWSLambda"; "the alias is not read")]
#[test_case("lambda:InvokeFunction", "AWSLambda"; "the hook is not invoked")]
#[test_case("cloudwatch:DescribeAlarms", "AmazonCloudWatch"; "the alarms are not read")]
#[tokio::test(start_paused = true)]
async fn what_the_role_may_not_do_fails_the_deployment(action: &str, service: &str) {
    let alarms = json!({ "enabled": true, "alarms": [{ "name": "errors" }] });
    let world = World::with_group(json!({ "alarmConfiguration": alarms })).await;
    world.alarm("OK").await;
    world.deny(action).await;
    let info = ended(&world, json!({})).await;
    assert_eq!((&info["status"], &info["errorInformation"]), (&json!("Failed"), &permission(service)));
    assert!(world.lambda.changes.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_alias_that_the_role_may_not_move_stays() {
    let world = World::with_group(json!({ "deploymentConfigName": CANARY })).await;
    world.deny("lambda:UpdateAlias").await;
    let id = world.deploy(json!({})).await.unwrap();
    world.pass(5).await;
    world.report("Succeeded").await.unwrap();
    world.pass(5).await;
    assert_eq!(world.info(&id).await["errorInformation"], permission("AWSLambda"));
    assert_eq!(world.lambda.alias(), ("1".to_owned(), json!({})));
}

#[tokio::test(start_paused = true)]
async fn a_hook_of_another_name_needs_a_grant_of_its_own() {
    let world = World::with_group(json!({})).await;
    let content = appspec().replace("CodeDeployHook_pre", "smoke-test");
    let order = json!({ "revision": { "revisionType": "String", "string": { "content": content } } });
    assert_eq!(ended(&world, order.clone()).await["errorInformation"], permission("AWSLambda"));
    assert!(world.invoked().is_empty());
    world.grant("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:000000000000:function:smoke-test").await;
    assert_eq!(ended(&world, order).await["status"], "InProgress");
    assert_eq!(world.invoked(), ["smoke-test"]);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_gone_is_missing() {
    let world = World::with_group(json!({})).await;
    let policy = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda";
    world.iam("DetachRolePolicy", json!({ "RoleName": "deploy", "PolicyArn": policy })).await;
    world.iam("DeleteRole", json!({ "RoleName": "deploy" })).await;
    let info = ended(&world, json!({})).await;
    assert_eq!((&info["status"], &info["errorInformation"]["code"]), (&json!("Failed"), &json!("IAM_ROLE_MISSING")));
}

#[test_case("arn:aws:iam::000000000000:role/nobody"; "no such role")]
#[test_case("arn:aws:iam::000000000000:role/other"; "a role that trusts another service")]
#[test_case("deploy"; "no ARN")]
#[tokio::test]
async fn a_group_needs_a_role_that_codedeploy_can_assume(role: &str) {
    let world = World::with_group(json!({})).await;
    world.role("other", "lambda.amazonaws.com").await;
    let group = json!({ "deploymentGroupName": "other", "serviceRoleArn": role });
    assert!(world.group(group).await.unwrap_err().is("InvalidRoleException"));
    let update = json!({ "applicationName": "app", "currentDeploymentGroupName": "group", "serviceRoleArn": role });
    assert_eq!(world.refused("UpdateDeploymentGroup", update).await, "InvalidRoleException");
}

#[tokio::test]
async fn a_revision_in_s3_is_read_as_the_role() {
    let world = World::with_group(json!({})).await;
    let objects = world.hub.objects().unwrap();
    objects.create_bucket("revisions").await.unwrap();
    for key in ["CodeDeploy/appspec.json", "appspec.json"] {
        let object = StoredObject { body: appspec().into(), ..Default::default() };
        objects.put("revisions", key, object).await.unwrap();
    }
    let order = |key: &str| {
        json!({ "revision": { "revisionType": "S3",
            "s3Location": { "bucket": "revisions", "key": key, "bundleType": "JSON" } } })
    };
    // AWS's policy lets the role read below CodeDeploy/ alone.
    let id = world.deploy(order("CodeDeploy/appspec.json")).await.unwrap();
    assert_eq!(world.target(&id).await["lambdaFunctionInfo"]["targetVersion"], "2");
    world.done("StopDeployment", json!({ "deploymentId": id })).await;
    let id = world.deploy(order("appspec.json")).await.unwrap();
    assert_eq!(world.info(&id).await["errorInformation"], permission("AmazonS3"));
    let id = world.deploy(order("CodeDeploy/nothing.json")).await.unwrap();
    assert_eq!(world.info(&id).await["errorInformation"]["code"], "REVISION_MISSING");
}

#[tokio::test(start_paused = true)]
async fn a_creator_is_who_asked() {
    let world = World::with_group(json!({})).await;
    let id = world.deploy_as(&Caller::root().through("cloudformation.amazonaws.com")).await;
    assert_eq!(world.info(&id).await["creator"], "CloudFormation");
    world.done("StopDeployment", json!({ "deploymentId": id, "autoRollbackEnabled": false })).await;
    let id = world.deploy(json!({})).await.unwrap();
    assert_eq!(world.info(&id).await["creator"], "user");
}

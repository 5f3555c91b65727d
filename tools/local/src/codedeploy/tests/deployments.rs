//! Deployments through the service's operations.

use serde_json::{Value, json};

use super::world::{World, appspec};

fn canary() -> Value {
    json!({
        "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent10Minutes",
        "autoRollbackConfiguration": { "enabled": true,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"] },
    })
}

async fn alarm(world: &World, state: &str) {
    let monitoring = |operation: &'static str, input: Value| world.hub.call("monitoring", operation, input);
    let definition = json!({
        "AlarmName": "errors", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "ignore",
    });
    monitoring("PutMetricAlarm", definition).await.unwrap();
    let set = json!({ "AlarmName": "errors", "StateValue": state, "StateReason": "a test" });
    monitoring("SetAlarmState", set).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_canary_asks_its_hooks_shifts_and_succeeds() {
    let world = World::with_group(canary()).await;
    let id = world.deploy(json!({})).await.unwrap();
    assert!(id.as_str().unwrap().starts_with("d-") && id.as_str().unwrap().len() == 11);
    world.pass(5).await;

    let invoked = world.lambda.invoked.lock().unwrap()[0].clone();
    assert_eq!((&invoked["function"], &invoked["type"]), (&json!("CodeDeployHook_pre"), &json!("Event")));
    assert_eq!(invoked["event"].as_object().unwrap().len(), 2, "a hook is told two things");
    let target = world.target(&id).await;
    assert_eq!(target["lifecycleEvents"][0]["status"], "InProgress");
    assert_eq!(target["lambdaFunctionInfo"]["targetVersionWeight"], 0.0);
    assert_eq!(world.alias(), ("1".to_owned(), json!({})));

    world.report("Succeeded").await.unwrap();
    world.pass(5).await;
    assert_eq!(world.alias(), ("1".to_owned(), json!({ "2": 0.1 })));
    assert_eq!(world.target(&id).await["lambdaFunctionInfo"]["targetVersionWeight"], 0.1);
    world.pass(10 * 60).await;
    assert_eq!(world.alias(), ("2".to_owned(), json!({})));
    assert_eq!(world.invoked(), ["CodeDeployHook_pre", "CodeDeployHook_post"]);
    world.report("Succeeded").await.unwrap();
    world.pass(1).await;

    let info = world.info(&id).await;
    assert_eq!((&info["status"], &info["creator"]), (&json!("Succeeded"), &json!("user")));
    assert_eq!(info["deploymentOverview"]["Succeeded"], 1);
    assert_eq!(info.get("rollbackInfo"), None);
    assert_eq!(world.states(), [(id.clone(), json!("START")), (id, json!("SUCCESS"))]);
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_fails_rolls_back_and_both_deployments_say_so() {
    let world = World::with_group(canary()).await;
    let id = world.deploy(json!({})).await.unwrap();
    world.pass(5).await;
    world.report("Failed").await.unwrap();
    // The rollback is known in the same moment.
    let info = world.info(&id).await;
    assert_eq!(
        (&info["status"], &info["errorInformation"]["code"]),
        (&json!("Failed"), &json!("HOOK_EXECUTION_FAILURE"))
    );
    let back = info["rollbackInfo"]["rollbackDeploymentId"].clone();
    world.pass(5).await;
    let back = world.info(&back).await;
    assert_eq!((&back["status"], &back["creator"]), (&json!("Succeeded"), &json!("codeDeployRollback")));
    assert_eq!(back["rollbackInfo"]["rollbackTriggeringDeploymentId"], id);
    assert!(world.report("Succeeded").await.unwrap_err().is("LifecycleEventAlreadyCompletedException"));
    assert_eq!(world.alias(), ("1".to_owned(), json!({})));
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_goes_off_stops_the_canary() {
    let mut settings = canary();
    settings["alarmConfiguration"] = json!({ "enabled": true, "alarms": [{ "name": "errors" }] });
    let world = World::with_group(settings).await;
    alarm(&world, "OK").await;
    let id = world.deploy(json!({})).await.unwrap();
    world.pass(5).await;
    world.report("Succeeded").await.unwrap();
    world.pass(60).await;
    assert_eq!(world.alias().1, json!({ "2": 0.1 }));
    alarm(&world, "ALARM").await;
    world.pass(15).await;
    let info = world.info(&id).await;
    assert_eq!((&info["status"], &info["errorInformation"]["code"]), (&json!("Stopped"), &json!("ALARM_ACTIVE")));
    assert_eq!(world.alias(), ("1".to_owned(), json!({})));

    // The alarm blocks the next deployment, unless that one brings its own alarms.
    let blocked = world.deploy(json!({})).await.unwrap();
    world.pass(5).await;
    assert_eq!(world.info(&blocked).await["status"], "Stopped");
    let freed = world.deploy(json!({ "overrideAlarmConfiguration": { "enabled": false } })).await.unwrap();
    world.pass(5).await;
    assert_eq!(world.info(&freed).await["status"], "InProgress");
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_does_not_exist_stops_the_deployment() {
    let mut settings = canary();
    settings["alarmConfiguration"] = json!({ "enabled": true, "alarms": [{ "name": "nobody" }] });
    let world = World::with_group(settings).await;
    let id = world.deploy(json!({})).await.unwrap();
    world.pass(5).await;
    let info = world.info(&id).await;
    assert_eq!(info["status"], "Stopped");
    assert!(info["errorInformation"]["message"].as_str().unwrap().contains("nobody"));
}

#[tokio::test(start_paused = true)]
async fn one_deployment_at_a_time_and_a_stop_ends_it() {
    let world = World::with_group(canary()).await;
    let id = world.deploy(json!({})).await.unwrap();
    world.pass(5).await;
    assert!(world.deploy(json!({})).await.unwrap_err().is("DeploymentLimitExceededException"));
    let stopped = world.done("StopDeployment", json!({ "deploymentId": id, "autoRollbackEnabled": false })).await;
    assert_eq!(stopped["status"], "Succeeded");
    assert_eq!(world.info(&id).await["errorInformation"]["code"], "MANUAL_STOP");
    let again = world.call("StopDeployment", json!({ "deploymentId": id })).await.unwrap_err();
    assert!(again.is("DeploymentAlreadyCompletedException"));
    assert!(world.deploy(json!({})).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_hook_of_another_name_needs_a_role_of_its_own() {
    let world = World::with_group(canary()).await;
    let content = appspec().replace("CodeDeployHook_pre", "smoke-test");
    let revision = json!({ "revisionType": "String", "string": { "content": content } });
    let id = world.deploy(json!({ "revision": revision })).await.unwrap();
    world.pass(5).await;
    assert_eq!(world.info(&id).await["errorInformation"]["code"], "IAM_ROLE_PERMISSIONS");
    assert!(world.invoked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn triggers_are_published_with_texts() {
    let mut settings = canary();
    settings["triggerConfigurations"] = json!([{ "triggerName": "all", "triggerEvents": ["DeploymentFailure"],
        "triggerTargetArn": "arn:aws:sns:us-east-1:000000000000:topic" }]);
    let world = World::with_group(settings).await;
    let id = world.deploy(json!({})).await.unwrap();
    world.pass(5).await;
    world.report("Failed").await.unwrap();
    world.pass(5).await;
    let published = world.topics.inputs();
    assert_eq!(published.len(), 1);
    let message: Value = serde_json::from_str(published[0]["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&message["deploymentId"], &message["eventTriggerName"]), (&id, &json!("all")));
    assert!(message["errorInformation"].as_str().unwrap().contains("HOOK_EXECUTION_FAILURE"));
    assert!(message["deploymentOverview"].is_string());
}

#[tokio::test(start_paused = true)]
async fn only_a_service_of_the_plane_names_another_creator() {
    let world = World::with_group(canary()).await;
    let id = world.deploy(json!({ "_creator": "CloudFormation" })).await.unwrap();
    assert_eq!(world.info(&id).await["creator"], "CloudFormation");
    world.done("StopDeployment", json!({ "deploymentId": id, "autoRollbackEnabled": false })).await;
    let order = json!({
        "applicationName": "app", "deploymentGroupName": "group", "_creator": "CloudFormation",
        "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": appspec() } },
    });
    let id = world.as_client("CreateDeployment", order).await.unwrap()["deploymentId"].clone();
    assert_eq!(world.info(&id).await["creator"], "user");
}

#[tokio::test(start_paused = true)]
async fn a_hook_can_find_what_it_judges() {
    let world = World::with_group(canary()).await;
    let id = world.deploy(json!({})).await.unwrap();
    let info = world.info(&id).await;
    let wanted = json!({ "applicationName": "app", "revision": info["revision"] });
    let found = world.done("GetApplicationRevision", wanted).await;
    assert_eq!(found["revision"]["appSpecContent"]["content"], appspec());
    assert_eq!(found["revisionInfo"]["deploymentGroups"], json!(["group"]));
    let by_digest = json!({ "applicationName": "app", "revision": { "revisionType": "AppSpecContent",
        "appSpecContent": { "sha256": info["revision"]["appSpecContent"]["sha256"] } } });
    assert_eq!(world.done("GetApplicationRevision", by_digest).await["revision"], found["revision"]);
}

#[tokio::test(start_paused = true)]
async fn deployments_are_listed_the_newest_first_and_filtered() {
    let world = World::with_group(canary()).await;
    let first = world.deploy(json!({})).await.unwrap();
    world.done("StopDeployment", json!({ "deploymentId": first, "autoRollbackEnabled": false })).await;
    let second = world.deploy(json!({})).await.unwrap();
    let group = json!({ "applicationName": "app", "deploymentGroupName": "group" });
    assert_eq!(world.done("ListDeployments", group).await["deployments"], json!([second, first]));
    let running = world.done("ListDeployments", json!({ "includeOnlyStatuses": ["InProgress"] })).await;
    assert_eq!(running["deployments"], json!([second]));
    let infos = world.done("BatchGetDeployments", json!({ "deploymentIds": [first, "d-NOBODY000"] })).await;
    assert_eq!(infos["deploymentsInfo"].as_array().unwrap().len(), 1);
}

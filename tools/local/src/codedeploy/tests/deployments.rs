//! Deployments through the service's operations.

use serde_json::{Value, json};
use test_case::test_case;

use super::world::{World, appspec};

fn canary() -> Value {
    json!({
        "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent10Minutes",
        "autoRollbackConfiguration": { "enabled": true,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"] },
    })
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
    assert_eq!(world.lambda.alias(), ("1".to_owned(), json!({})));

    world.report("Succeeded").await.unwrap();
    world.pass(5).await;
    assert_eq!(world.lambda.alias(), ("1".to_owned(), json!({ "2": 0.1 })));
    assert_eq!(world.target(&id).await["lambdaFunctionInfo"]["targetVersionWeight"], 0.1);
    world.pass(10 * 60).await;
    assert_eq!(world.lambda.alias(), ("2".to_owned(), json!({})));
    assert_eq!(world.invoked(), ["CodeDeployHook_pre", "CodeDeployHook_post"]);
    world.report("Succeeded").await.unwrap();
    world.pass(1).await;

    let info = world.info(&id).await;
    assert_eq!((&info["status"], &info["creator"]), (&json!("Succeeded"), &json!("user")));
    assert_eq!(info["deploymentOverview"]["Succeeded"], 1);
    assert!(info["rollbackInfo"].is_null());
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
    assert_eq!(world.lambda.alias(), ("1".to_owned(), json!({})));
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_goes_off_stops_the_canary() {
    let mut settings = canary();
    settings["alarmConfiguration"] = json!({ "enabled": true, "alarms": [{ "name": "errors" }] });
    let world = World::with_group(settings).await;
    world.alarm("OK").await;
    let id = world.deploy(json!({})).await.unwrap();
    world.pass(5).await;
    world.report("Succeeded").await.unwrap();
    world.pass(60).await;
    assert_eq!(world.lambda.alias().1, json!({ "2": 0.1 }));
    world.alarm("ALARM").await;
    world.pass(15).await;
    let info = world.info(&id).await;
    assert_eq!((&info["status"], &info["errorInformation"]["code"]), (&json!("Stopped"), &json!("ALARM_ACTIVE")));
    assert_eq!(world.lambda.alias(), ("1".to_owned(), json!({})));

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
async fn triggers_are_published_with_texts() {
    let mut settings = canary();
    settings["triggerConfigurations"] = json!([{ "triggerName": "all", "triggerEvents": ["DeploymentFailure"],
        "triggerTargetArn": "arn:aws:sns:us-east-1:000000000000:topic" }]);
    let world = World::with_group(settings).await;
    let id = world.deploy(json!({})).await.unwrap();
    world.pass(5).await;
    world.report("Failed").await.unwrap();
    world.pass(5).await;
    let published = world.published();
    assert_eq!(published.len(), 1);
    let message: Value = serde_json::from_str(published[0]["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&message["deploymentId"], &message["eventTriggerName"]), (&id, &json!("all")));
    assert!(message["errorInformation"].as_str().unwrap().contains("HOOK_EXECUTION_FAILURE"));
    assert!(message["deploymentOverview"].is_string());
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

#[tokio::test(start_paused = true)]
async fn a_list_of_deployments_is_filtered_by_all_that_is_given() {
    let world = World::with_group(canary()).await;
    let id = world.deploy(json!({})).await.unwrap();
    let created = world.info(&id).await["createTime"].as_f64().unwrap();
    let listed = |input: Value| world.done("ListDeployments", input);
    let range = |start: f64, end: f64| json!({ "createTimeRange": { "start": start, "end": end } });
    assert_eq!(listed(range(created - 1.0, created + 1.0)).await["deployments"], json!([id]));
    assert_eq!(listed(range(created + 1.0, created + 2.0)).await["deployments"], json!([]));
    assert_eq!(listed(json!({ "externalId": "stack" })).await["deployments"], json!([]));
    for (input, code) in [
        (range(2.0, 1.0), "InvalidTimeRangeException"),
        (json!({ "deploymentGroupName": "group" }), "ApplicationNameRequiredException"),
        (json!({ "applicationName": "app" }), "DeploymentGroupNameRequiredException"),
        (json!({ "applicationName": "nobody", "deploymentGroupName": "group" }), "ApplicationDoesNotExistException"),
        (json!({ "applicationName": "app", "deploymentGroupName": "nobody" }), "DeploymentGroupDoesNotExistException"),
        (json!({ "includeOnlyStatuses": ["Sleeping"] }), "InvalidDeploymentStatusException"),
        (json!({ "nextToken": "1" }), "InvalidNextTokenException"),
    ] {
        assert_eq!(world.refused("ListDeployments", input).await, code);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_whose_appspec_cannot_be_read_is_taken_and_fails() {
    let world = World::with_group(canary()).await;
    let revision = json!({ "revisionType": "String", "string": { "content": "{ not: [well, formed" } });
    let id = world.deploy(json!({ "revision": revision })).await.unwrap();
    let info = world.info(&id).await;
    let expected = "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is \
                    missing or has an invalid configuration. The input AppSpec file is a not well-formed yaml. The template \
                    cannot be parsed.";
    assert_eq!(info["status"], "Failed");
    assert_eq!(info["errorInformation"], json!({ "code": "INVALID_LAMBDA_CONFIGURATION", "message": expected }));
    assert_eq!(world.done("ListDeploymentTargets", json!({ "deploymentId": id })).await["targetIds"], json!([]));
    assert!(info["rollbackInfo"].is_null());
}

#[test_case(json!({ "fileExistsBehavior": "OVERWRITE" }), "InvalidFileExistsBehaviorException"; "files")]
#[test_case(json!({ "updateOutdatedInstancesOnly": true }), "InvalidUpdateOutdatedInstancesOnlyValueException"; "instances")]
#[test_case(json!({ "targetInstances": { "autoScalingGroups": ["g"] } }), "InvalidTargetInstancesException"; "target instances")]
#[test_case(json!({ "ignoreApplicationStopFailures": true }), "InvalidIgnoreApplicationStopFailuresValueException"; "applications that stop")]
#[test_case(json!({ "description": "x".repeat(257) }), "DescriptionTooLongException"; "a long description")]
#[test_case(json!({ "deploymentConfigName": "nothing" }), "DeploymentConfigDoesNotExistException"; "no configuration")]
#[test_case(json!({ "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce" }), "InvalidDeploymentConfigNameException"; "a configuration of another platform")]
#[test_case(json!({ "deploymentGroupName": "nobody" }), "DeploymentGroupDoesNotExistException"; "no group")]
#[test_case(json!({ "deploymentGroupName": null }), "DeploymentGroupNameRequiredException"; "no name of a group")]
#[test_case(json!({ "applicationName": "nobody" }), "ApplicationDoesNotExistException"; "no application")]
#[test_case(json!({ "revision": null }), "RevisionRequiredException"; "no revision")]
#[test_case(json!({ "revision": { "revisionType": "Paper" } }), "InvalidRevisionException"; "an unknown kind of revision")]
#[test_case(json!({ "revision": { "revisionType": "GitHub", "gitHubLocation": { "repository": "r", "commitId": "c" } } }), "InvalidRevisionException"; "a revision of servers")]
#[test_case(json!({ "revision": { "revisionType": "S3", "s3Location": { "bucket": "b", "key": "k", "bundleType": "zip" } } }), "InvalidRevisionException"; "an archive")]
#[test_case(json!({ "revision": { "revisionType": "String", "string": { "content": "{}", "sha256": "00" } } }), "InvalidRevisionException"; "another digest")]
#[test_case(json!({ "overrideAlarmConfiguration": { "enabled": true, "alarms": [] } }), "InvalidAlarmConfigException"; "alarms without an alarm")]
#[test_case(json!({ "autoRollbackConfiguration": { "enabled": true, "events": ["SOMETIMES"] } }), "InvalidAutoRollbackConfigException"; "an unknown event")]
#[test_case(json!({ "deploymentMode": "RESTART" }), "NotImplemented"; "a restart")]
#[tokio::test]
async fn a_deployment_that_cannot_be_is_refused(more: Value, code: &str) {
    let world = World::with_group(json!({})).await;
    let error = world.deploy(more).await.unwrap_err();
    assert!(error.is(code), "{error}");
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_to_be_continued() {
    let world = World::with_group(canary()).await;
    let id = world.deploy(json!({})).await.unwrap();
    let wait = json!({ "deploymentId": id, "deploymentWaitType": "READY_WAIT" });
    let unsupported = "UnsupportedActionForDeploymentTypeException";
    assert_eq!(world.refused("ContinueDeployment", wait.clone()).await, unsupported);
    assert_eq!(world.refused("SkipWaitTimeForInstanceTermination", json!({ "deploymentId": id })).await, unsupported);
    let odd = json!({ "deploymentId": id, "deploymentWaitType": "SOMETIMES" });
    assert_eq!(world.refused("ContinueDeployment", odd).await, "InvalidDeploymentWaitTypeException");
    world.done("StopDeployment", json!({ "deploymentId": id, "autoRollbackEnabled": false })).await;
    assert_eq!(world.refused("ContinueDeployment", wait).await, "DeploymentAlreadyCompletedException");
}

#[tokio::test(start_paused = true)]
async fn targets_are_listed_by_status_and_asked_for_by_id() {
    let world = World::with_group(canary()).await;
    let id = world.deploy(json!({})).await.unwrap();
    let listed =
        |filters: Value| world.call("ListDeploymentTargets", json!({ "deploymentId": id, "targetFilters": filters }));
    let running = listed(json!({ "TargetStatus": ["InProgress"] })).await.unwrap()["targetIds"].clone();
    assert_eq!(running, json!(["api:live"]));
    assert_eq!(listed(json!({ "TargetStatus": ["Failed"] })).await.unwrap()["targetIds"], json!([]));
    assert!(listed(json!({ "Colour": ["Blue"] })).await.unwrap_err().is("InvalidTargetFilterNameException"));
    let target = world.done("GetDeploymentTarget", json!({ "deploymentId": id, "targetId": "api:live" })).await;
    let lambda = &target["deploymentTarget"]["lambdaTarget"];
    assert_eq!(lambda["targetArn"], "arn:aws:lambda:us-east-1:000000000000:function:api:live");
    let unknown = json!({ "deploymentId": id, "targetId": "nobody" });
    assert_eq!(world.refused("GetDeploymentTarget", unknown).await, "DeploymentTargetDoesNotExistException");
    let many = json!({ "deploymentId": id, "targetIds": vec!["api:live"; 26] });
    assert_eq!(world.refused("BatchGetDeploymentTargets", many).await, "DeploymentTargetListSizeExceededException");
}

#[tokio::test(start_paused = true)]
async fn an_application_and_a_group_keep_their_deployments_when_they_are_renamed() {
    let world = World::with_group(canary()).await;
    let id = world.deploy(json!({})).await.unwrap();
    world.done("UpdateApplication", json!({ "applicationName": "app", "newApplicationName": "new" })).await;
    let rename =
        json!({ "applicationName": "new", "currentDeploymentGroupName": "group", "newDeploymentGroupName": "g" });
    world.done("UpdateDeploymentGroup", rename).await;
    let group = json!({ "applicationName": "new", "deploymentGroupName": "g" });
    assert_eq!(world.done("ListDeployments", group).await["deployments"], json!([id]));
    let info = world.info(&id).await;
    assert_eq!((&info["applicationName"], &info["deploymentGroupName"]), (&json!("new"), &json!("g")));
}

//! `slipway explain` as people run it, against a plane with a ledger, a deployment whose hook never answers, and a release.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use slipway_local::Plane;
use slipway_local::core::Caller;
use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::ledger::contract::sample;
use slipway_shared::ledger::{AwsLedger, Basis, CheckEntry, Entry, Gate, WriteLedger as _};
use slipway_shared::release::{AwsReleases, ReleaseRecord, StageKey, StageState, WriteReleases as _};
use slipway_tests::{eventually, zip_of};

mod shop;

const HOOK: &str = "hook";
const COMMIT: &str = "8f2e9a1b0c3d4e5f8f2e9a1b0c3d4e5f8f2e9a1b";

async fn ask(plane: &Plane, service: &str, operation: &str, input: Value) -> Value {
    plane.hub().call_as(&Caller::root(), service, operation, input).await.unwrap()
}

/// A canary of `orders` whose hook says something and ends without an answer; the deployment's id.
async fn deploy(plane: &Plane) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    let role = json!({ "RoleName": "functions", "AssumeRolePolicyDocument": trust.to_string() });
    let role = ask(plane, "iam", "CreateRole", role).await["Role"]["Arn"].clone();
    let logs = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*" }] });
    let policy = json!({ "RoleName": "functions", "PolicyName": "logs", "PolicyDocument": logs.to_string() });
    ask(plane, "iam", "PutRolePolicy", policy).await;
    let zip = STANDARD.encode(zip_of("#!/bin/sh\necho forgot to report\nexit 1\n"));
    for name in ["orders", HOOK] {
        let function = json!({ "FunctionName": name, "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": role,
            "Publish": true, "Code": { "ZipFile": zip } });
        ask(plane, "lambda", "CreateFunction", function).await;
    }
    let alias = json!({ "FunctionName": "orders", "Name": "live", "FunctionVersion": "1" });
    ask(plane, "lambda", "CreateAlias", alias).await;
    let change = json!({ "FunctionName": "orders", "Description": "better" });
    ask(plane, "lambda", "UpdateFunctionConfiguration", change).await;
    let version = ask(plane, "lambda", "PublishVersion", json!({ "FunctionName": "orders" })).await;
    assert_eq!(version["Version"], "2");
    let content = json!({ "version": 0.0, "Resources": [{ "orders": { "Type": "AWS::Lambda::Function", "Properties": {
        "Name": "orders", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2" } } }],
        "Hooks": [{ "BeforeAllowTraffic": HOOK }] });
    let deployment = json!({ "applicationName": "shop", "deploymentGroupName": "orders", "revision": {
        "revisionType": "AppSpecContent", "appSpecContent": { "content": content.to_string() } } });
    ask(plane, "codedeploy", "CreateDeployment", deployment).await["deploymentId"].as_str().unwrap().to_owned()
}

async fn explained(plane: &Plane, arguments: &[&str]) -> (String, String, i32) {
    let endpoint = plane.endpoint().to_owned();
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let run = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
        command.args(["explain", "--endpoint", &endpoint]).args(arguments).env_clear().output().unwrap()
    };
    let Output { stdout, stderr, status } = tokio::task::spawn_blocking(run).await.unwrap();
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap(), status.code().unwrap())
}

async fn settings(plane: &Plane) -> (AwsSettings, AwsLedger) {
    let settings = AwsSettings::from_env(&[
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", plane.endpoint()),
    ])
    .unwrap();
    let ledger = AwsLedger::new(aws::dynamodb(&settings), output(plane, "LedgerName").await);
    (settings, ledger)
}

async fn output(plane: &Plane, key: &str) -> String {
    let described = ask(plane, "cloudformation", "DescribeStacks", json!({ "StackName": "shop" })).await;
    let outputs = described["Stacks"][0]["Outputs"].as_array().unwrap();
    let output = outputs.iter().find(|output| output["OutputKey"] == key).unwrap();
    output["OutputValue"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_that_never_answers_is_explained_by_its_last_log_lines() {
    let (plane, _) = shop::open().await;
    let id = deploy(&plane).await;
    let told = eventually("the hook's log is told", async || {
        let (told, errors, code) = explained(&plane, &[&id]).await;
        assert_eq!((errors.as_str(), code), ("", 0));
        told.contains("forgot to report").then_some(told)
    })
    .await;
    assert!(told.contains(&format!("deployment {id} of orders: InProgress")), "{told}");
    assert!(told.contains("no gate has left a verdict on it"), "{told}");
    assert!(told.contains("BeforeAllowTraffic: the last lines of hook"), "{told}");
    plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_is_explained_by_what_every_gate_has_found_with_its_numbers() {
    let (plane, _) = shop::open().await;
    let id = deploy(&plane).await;
    let (settings, ledger) = settings(&plane).await;
    let hook = Entry {
        reasons: vec!["check \"greets\": body: expected \"{{name}}\", got \"{{\"".into()],
        checks: vec![CheckEntry { name: "greets".into(), outcome: "failed".into(), duration_ms: 12 }],
        metrics: Vec::new(),
        score: None,
        ..sample(&id, Gate::BeforeAllowTraffic)
    };
    for entry in [&hook, &sample(&id, Gate::AllowTraffic)] {
        ledger.write_entry(entry, Basis::Nothing).await.unwrap();
    }
    let at = "2026-11-20T10:00:00Z".parse().unwrap();
    let mut record = ReleaseRecord::entered("0d9f4c0e-0001", "rolodex", "shop", at);
    record.commit = Some(COMMIT.into());
    record.deployment_id = Some(id.clone());
    let stage = StageKey::new(&"rolodex".parse().unwrap(), &"production".parse().unwrap());
    let releases = AwsReleases::new(aws::dynamodb(&settings), output(&plane, "ReleasesTableName").await);
    releases.write_stage(&stage, 0, &StageState::default(), &[&record]).await.unwrap();

    let directory = tempfile::tempdir().unwrap();
    let drawn = directory.path().join("canary.svg");
    let (told, errors, code) = explained(&plane, &[&COMMIT[..8], "--svg", drawn.to_str().unwrap()]).await;
    assert_eq!((errors.as_str(), code), ("", 0));
    let parts = [
        "release 0d9f4c0e-0001: ".to_owned(),
        format!("deployment {id} of orders"),
        "BeforeAllowTraffic: failed".to_owned(),
        "check \"greets\": body: expected \"{{name}}\", got \"{{\"".to_owned(),
        "failed   greets (12 ms)".to_owned(),
        "AllowTraffic: failed".to_owned(),
        "4 of 10 (40.00 %)".to_owned(),
    ];
    let mut rest = told.as_str();
    for part in &parts {
        let after = rest.split_once(part.as_str()).map(|(_, after)| after);
        assert!(after.is_some(), "{part:?} is not there, or not in its place: {told}");
        rest = after.unwrap();
    }
    let drawing = std::fs::read_to_string(&drawn).unwrap();
    assert!(drawing.starts_with("<svg") && drawing.contains("failures"), "{drawing}");
    let (by_execution, ..) = explained(&plane, &["0d9f4c0e-0001"]).await;
    assert_eq!(by_execution, told);

    // A deployment that ECS does itself is known to the ledger alone.
    let service =
        Entry { deployment_id: "EZe5RNVLH6PPzHXINuP28".into(), function: "web".into(), alias: String::new(), ..hook };
    ledger.write_entry(&service, Basis::Nothing).await.unwrap();
    let (told, ..) = explained(&plane, &["EZe5RNVLH6PPzHXINuP28"]).await;
    assert!(told.contains("service web"), "{told}");
    let (told, errors, code) = explained(&plane, &["nothing"]).await;
    assert_eq!((told.as_str(), code), ("", 1));
    assert!(errors.contains("there is no deployment and no release nothing"), "{errors}");
    plane.shutdown().await;
}

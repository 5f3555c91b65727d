//! Two functions that are released as one: by the trigger's own library, judged by the hook's own process, on a plane.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use slipway_shared::artifact::{PackageFile, reproducible_zip};
use slipway_shared::ledger::ReadLedger as _;
use slipway_tests::{ECHO, eventually};

use crate::shop::{Deployment, Shop};

const HOOK: &str = env!("CARGO_BIN_EXE_pre-traffic-under-test");
const FUNCTIONS: [&str; 2] = ["Orders", "Payments"];

/// One release of the shop.
#[derive(Debug, Clone, Copy)]
struct Release {
    /// What each function answers; their suites expect the same of both.
    labels: [&'static str; 2],
    expected: &'static str,
    preferences: [&'static str; 2],
}

impl Release {
    fn template(&self) -> Value {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": ["lambda.amazonaws.com", "codedeploy.amazonaws.com"] },
        }] });
        let mut resources = json!({
            "Ledger": { "Type": "AWS::DynamoDB::Table", "Properties": {
                "TableName": "shop-ledger", "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    { "AttributeName": "pk", "AttributeType": "S" }, { "AttributeName": "sk", "AttributeType": "S" },
                ],
                "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
            } },
            "Any": { "Type": "AWS::IAM::Role", "Properties": {
                "AssumeRolePolicyDocument": trust,
                "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
            } },
            "PreTraffic": { "Type": "AWS::Serverless::Function", "Properties": {
                "FunctionName": { "Fn::Sub": "CodeDeployHook_${AWS::StackName}_pre-traffic" },
                "CodeUri": "hook/", "Timeout": 60, "Role": { "Fn::GetAtt": ["Any", "Arn"] },
                "Environment": { "Variables": {
                    "SLIPWAY_APPLICATION": "shop", "SLIPWAY_STAGE": "production",
                    "SLIPWAY_STACK": { "Ref": "AWS::StackName" }, "SLIPWAY_LEDGER_TABLE": { "Ref": "Ledger" },
                } },
                "DeploymentPreference": { "Enabled": false },
            } },
        });
        for (index, function) in FUNCTIONS.into_iter().enumerate() {
            let name = format!("shop-{}", function.to_lowercase());
            resources[format!("{function}Suite")] = json!({ "Type": "AWS::SSM::Parameter", "Properties": {
                "Type": "String", "Name": format!("/slipway/shop/production/suites/{name}"),
                "Value": { "Fn::Sub": format!("s3://${{ArtifactBucket}}/${{Manifest}}#{function}") },
            } });
            resources[function] = json!({
                "Type": "AWS::Serverless::Function", "DependsOn": format!("{function}Suite"), "Properties": {
                    "FunctionName": name, "CodeUri": format!("{}/", function.to_lowercase()),
                    "Role": { "Fn::GetAtt": ["Any", "Arn"] },
                    "Environment": { "Variables": { "LABEL": self.labels[index] } },
                    "AutoPublishAlias": "live",
                    "DeploymentPreference": {
                        "Type": self.preferences[index], "Role": { "Fn::GetAtt": ["Any", "Arn"] },
                        "Hooks": { "PreTraffic": { "Ref": "PreTraffic" } },
                    },
                },
            });
        }
        json!({
            "Transform": "AWS::Serverless-2016-10-31",
            "Parameters": { "ArtifactBucket": { "Type": "String" }, "Manifest": { "Type": "String" } },
            "Globals": { "Function": { "Runtime": "provided.al2023", "Handler": "bootstrap" } },
            "Resources": resources,
        })
    }

    fn manifest(&self) -> Value {
        let check = json!({ "name": "answers", "kind": "invoke", "event": {}, "expect": { "label": self.expected } });
        let function = json!({ "suite": { "checks": [check] } });
        json!({ "application": "shop", "functions": { FUNCTIONS[0]: function, FUNCTIONS[1]: function } })
    }

    fn artifact(&self) -> Result<Vec<u8>> {
        let (template, manifest) = (self.template().to_string(), self.manifest().to_string());
        let hook = format!("#!/bin/sh\nexec '{HOOK}'\n");
        // The suite of one ends well before that of the other.
        let slow = ECHO.replace("    if isinstance", "    __import__(\"time\").sleep(1)\n    if isinstance");
        let files = [
            ("template.yaml", template.as_str()),
            ("slipway.yaml", &manifest),
            ("hook/bootstrap", &hook),
            ("orders/bootstrap", ECHO),
            ("payments/bootstrap", &slow),
        ];
        let files = files.map(|(path, text)| PackageFile {
            path,
            content: text.as_bytes(),
            executable: path.ends_with("bootstrap"),
        });
        Ok(reproducible_zip(files)?)
    }
}

/// The first release: nothing is shifted yet.
async fn open() -> Result<Shop> {
    let mut shop = Shop::open("shop").await?;
    slipway_tests::Aws::at(shop.plane.endpoint()).ok(&["s3api", "create-bucket", "--bucket", "artifacts"]).await;
    let preferences = ["AllAtOnce", "AllAtOnce"];
    shop.release("first", Release { labels: ["one", "one"], expected: "one", preferences }.artifact()?).await?;
    ensure!(shop.ends().await == "CREATE_COMPLETE");
    shop.has_ledger = true;
    Ok(shop)
}

/// The version that each function's alias points to, with the others' weights.
async fn live(shop: &Shop) -> Result<[(String, Value); 2]> {
    Ok([shop.alias("shop-orders").await?, shop.alias("shop-payments").await?])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_go_live_when_both_suites_have_passed_and_neither_when_one_has_failed() -> Result<()> {
    let shop = open().await?;
    let preferences = ["AllAtOnce", "AllAtOnce"];
    shop.release("good", Release { labels: ["two", "two"], expected: "two", preferences }.artifact()?).await?;
    ensure!(shop.ends().await == "UPDATE_COMPLETE");
    ensure!(live(&shop).await? == [("2".into(), json!({})), ("2".into(), json!({}))]);
    let made = shop.deployments().await?;
    ensure!(made.len() == 2 && made.iter().all(|deployment| deployment.status == "Succeeded"), "{made:?}");
    let last = made.iter().map(|deployment| deployment.events["BeforeAllowTraffic"].1).fold(0.0, f64::max);
    for deployment in &made {
        // A minute of the plane's time passes between the two suites' ends, and less than half of it between the answers of one hook.
        ensure!(
            deployment.events["AllowTraffic"].0 >= last - 30.0,
            "a shift began before all suites had passed: {made:?}"
        );
    }

    shop.release("bad", Release { labels: ["three", "wrong"], expected: "three", preferences }.artifact()?).await?;
    ensure!(shop.ends().await == "UPDATE_ROLLBACK_COMPLETE");
    ensure!(live(&shop).await? == [("2".into(), json!({})), ("2".into(), json!({}))]);
    let all = shop.deployments().await?;
    let failed: Vec<&Deployment> =
        all.iter().filter(|deployment| made.iter().all(|before| before.id != deployment.id)).collect();
    ensure!(failed.len() == 2, "{failed:?}");
    ensure!(failed.iter().all(|deployment| !deployment.events.contains_key("AllowTraffic")));
    let waiting = failed.iter().find(|deployment| deployment.function.contains("orders")).context("orders")?;
    let entries = shop.ledger.list_entries(&waiting.id).await?;
    let said: Vec<&String> = entries.iter().flat_map(|stored| &stored.entry.reasons).collect();
    ensure!(said.iter().any(|reason| reason.contains("shop-payments")), "{said:?}");
    let reason = shop.reason("bad").await?;
    // CloudFormation tells first of the alias whose deployment it sees failed first.
    let is_named = reason.contains("PaymentsAlias") || reason.contains("the suite of shop-payments");
    ensure!(is_named && reason.contains("check \"answers\": label"), "{reason}");
    shop.plane.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_stopped_while_it_shifts_takes_back_the_others() -> Result<()> {
    for other in ["AllAtOnce", "Canary10Percent30Minutes"] {
        let shop = open().await?;
        let preferences = ["Canary10Percent30Minutes", other];
        shop.release("stopped", Release { labels: ["two", "two"], expected: "two", preferences }.artifact()?).await?;
        let shifted = eventually("both shift", async || {
            let [orders, payments] = live(&shop).await.ok()?;
            let payments = if other == "AllAtOnce" { payments.0 == "2" } else { payments.1 != json!({}) };
            (payments && orders.1 != json!({})).then_some(())
        });
        shifted.await;
        let made = shop.deployments().await?;
        let orders = made.iter().find(|deployment| deployment.function.contains("orders")).context("orders")?;
        let stop = json!({ "deploymentId": orders.id, "autoRollbackEnabled": true });
        shop.ask("codedeploy", "StopDeployment", stop).await?;
        ensure!(shop.ends().await == "UPDATE_ROLLBACK_COMPLETE", "{other}");
        ensure!(live(&shop).await? == [("1".into(), json!({})), ("1".into(), json!({}))], "{other}");
        let ended = shop.deployments().await?;
        let payments = ended.iter().find(|deployment| deployment.function.contains("payments")).context("payments")?;
        let status = if other == "AllAtOnce" { "Succeeded" } else { "Stopped" };
        ensure!(payments.status == status, "{other}: {payments:?}");
        shop.plane.shutdown().await;
    }
    Ok(())
}

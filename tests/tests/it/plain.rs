//! A plain CloudFormation template, guarded by its manifest: released by the trigger's own library with the role that `pipeline.yaml`
//! gives to CloudFormation, judged by the hooks' own processes, on a plane.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use slipway_shared::artifact::{PackageFile, reproducible_zip};
use slipway_tests::{ECHO, eventually};

use crate::shop::Shop;

const PIPELINE: &str = include_str!("../../../pipeline.yaml");
const HOOKS: [(&str, &str); 2] = [
    ("pre-traffic", env!("CARGO_BIN_EXE_pre-traffic-under-test")),
    ("post-traffic", env!("CARGO_BIN_EXE_post-traffic-under-test")),
];
const STACK: &str = "shop--production";
const FUNCTION: &str = "shop--production-orders";

/// A function as people write it in plain CloudFormation; its code is a folder of the artifact.
fn function(name: &Value, code: &str, variables: &Value) -> Value {
    json!({ "Type": "AWS::Lambda::Function", "Properties": {
        "FunctionName": name, "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 60,
        "Role": { "Fn::GetAtt": ["Any", "Arn"] }, "Code": code, "Environment": { "Variables": variables },
    } })
}

fn template(label: &str) -> Value {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" },
    }] });
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let mut resources = json!({
        "Ledger": { "Type": "AWS::DynamoDB::Table", "Properties": {
            "TableName": { "Fn::Sub": "${AWS::StackName}-ledger" }, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [attribute("pk"), attribute("sk")],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }, { "AttributeName": "sk", "KeyType": "RANGE" }],
        } },
        "Any": { "Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": trust,
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        } },
        "Suite": { "Type": "AWS::SSM::Parameter", "Properties": {
            "Type": "String", "Name": format!("/slipway/shop/production/suites/{FUNCTION}"),
            "Value": { "Fn::Sub": "s3://${ArtifactBucket}/${Manifest}#Orders" },
        } },
        "Nightly": { "Type": "AWS::Events::Rule", "Properties": {
            "ScheduleExpression": "rate(1 day)",
            "Targets": [{ "Id": "orders", "Arn": { "Fn::GetAtt": ["Orders", "Arn"] } }],
        } },
        "NightlyMayCall": { "Type": "AWS::Lambda::Permission", "Properties": {
            "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
            "FunctionName": { "Ref": "Orders" }, "SourceArn": { "Fn::GetAtt": ["Nightly", "Arn"] },
        } },
    });
    for (hook, _) in HOOKS {
        let name = json!({ "Fn::Sub": format!("CodeDeployHook_${{AWS::StackName}}_{hook}") });
        let variables = json!({
            "SLIPWAY_APPLICATION": "shop", "SLIPWAY_STAGE": "production",
            "SLIPWAY_STACK": { "Ref": "AWS::StackName" }, "SLIPWAY_LEDGER_TABLE": { "Ref": "Ledger" },
        });
        resources[hook.replace("-t", "T")] = function(&name, &format!("{hook}/"), &variables);
    }
    let mut orders = function(&json!(FUNCTION), "orders/", &json!({ "LABEL": label }));
    orders["DependsOn"] = json!("Suite");
    resources["Orders"] = orders;
    json!({
        "Parameters": { "ArtifactBucket": { "Type": "String" }, "Manifest": { "Type": "String" } },
        "Resources": resources,
    })
}

/// The artifact of a version that answers `label` and whose suite expects `expected`.
fn artifact(label: &str, expected: &str) -> Result<Vec<u8>> {
    let check = json!({ "name": "answers", "kind": "invoke", "event": {}, "expect": { "label": expected } });
    let manifest = json!({
        "application": "shop",
        "functions": { "Orders": { "suite": { "checks": [check], "public": [check] } } },
        "guard": { "deployment": { "production": "Canary10Percent5Minutes" } },
    });
    let [pre, post] = HOOKS.map(|(_, program)| format!("#!/bin/sh\nexec '{program}'\n"));
    let (template, manifest) = (template(label).to_string(), manifest.to_string());
    let files = [
        ("template.yaml", template.as_str()),
        ("slipway.yaml", &manifest),
        ("pre-traffic/bootstrap", &pre),
        ("post-traffic/bootstrap", &post),
        ("orders/bootstrap", ECHO),
    ];
    let files = files.map(|(path, text)| PackageFile {
        path,
        content: text.as_bytes(),
        executable: path.ends_with("bootstrap"),
    });
    Ok(reproducible_zip(files)?)
}

/// A plane with the pipeline's stack, whose bucket and role the trigger uses.
async fn opened() -> Result<Shop> {
    let mut shop = Shop::open(STACK).await?;
    let parameter = |name: &str, value: &str| json!({ "ParameterKey": name, "ParameterValue": value });
    let stack = json!({
        "StackName": "shop-pipeline", "TemplateBody": PIPELINE, "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Parameters": [parameter("ApplicationName", "shop"), parameter("Architecture", "x86_64")],
    });
    shop.ask("cloudformation", "CreateStack", stack).await?;
    let outputs = eventually("the pipeline's stack", async || {
        let found = shop.ask("cloudformation", "DescribeStacks", json!({ "StackName": "shop-pipeline" })).await.ok()?;
        (found["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE").then(|| found["Stacks"][0]["Outputs"].clone())
    })
    .await;
    let output = |key: &str| {
        let found = outputs.as_array()?.iter().find(|output| output["OutputKey"] == key)?;
        Some(found["OutputValue"].as_str()?.to_owned())
    };
    shop.settings.artifact_bucket = output("ArtifactBucketName").context("the bucket")?;
    shop.settings.execution_role_arn = Some(output("ExecutionRoleArn").context("the role")?);
    Ok(shop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_template_is_guarded_by_its_manifest() -> Result<()> {
    let mut shop = opened().await?;
    // The first release makes the alias: there is no version from which traffic could be shifted, and no deployment.
    shop.release("first", artifact("one", "one")?).await?;
    ensure!(shop.ends().await == "CREATE_COMPLETE");
    shop.has_ledger = true;
    ensure!(shop.alias(FUNCTION).await? == ("1".into(), json!({})));
    ensure!(shop.deployments().await?.is_empty());
    let rules = shop.ask("events", "ListRules", json!({})).await?;
    let rule = rules["Rules"].as_array().into_iter().flatten().find(|rule| rule["ScheduleExpression"] == "rate(1 day)");
    let rule = rule.and_then(|rule| rule["Name"].as_str()).context("the rule")?;
    let targets = shop.ask("events", "ListTargetsByRule", json!({ "Rule": rule })).await?;
    ensure!(targets["Targets"][0]["Arn"].as_str().is_some_and(|arn| arn.ends_with(":live")), "{targets}");
    let policy = json!({ "FunctionName": FUNCTION, "Qualifier": "live" });
    let policy = shop.ask("lambda", "GetPolicy", policy).await?;
    ensure!(policy["Policy"].as_str().is_some_and(|policy| policy.contains("events.amazonaws.com")), "{policy}");

    shop.release("good", artifact("two", "two")?).await?;
    eventually("the canary has a tenth", async || {
        let (version, weights) = shop.alias(FUNCTION).await.ok()?;
        (version == "1" && weights == json!({ "2": 0.1 })).then_some(())
    })
    .await;
    ensure!(shop.ends().await == "UPDATE_COMPLETE");
    ensure!(shop.alias(FUNCTION).await? == ("2".into(), json!({})));
    let made = shop.deployments().await?;
    let [good] = made.as_slice() else { anyhow::bail!("{made:?}") };
    ensure!(good.status == "Succeeded" && good.function == FUNCTION, "{good:?}");
    ensure!(
        ["BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"]
            .iter()
            .all(|event| good.events.contains_key(*event))
    );

    shop.release("bad", artifact("wrong", "three")?).await?;
    ensure!(shop.ends().await == "UPDATE_ROLLBACK_COMPLETE");
    ensure!(shop.alias(FUNCTION).await? == ("2".into(), json!({})));
    let all = shop.deployments().await?;
    let bad = all.iter().find(|deployment| deployment.id != good.id).context("the bad deployment")?;
    ensure!(!bad.events.contains_key("AllowTraffic"), "{bad:?}");
    let reason = shop.reason("bad").await?;
    ensure!(reason.contains("OrdersAliaslive") && reason.contains("check \"answers\": label"), "{reason}");

    // The code was right and its suite was wrong: the same code is released with another suite.
    shop.release("mended", artifact("wrong", "wrong")?).await?;
    ensure!(shop.ends().await == "UPDATE_COMPLETE");
    ensure!(shop.alias(FUNCTION).await? == ("4".into(), json!({})));
    shop.plane.shutdown().await;
    Ok(())
}

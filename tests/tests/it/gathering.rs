//! Two functions that are released as one: by the trigger's own library, judged by the hook's own process, on a plane.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use deploy_trigger::{Checksums, Deadline, Ports, Settings, find_release, reconcile, release_from_event};
use serde_json::{Value, json};
use slipway_local::core::Caller;
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::artifact::{PackageFile, reproducible_zip};
use slipway_shared::aws::{self, AwsDeploymentOutcomes, AwsObjects, AwsParameters, AwsSettings, AwsStacks};
use slipway_shared::clock::SystemClock;
use slipway_shared::fakes::{Notifications, Pipelines};
use slipway_shared::ledger::{AwsLedger, ReadLedger as _};
use slipway_shared::objects::{ObjectLocation, PutObject as _};
use slipway_shared::pipeline_events::{ExecutionState, PipelineStateChange};
use slipway_shared::pipelines::{ActionExecution, PipelineExecution};
use slipway_shared::release::ReleaseState;
use slipway_tests::{ECHO, eventually};

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

/// The shop's plane, and the trigger's systems: its pipeline and its messages in memory, all else on the plane.
struct Shop {
    plane: Plane,
    settings: Settings,
    parameters: AwsParameters,
    stacks: AwsStacks,
    objects: AwsObjects,
    pipelines: Pipelines,
    deployments: AwsDeploymentOutcomes,
    ledger: AwsLedger,
    /// True once the stack has made the ledger.
    has_ledger: bool,
    notifications: Notifications,
    clock: SystemClock,
}

impl Ports for Shop {
    type Parameters = AwsParameters;
    type Stacks = AwsStacks;
    type Objects = AwsObjects;
    type Pipelines = Pipelines;
    type Deployments = AwsDeploymentOutcomes;
    type Ledger = AwsLedger;
    type Notifications = Notifications;
    type Clock = SystemClock;

    fn parameters(&self) -> &AwsParameters {
        &self.parameters
    }

    fn stacks(&self) -> &AwsStacks {
        &self.stacks
    }

    fn objects(&self) -> &AwsObjects {
        &self.objects
    }

    fn pipelines(&self) -> &Pipelines {
        &self.pipelines
    }

    fn deployments(&self) -> &AwsDeploymentOutcomes {
        &self.deployments
    }

    fn ledger(&self) -> Option<&AwsLedger> {
        self.has_ledger.then_some(&self.ledger)
    }

    fn notifications(&self) -> &Notifications {
        &self.notifications
    }

    fn clock(&self) -> &SystemClock {
        &self.clock
    }
}

/// A deployment of one of the functions.
#[derive(Debug)]
struct Deployment {
    id: String,
    function: String,
    status: String,
    /// The beginning and the end of each lifecycle event that succeeded, in seconds.
    events: BTreeMap<String, (f64, f64)>,
}

impl Shop {
    /// The first release: nothing is shifted yet.
    async fn open() -> Result<Self> {
        let plane = Plane::start(PlaneOptions { time_scale: 60.0, ..PlaneOptions::default() }).await?;
        let aws = AwsSettings::from_env(&[
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", plane.endpoint()),
        ])?;
        let settings = Settings {
            application: "shop".parse()?,
            stage: "production".parse()?,
            stack: "shop".into(),
            pipeline: "shop".into(),
            template: "template.yaml".into(),
            artifact_bucket: "artifacts".into(),
            ledger_table: Some("shop-ledger".into()),
            topic_arn: None,
            execution_role_arn: None,
            parameters: BTreeMap::new(),
            checksums: Checksums::WherePresent,
        };
        let mut shop = Self {
            settings,
            parameters: AwsParameters::new(aws::ssm(&aws)),
            stacks: AwsStacks::new(aws::cloudformation(&aws)),
            objects: AwsObjects::new(aws::s3(&aws), &aws),
            pipelines: Pipelines::default(),
            deployments: AwsDeploymentOutcomes::new(aws::codedeploy(&aws)),
            ledger: AwsLedger::new(aws::dynamodb(&aws), "shop-ledger"),
            has_ledger: false,
            notifications: Notifications::default(),
            clock: SystemClock,
            plane,
        };
        slipway_tests::Aws::at(shop.plane.endpoint()).ok(&["s3api", "create-bucket", "--bucket", "artifacts"]).await;
        let preferences = ["AllAtOnce", "AllAtOnce"];
        shop.release("first", Release { labels: ["one", "one"], expected: "one", preferences }).await?;
        ensure!(shop.ends().await == "CREATE_COMPLETE");
        shop.has_ledger = true;
        Ok(shop)
    }

    async fn release(&self, execution_id: &str, release: Release) -> Result<()> {
        let location = ObjectLocation::new("artifacts", format!("builds/{execution_id}"));
        self.objects.put_object(&location, release.artifact()?, "application/zip").await?;
        let execution = PipelineExecution {
            execution_id: execution_id.into(),
            status: "Succeeded".into(),
            execution_type: Some("STANDARD".into()),
            trigger_type: None,
            artifact_revisions: Vec::new(),
        };
        let build = ActionExecution {
            stage: "Build".into(),
            action: "Build".into(),
            category: Some("Build".into()),
            status: "Succeeded".into(),
            started: Some(jiff::Timestamp::now()),
            output_artifacts: BTreeMap::from([("BuildOutput".into(), location)]),
            ..ActionExecution::default()
        };
        self.pipelines.add(execution, vec![build]);
        let event = PipelineStateChange {
            pipeline: "shop".into(),
            execution_id: execution_id.into(),
            state: ExecutionState::Succeeded,
            version: None,
            execution_trigger: None,
            time: None,
        };
        release_from_event(self, &self.settings, &event, deadline()).await?;
        let record = find_release(&self.parameters, &self.settings.names(), execution_id).await?;
        let record = record.context("the release has no record")?;
        ensure!(record.state == ReleaseState::Executing, "{record:?}");
        Ok(())
    }

    async fn ask(&self, service: &str, operation: &str, input: Value) -> Result<Value> {
        self.plane.hub().call_as(&Caller::root(), service, operation, input).await.context(operation.to_owned())
    }

    /// The status in which the stack's operation ends.
    async fn ends(&self) -> String {
        eventually("the stack settles", async || {
            let found = self.ask("cloudformation", "DescribeStacks", json!({ "StackName": "shop" })).await.ok()?;
            let status = found["Stacks"][0]["StackStatus"].as_str()?.to_owned();
            (!status.ends_with("IN_PROGRESS")).then_some(status)
        })
        .await
    }

    /// The version that each function's alias points to, with the others' weights.
    async fn live(&self) -> Result<[(String, Value); 2]> {
        let mut found = Vec::new();
        for name in ["shop-orders", "shop-payments"] {
            let alias = self.ask("lambda", "GetAlias", json!({ "FunctionName": name, "Name": "live" })).await?;
            let weights = alias["RoutingConfig"]["AdditionalVersionWeights"].clone();
            let weights = if weights.is_null() { json!({}) } else { weights };
            found.push((alias["FunctionVersion"].as_str().unwrap_or_default().to_owned(), weights));
        }
        found.try_into().ok().context("two aliases")
    }

    /// The deployments that CloudFormation has made.
    async fn deployments(&self) -> Result<Vec<Deployment>> {
        let mut found = Vec::new();
        let ids = self.ask("codedeploy", "ListDeployments", json!({})).await?;
        for id in ids["deployments"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let info = self.ask("codedeploy", "GetDeployment", json!({ "deploymentId": id })).await?;
            let info = &info["deploymentInfo"];
            if info["creator"] != "CloudFormation" {
                continue;
            }
            let targets = self.ask("codedeploy", "ListDeploymentTargets", json!({ "deploymentId": id })).await?;
            let asked = json!({ "deploymentId": id, "targetIds": targets["targetIds"] });
            let targets = self.ask("codedeploy", "BatchGetDeploymentTargets", asked).await?;
            let target = &targets["deploymentTargets"][0]["lambdaTarget"];
            let events = target["lifecycleEvents"].as_array().into_iter().flatten();
            let events = events.filter(|event| event["status"] == "Succeeded").filter_map(|event| {
                let times = (event["startTime"].as_f64()?, event["endTime"].as_f64()?);
                Some((event["lifecycleEventName"].as_str()?.to_owned(), times))
            });
            found.push(Deployment {
                id: id.to_owned(),
                function: target["lambdaFunctionInfo"]["functionName"].as_str().unwrap_or_default().to_owned(),
                status: info["status"].as_str().unwrap_or_default().to_owned(),
                events: events.collect(),
            });
        }
        Ok(found)
    }

    async fn reason(&self, execution_id: &str) -> Result<String> {
        reconcile(self, &self.settings, deadline()).await?;
        let record = find_release(&self.parameters, &self.settings.names(), execution_id).await?;
        record.and_then(|record| record.reason).context("the release has no reason")
    }
}

fn deadline() -> Deadline {
    Deadline::at(jiff::Timestamp::now() + std::time::Duration::from_secs(50))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_go_live_when_both_suites_have_passed_and_neither_when_one_has_failed() -> Result<()> {
    let shop = Shop::open().await?;
    let preferences = ["AllAtOnce", "AllAtOnce"];
    shop.release("good", Release { labels: ["two", "two"], expected: "two", preferences }).await?;
    ensure!(shop.ends().await == "UPDATE_COMPLETE");
    ensure!(shop.live().await? == [("2".into(), json!({})), ("2".into(), json!({}))]);
    let made = shop.deployments().await?;
    ensure!(made.len() == 2 && made.iter().all(|deployment| deployment.status == "Succeeded"), "{made:?}");
    let last = made.iter().map(|deployment| deployment.events["BeforeAllowTraffic"].1).fold(0.0, f64::max);
    for deployment in &made {
        // Whole seconds of the plane's time pass between the two suites' ends.
        ensure!(
            deployment.events["AllowTraffic"].0 >= last - 1.0,
            "a shift began before all suites had passed: {made:?}"
        );
    }

    shop.release("bad", Release { labels: ["three", "wrong"], expected: "three", preferences }).await?;
    ensure!(shop.ends().await == "UPDATE_ROLLBACK_COMPLETE");
    ensure!(shop.live().await? == [("2".into(), json!({})), ("2".into(), json!({}))]);
    let all = shop.deployments().await?;
    let failed: Vec<&Deployment> =
        all.iter().filter(|deployment| made.iter().all(|before| before.id != deployment.id)).collect();
    ensure!(failed.len() == 2, "{failed:?}");
    ensure!(failed.iter().all(|deployment| !deployment.events.contains_key("AllowTraffic")));
    let waiting = failed.iter().find(|deployment| deployment.function.contains("orders")).context("orders")?;
    let entries = shop.ledger.list_entries(&waiting.id.parse()?).await?;
    let said: Vec<&String> = entries.iter().flat_map(|stored| &stored.entry.reasons).collect();
    ensure!(said.iter().any(|reason| reason.contains("shop-payments")), "{said:?}");
    let reason = shop.reason("bad").await?;
    ensure!(reason.contains("PaymentsAlias") && reason.contains("check \"answers\": label"), "{reason}");
    shop.plane.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_stopped_while_it_shifts_takes_back_the_others() -> Result<()> {
    for other in ["AllAtOnce", "Canary10Percent30Minutes"] {
        let shop = Shop::open().await?;
        let preferences = ["Canary10Percent30Minutes", other];
        shop.release("stopped", Release { labels: ["two", "two"], expected: "two", preferences }).await?;
        let shifted = eventually("both shift", async || {
            let [orders, payments] = shop.live().await.ok()?;
            let payments = if other == "AllAtOnce" { payments.0 == "2" } else { payments.1 != json!({}) };
            (payments && orders.1 != json!({})).then_some(())
        });
        shifted.await;
        let made = shop.deployments().await?;
        let orders = made.iter().find(|deployment| deployment.function.contains("orders")).context("orders")?;
        let stop = json!({ "deploymentId": orders.id, "autoRollbackEnabled": true });
        shop.ask("codedeploy", "StopDeployment", stop).await?;
        ensure!(shop.ends().await == "UPDATE_ROLLBACK_COMPLETE", "{other}");
        ensure!(shop.live().await? == [("1".into(), json!({})), ("1".into(), json!({}))], "{other}");
        let ended = shop.deployments().await?;
        let payments = ended.iter().find(|deployment| deployment.function.contains("payments")).context("payments")?;
        let status = if other == "AllAtOnce" { "Succeeded" } else { "Stopped" };
        ensure!(payments.status == status, "{other}: {payments:?}");
        shop.plane.shutdown().await;
    }
    Ok(())
}

//! A function of two versions on a plane, and the hook of its deployments.

use std::io::{Cursor, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use slipway_local::core::Caller;
use slipway_local::{Plane, PlaneOptions};
use slipway_tests::{Aws, ECHO, eventually, zip_of};
use zip::write::{SimpleFileOptions, ZipWriter};

const ROLE: &str = "arn:aws:iam::000000000000:role/any";
const HOOK: &str = "CodeDeployHook_shop_pre-traffic";

/// A standard parameter's value has at most so many bytes.
const LONGEST_PARAMETER: usize = 4096;

/// A call of the hook.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// What Lambda bills, without the initialisation.
    pub milliseconds: f64,
    pub is_cold: bool,
}

pub struct Application {
    plane: Plane,
}

impl Application {
    /// The application, and the hook, whose program this is.
    pub async fn start(hook: &Path) -> Result<Self> {
        let plane = Plane::start(PlaneOptions { time_scale: 1.0, ..PlaneOptions::default() }).await?;
        let application = Self { plane };
        application.role().await?;
        application.function("orders", &zip_of(ECHO), &json!({ "LABEL": "one" })).await?;
        application.call("lambda", "PublishVersion", json!({ "FunctionName": "orders" })).await?;
        let two = json!({ "FunctionName": "orders", "Environment": { "Variables": { "LABEL": "two" } } });
        application.call("lambda", "UpdateFunctionConfiguration", two).await?;
        application.call("lambda", "PublishVersion", json!({ "FunctionName": "orders" })).await?;
        let alias = json!({ "FunctionName": "orders", "Name": "live", "FunctionVersion": "1" });
        application.call("lambda", "CreateAlias", alias).await?;
        let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
        let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
        let table = json!({
            "TableName": "ledger", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [attribute("pk"), attribute("sk")], "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
        });
        application.call("dynamodb", "CreateTable", table).await?;
        let environment = json!({
            "SLIPWAY_APPLICATION": "shop", "SLIPWAY_STAGE": "production", "SLIPWAY_STACK": "shop", "SLIPWAY_LEDGER_TABLE": "ledger",
        });
        application.function(HOOK, &packed(hook)?, &environment).await?;
        application.group().await?;
        Ok(application)
    }

    /// Puts the suite where the hook finds it: a parameter, or an object if it is too long for one.
    pub async fn suite(&self, suite: &Value) -> Result<()> {
        let text = suite.to_string();
        let value = if text.len() > LONGEST_PARAMETER { self.object(&text).await? } else { text };
        let name = "/slipway/shop/production/suites/orders";
        let parameter = json!({ "Name": name, "Type": "String", "Value": value, "Overwrite": true });
        self.call("ssm", "PutParameter", parameter).await.map(drop)
    }

    /// Stores the suite; the object's URL.
    async fn object(&self, suite: &str) -> Result<String> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("suite.json");
        std::fs::write(&file, suite)?;
        let body = file.display().to_string();
        let aws = Aws::at(self.plane.endpoint());
        aws.ok(&["s3api", "create-bucket", "--bucket", "suites"]).await;
        aws.ok(&["s3api", "put-object", "--bucket", "suites", "--key", "orders.json", "--body", &body]).await;
        Ok("s3://suites/orders.json".to_owned())
    }

    /// One deployment to the version that users do not have, to its end; the call of its hook.
    pub async fn deploy(&self) -> Result<Call> {
        let before = self.reports().await?.len();
        let alias = self.call("lambda", "GetAlias", json!({ "FunctionName": "orders", "Name": "live" })).await?;
        let (current, target) = if alias["FunctionVersion"] == "1" { ("1", "2") } else { ("2", "1") };
        let content = json!({
            "version": 0.0,
            "Resources": [{ "orders": { "Type": "AWS::Lambda::Function",
                "Properties": { "Name": "orders", "Alias": "live", "CurrentVersion": current, "TargetVersion": target } } }],
            "Hooks": [{ "BeforeAllowTraffic": HOOK }],
        });
        let revision =
            json!({ "revisionType": "AppSpecContent", "appSpecContent": { "content": content.to_string() } });
        let deployment = json!({ "applicationName": "shop", "deploymentGroupName": "orders", "revision": revision });
        let made = self.call("codedeploy", "CreateDeployment", deployment).await?;
        let id = &made["deploymentId"];
        let ended = eventually("the deployment ends", async || {
            let found = self.call("codedeploy", "GetDeployment", json!({ "deploymentId": id })).await.ok()?;
            (!found["deploymentInfo"]["completeTime"].is_null()).then_some(found)
        })
        .await;
        let error = ended["deploymentInfo"]["errorInformation"]["code"].as_str();
        ensure!(matches!(error, None | Some("HOOK_EXECUTION_FAILURE")), "the hook was not asked: {ended}");
        let line = eventually("the call is reported", async || self.reports().await.ok()?.get(before).cloned()).await;
        Ok(Call {
            milliseconds: line
                .split_once("\tDuration: ")
                .and_then(|(_, rest)| rest.split_once(" ms"))
                .and_then(|(number, _)| number.parse().ok())
                .with_context(|| format!("a report without a duration: {line}"))?,
            is_cold: line.contains("Init Duration"),
        })
    }

    /// Ends the plane and everything that it runs.
    pub async fn stop(self) {
        self.plane.shutdown().await;
    }

    /// The REPORT lines of the hook.
    async fn reports(&self) -> Result<Vec<String>> {
        let asked = json!({ "logGroupName": format!("/aws/lambda/{HOOK}"), "filterPattern": "\"REPORT RequestId\"" });
        let found = match self.call("logs", "FilterLogEvents", asked).await {
            Ok(found) => found,
            // Before the first call there is no log.
            Err(_) => return Ok(Vec::new()),
        };
        let events = found["events"].as_array().context("no events")?;
        ensure!(found["nextToken"].is_null(), "more reports than one page");
        Ok(events.iter().filter_map(|event| event["message"].as_str().map(str::to_owned)).collect())
    }

    async fn call(&self, service: &str, operation: &str, input: Value) -> Result<Value> {
        let called = self.plane.hub().call_as(&Caller::root(), service, operation, input).await;
        called.with_context(|| format!("{service} {operation}"))
    }

    async fn role(&self) -> Result<()> {
        let services = ["lambda", "codedeploy"].map(|name| format!("{name}.amazonaws.com"));
        let trust = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "Service": services }, "Action": "sts:AssumeRole" } ] });
        let role = json!({ "RoleName": "any", "AssumeRolePolicyDocument": trust.to_string() });
        self.call("iam", "CreateRole", role).await?;
        let policy = json!({ "RoleName": "any", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess" });
        self.call("iam", "AttachRolePolicy", policy).await.map(drop)
    }

    async fn function(&self, name: &str, package: &[u8], environment: &Value) -> Result<()> {
        let function = json!({
            "FunctionName": name, "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": ROLE, "Timeout": 60,
            "MemorySize": 512, "Code": { "ZipFile": BASE64_STANDARD.encode(package) }, "Environment": { "Variables": environment },
        });
        self.call("lambda", "CreateFunction", function).await.map(drop)
    }

    async fn group(&self) -> Result<()> {
        let application = json!({ "applicationName": "shop", "computePlatform": "Lambda" });
        self.call("codedeploy", "CreateApplication", application).await?;
        let group = json!({
            "applicationName": "shop", "deploymentGroupName": "orders", "serviceRoleArn": ROLE,
            "deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce",
            "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
        });
        self.call("codedeploy", "CreateDeploymentGroup", group).await.map(drop)
    }
}

/// The program as a function's package.
fn packed(program: &Path) -> Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755))?;
    zip.write_all(&std::fs::read(program)?)?;
    Ok(zip.finish()?.into_inner())
}

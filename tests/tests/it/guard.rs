//! A template without any guard, guarded and released.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::guard::{AlarmKit, Guard, OwnPreference, guard};
use slipway_tests::{Aws, ECHO, eventually, zip_of};

/// The template as its authors wrote it, of which a release changes a variable, with its guard.
fn template(label: &str, preference: &str) -> String {
    let written = json!({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Orders": {
                "Type": "AWS::Serverless::Function",
                "Properties": {
                    "Runtime": "provided.al2023",
                    "Handler": "bootstrap",
                    "CodeUri": "s3://code/echo.zip",
                    "Environment": { "Variables": { "LABEL": label } },
                },
            },
            "Nightly": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "ScheduleExpression": "rate(1 day)",
                    "Targets": [{ "Id": "orders", "Arn": { "Fn::GetAtt": ["Orders", "Arn"] } }],
                },
            },
        },
        "Outputs": { "Function": { "Value": { "Ref": "Orders" } } },
    });
    let wishes = Guard {
        alias: "live".to_owned(),
        preference: preference.to_owned(),
        pre_traffic: None,
        post_traffic: None,
        alarms: AlarmKit::default(),
        own_preference: OwnPreference::Nothing,
        parameters: BTreeMap::new(),
    };
    guard(&written, ["Orders"], &wishes).unwrap().template.to_string()
}

struct Released {
    aws: Aws,
    plane: Plane,
}

impl Released {
    /// The application's first release, at sixty times the speed of AWS.
    async fn first() -> Self {
        let plane = Plane::start(PlaneOptions { time_scale: 60.0, ..PlaneOptions::default() }).await.unwrap();
        let aws = Aws::at(plane.endpoint());
        let directory = tempfile::tempdir().unwrap();
        let package = directory.path().join("echo.zip");
        std::fs::write(&package, zip_of(ECHO)).unwrap();
        aws.ok(&["s3api", "create-bucket", "--bucket", "code"]).await;
        let body = package.display().to_string();
        aws.ok(&["s3api", "put-object", "--bucket", "code", "--key", "echo.zip", "--body", &body]).await;
        let released = Self { aws, plane };
        released.release("create-stack", "one", "AllAtOnce").await;
        released.ends("CREATE_COMPLETE").await;
        released
    }

    async fn release(&self, verb: &str, label: &str, preference: &str) {
        let body = template(label, preference);
        let words = ["cloudformation", verb, "--stack-name", "shop", "--template-body", &body];
        let capabilities = ["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"];
        self.aws.ok(&[&words[..], &capabilities].concat()).await;
    }

    /// Waits until the stack is in a status; answers the function's name.
    async fn ends(&self, status: &str) -> String {
        eventually(status, async || self.function_in(status).await).await
    }

    /// The function's name, if the stack is in that status.
    async fn function_in(&self, status: &str) -> Option<String> {
        let described = self.aws.ok(&["cloudformation", "describe-stacks", "--stack-name", "shop"]).await;
        let stack = &described["Stacks"][0];
        let reached = stack["StackStatus"].as_str()? == status;
        reached.then(|| stack["Outputs"][0]["OutputValue"].as_str().unwrap_or_default().to_owned())
    }

    /// Waits until a deployment shifts to the version; answers nothing, for there is one at a time.
    async fn shifts_to(&self, function: &str, version: &str) {
        eventually("a canary begins", async || {
            let alias = self.alias(function).await;
            alias.pointer("/RoutingConfig/AdditionalVersionWeights")?.get(version).cloned()
        })
        .await;
    }

    async fn alias(&self, function: &str) -> Value {
        self.aws.ok(&["lambda", "get-alias", "--function-name", function, "--name", "live"]).await
    }

    async fn burns(&self, alarm: &str) {
        let words = ["cloudwatch", "set-alarm-state", "--alarm-name", alarm, "--state-value", "ALARM"];
        self.aws.run(&[&words[..], &["--state-reason", "tried"]].concat()).await.unwrap();
    }
}

#[tokio::test]
async fn a_guarded_function_is_stopped_by_its_new_version_and_not_by_its_old_one() {
    let released = Released::first().await;
    let function = released.ends("CREATE_COMPLETE").await;
    assert_eq!(released.alias(&function).await["FunctionVersion"], "1");
    let rule = released.aws.ok(&["events", "list-rules"]).await["Rules"][0]["Name"].as_str().unwrap().to_owned();
    let targets = released.aws.ok(&["events", "list-targets-by-rule", "--rule", &rule]).await;
    assert!(targets["Targets"][0]["Arn"].as_str().unwrap().ends_with(&format!(":{function}:live")), "{targets}");

    // The version that is live fails and burns its alarms: the release that mends it goes through.
    released.release("update-stack", "two", "Canary10Percent10Minutes").await;
    released.shifts_to(&function, "2").await;
    released.burns("shop-Orders-alias-errors").await;
    released.burns("shop-Orders-throttles").await;
    let alarm = ["cloudwatch", "describe-alarms", "--alarm-names", "shop-Orders-target-errors"];
    let described = released.aws.ok(&alarm).await;
    let queries = described["MetricAlarms"][0]["Metrics"].as_array().unwrap();
    let errors = queries.iter().find(|query| query["Id"] == "errors").unwrap();
    let watched = errors["MetricStat"]["Metric"]["Dimensions"].as_array().unwrap();
    assert!(watched.contains(&json!({ "Name": "ExecutedVersion", "Value": "2" })), "{watched:?}");
    released.ends("UPDATE_COMPLETE").await;
    assert_eq!(released.alias(&function).await["FunctionVersion"], "2");

    released.release("update-stack", "three", "Canary10Percent30Minutes").await;
    released.shifts_to(&function, "3").await;
    // A state that was set lasts until the alarm is evaluated.
    eventually("the release is rolled back", async || {
        released.burns("shop-Orders-target-errors").await;
        released.function_in("UPDATE_ROLLBACK_COMPLETE").await
    })
    .await;
    let alias = released.alias(&function).await;
    assert_eq!(alias["FunctionVersion"], "2");
    assert!(alias.pointer("/RoutingConfig/AdditionalVersionWeights").is_none_or(|weights| weights == &json!({})));
    released.plane.shutdown().await;
}

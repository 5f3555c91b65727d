//! The watch over a canary against the plane, by the adapters that it has on AWS.

use anyhow::{Context as _, Result, ensure};
use canary_watch::{AwsPorts, Did, Inconclusive, Settings, handle};
use serde_json::{Value, json};
use slipway_local::core::Caller;
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::identity::Stage;
use slipway_shared::ledger::{AwsLedger, Gate, ReadLedger};
use slipway_shared::parameters::ParameterNames;
use slipway_tests::{Aws, ECHO, eventually};

use crate::delivery::{begin_canary, create_versions};

/// A function whose second version fails always.
fn bootstrap() -> String {
    ECHO.replace("isinstance(event, dict) and event.get(\"fail\")", "os.environ[\"LABEL\"] == \"two\"")
}

async fn ask(plane: &Plane, service: &str, operation: &str, input: Value) -> Result<Value> {
    plane.hub().call_as(&Caller::root(), service, operation, input).await.with_context(|| operation.to_owned())
}

async fn settings(plane: &Plane) -> Result<Settings> {
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    let table = json!({
        "TableName": "ledger", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [attribute("pk"), attribute("sk")], "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
    });
    ask(plane, "dynamodb", "CreateTable", table).await?;
    let topic = ask(plane, "sns", "CreateTopic", json!({ "Name": "releases" })).await?;
    Ok(Settings {
        names: ParameterNames::new(&"slipway".parse()?, Stage::Production),
        stage: "production".parse()?,
        stack: "slipway-production".into(),
        applications: "app".parse().map_err(anyhow::Error::msg)?,
        ledger_table: "ledger".into(),
        topic_arn: topic["TopicArn"].as_str().context("no topic")?.into(),
        metrics_namespace: None,
        inconclusive: Inconclusive::Pass,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_fails_is_stopped_while_a_tenth_of_the_users_have_it() -> Result<()> {
    let plane = Plane::start(PlaneOptions { time_scale: 60.0, ..PlaneOptions::default() }).await?;
    let (client, directory) = (Aws::at(plane.endpoint()), tempfile::tempdir()?);
    create_versions(&client, directory.path(), &bootstrap()).await;
    let settings = settings(&plane).await?;
    let aws = AwsSettings::from_env(&[
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", plane.endpoint()),
    ])?;
    let ports = AwsPorts::new(&aws, &settings);
    let id = begin_canary(&client).await;
    let invoke = json!({ "FunctionName": "echo", "Qualifier": "live", "Payload": "e30=" });
    eventually("the shift is stopped", async || {
        for _ in 0..40 {
            ask(&plane, "lambda", "Invoke", invoke.clone()).await.ok();
        }
        let event = json!({ "source": "aws.events", "time": plane.hub().now().iso8601() });
        let report = handle(&ports, &settings, &event).await.ok()?;
        report.looked.iter().any(|looked| looked.did == Did::Stopped).then_some(())
    })
    .await;
    let deployment = ask(&plane, "codedeploy", "GetDeployment", json!({ "deploymentId": id })).await?;
    let info = &deployment["deploymentInfo"];
    ensure!(info["status"] == "Stopped" && info["rollbackInfo"]["rollbackDeploymentId"].is_string(), "{info}");
    let ledger = AwsLedger::new(aws::dynamodb(&aws), "ledger");
    let kept = ledger.read_entry(&id.parse()?, Gate::AllowTraffic).await?.context("no entry")?;
    let reasons = kept.entry.reasons.join("; ");
    ensure!(kept.entry.verdict == "failed" && reasons.contains("errors: "), "{reasons}");
    plane.shutdown().await;
    Ok(())
}

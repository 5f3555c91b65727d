//! The watch over a canary against the plane, by the adapters that it has on AWS.

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use canary_watch::{AwsPorts, Did, Ports as _, Settings, handle};
use serde_json::{Value, json};
use slipway_local::core::Caller;
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::aws::{self, AwsSettings};
use slipway_shared::ledger::{AwsLedger, Entry, Gate, ReadLedger};
use slipway_shared::manifest::Inconclusive;
use slipway_shared::metrics::{GetMetricData as _, MetricQuery, Stretch};
use slipway_shared::parameters::ParameterNames;
use slipway_tests::{Aws, ECHO, eventually};

use crate::delivery::{begin_canary, begin_canary_with, create_versions};

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
        names: ParameterNames::new(&"slipway".parse()?, &"production".parse()?),
        stage: "production".parse()?,
        stack: "slipway-production".into(),
        applications: "app".parse().map_err(anyhow::Error::msg)?,
        ledger_table: "ledger".into(),
        topic_arn: topic["TopicArn"].as_str().context("no topic")?.into(),
        metrics_namespace: None,
        inconclusive: Inconclusive::Pass,
    })
}

/// A plane with a function of two versions, and a watch over it.
struct Watched {
    plane: Plane,
    client: Aws,
    aws: AwsSettings,
    settings: Settings,
    ports: AwsPorts,
}

impl Watched {
    async fn start(bootstrap: &str) -> Result<Self> {
        let plane = Plane::start(PlaneOptions { time_scale: 60.0, ..PlaneOptions::default() }).await?;
        let (client, directory) = (Aws::at(plane.endpoint()), tempfile::tempdir()?);
        create_versions(&client, directory.path(), bootstrap).await;
        let settings = settings(&plane).await?;
        let aws = AwsSettings::from_env(&[
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", plane.endpoint()),
        ])?;
        let ports = AwsPorts::new(&aws, &settings);
        Ok(Self { plane, client, aws, settings, ports })
    }

    /// Looks again and again, after users have done what they do, until the shift is stopped; the ledger's entry about it.
    async fn until_stopped(&self, id: &str, users: impl AsyncFn()) -> Result<Entry> {
        eventually("the shift is stopped", async || {
            users().await;
            let event = json!({ "source": "aws.events", "time": self.plane.hub().now().iso8601() });
            let report = handle(&self.ports, &self.settings, &event).await.ok()?;
            report.looked.iter().any(|looked| looked.did == Did::Stopped).then_some(())
        })
        .await;
        let ledger = AwsLedger::new(aws::dynamodb(&self.aws), "ledger");
        Ok(ledger.read_entry(id, Gate::AllowTraffic).await?.context("no entry")?.entry)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_fails_is_stopped_while_a_tenth_of_the_users_have_it() -> Result<()> {
    let watched = Watched::start(&bootstrap()).await?;
    let plane = &watched.plane;
    let id = begin_canary(&watched.client).await;
    let invoke = json!({ "FunctionName": "echo", "Qualifier": "live", "Payload": "e30=" });
    let users = async || {
        for _ in 0..40 {
            ask(plane, "lambda", "Invoke", invoke.clone()).await.ok();
        }
    };
    let entry = watched.until_stopped(&id, users).await?;
    let deployment = ask(plane, "codedeploy", "GetDeployment", json!({ "deploymentId": id })).await?;
    let info = &deployment["deploymentInfo"];
    ensure!(info["status"] == "Stopped" && info["rollbackInfo"]["rollbackDeploymentId"].is_string(), "{info}");
    let reasons = entry.reasons.join("; ");
    ensure!(entry.verdict == "failed" && reasons.contains("errors: "), "{reasons}");
    watched.plane.shutdown().await;
    Ok(())
}

/// The manifest of a release, as `deploy-trigger` stores it and the stack's parameter names it.
async fn release(watched: &Watched, manifest: &Value) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("manifest.json");
    std::fs::write(&file, manifest.to_string())?;
    watched.client.ok(&["s3api", "create-bucket", "--bucket", "artifacts"]).await;
    let body = file.display().to_string();
    watched.client.ok(&["s3api", "put-object", "--bucket", "artifacts", "--key", "m.json", "--body", &body]).await;
    let parameter = json!({
        "Name": watched.settings.names.suite("echo"), "Type": "String", "Value": "s3://artifacts/m.json#Echo",
    });
    ask(&watched.plane, "ssm", "PutParameter", parameter).await?;
    Ok(())
}

/// Nothing is amiss but for orders that the second version refuses, by a count that only the shop's manifest knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_is_stopped_by_the_metric_that_its_releases_manifest_names() -> Result<()> {
    let watched = Watched::start(ECHO).await?;
    let plane = &watched.plane;
    let metric = json!({
        "name": "refused orders", "of": "metric", "namespace": "shop", "bad": "Refused", "requests": "Orders",
        "dimensions": {"Shop": "${function}"}, "versionDimension": "Version",
    });
    let judge = json!({"groups": [{"name": "orders", "metrics": [metric]}]});
    release(&watched, &json!({"application": "shop", "functions": {"Echo": {"suite": {}, "judge": judge}}})).await?;
    let id = begin_canary(&watched.client).await;
    let datum = |version: &str, name: &str, value: u32| {
        let dimensions = json!([{ "Name": "Shop", "Value": "echo" }, { "Name": "Version", "Value": version }]);
        json!({ "MetricName": name, "Dimensions": dimensions, "Value": value })
    };
    let data = [("1", 90, 1), ("2", 10, 5)]
        .map(|(version, orders, refused)| [datum(version, "Orders", orders), datum(version, "Refused", refused)]);
    let put = json!({ "Namespace": "shop", "MetricData": data.concat() });
    let users = async || {
        ask(plane, "monitoring", "PutMetricData", put.clone()).await.ok();
    };
    let entry = watched.until_stopped(&id, users).await?;
    let reasons = entry.reasons.join("; ");
    ensure!(entry.verdict == "failed" && reasons.starts_with("refused orders: "), "{reasons}");
    ensure!(entry.manifest.as_deref() == Some("s3://artifacts/m.json#Echo"), "{:?}", entry.manifest);
    watched.plane.shutdown().await;
    Ok(())
}

/// A hook that says something, ends well and reports nothing: CodeDeploy would wait an hour for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_that_never_answers_is_found_and_explained_by_its_own_log() -> Result<()> {
    const HOOK: &str = "CodeDeployHook_slipway-production_pre-traffic";
    let bootstrap = ECHO.replace("json.load(answer)", "json.load(answer); print('forgot to report', flush=True)");
    let watched = Watched::start(&bootstrap).await?;
    let plane = &watched.plane;
    let code = ask(plane, "lambda", "GetFunction", json!({ "FunctionName": "echo" })).await?;
    let role = &code["Configuration"]["Role"];
    let zip = STANDARD.encode(slipway_tests::zip_of(&bootstrap));
    let hook = json!({
        "FunctionName": HOOK, "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": role, "Code": { "ZipFile": zip },
    });
    ask(plane, "lambda", "CreateFunction", hook).await?;
    let limits = json!({ "FunctionName": HOOK, "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 120 });
    ask(plane, "lambda", "PutFunctionEventInvokeConfig", limits).await?;
    let id = begin_canary_with(&watched.client, json!([{ "BeforeAllowTraffic": HOOK }])).await;
    let ledger = AwsLedger::new(aws::dynamodb(&watched.aws), "ledger");
    let entry = eventually("the deployment is stopped", async || {
        let event = json!({ "source": "aws.events", "time": plane.hub().now().iso8601() });
        let report = handle(&watched.ports, &watched.settings, &event).await.ok()?;
        report.looked.iter().find(|looked| looked.did == Did::Stopped)?;
        Some(ledger.read_entry(&id, Gate::BeforeAllowTraffic).await.ok()??.entry)
    })
    .await;
    let reasons = entry.reasons.join("; ");
    ensure!(entry.verdict == "errored" && reasons.contains("has not answered"), "{reasons}");
    ensure!(reasons.contains("its log: forgot to report"), "{reasons}");
    let deployment = ask(plane, "codedeploy", "GetDeployment", json!({ "deploymentId": id })).await?;
    ensure!(deployment["deploymentInfo"]["status"] == "Stopped", "{deployment}");
    watched.plane.shutdown().await;
    Ok(())
}

/// One call of `GetMetricData` takes 500 queries.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_metrics_than_one_call_takes_are_read_in_several() -> Result<()> {
    let watched = Watched::start(ECHO).await?;
    let datum = |number: usize| json!({ "MetricName": format!("m{number}"), "Value": number });
    for numbers in [0..600, 600..1001] {
        let data: Vec<Value> = numbers.map(datum).collect();
        ask(&watched.plane, "monitoring", "PutMetricData", json!({ "Namespace": "shop", "MetricData": data })).await?;
    }
    let query = |number: usize| MetricQuery {
        namespace: "shop".into(),
        name: format!("m{number}"),
        dimensions: Vec::new(),
        statistic: "Sum".into(),
    };
    let queries: Vec<MetricQuery> = (0..1001).map(query).collect();
    let now: jiff::Timestamp = watched.plane.hub().now().iso8601().parse()?;
    let minute = std::time::Duration::from_secs(60);
    let stretch = Stretch { from: now - 10 * minute, to: now + minute, period: minute };
    let values = watched.ports.metrics().get_metric_data(&queries, stretch).await?;
    let sums: Vec<f64> = values.into_iter().map(|values| values.unwrap_or_default().values().sum()).collect();
    ensure!(sums == (0..1001).map(f64::from).collect::<Vec<_>>(), "{sums:?}");
    watched.plane.shutdown().await;
    Ok(())
}

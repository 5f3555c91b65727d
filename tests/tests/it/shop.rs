//! A shop on a plane: released by the trigger's own library, its pipeline and its messages in memory, all else on the plane.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, ensure};
use deploy_trigger::{Attempt, Checksums, Deadline, Ports, Settings, reconcile, release_from_event};
use serde_json::{Value, json};
use slipway_local::core::Caller;
use slipway_local::{Plane, PlaneOptions};
use slipway_shared::aws::{self, AwsDeploymentOutcomes, AwsObjects, AwsParameters, AwsSettings, AwsStacks};
use slipway_shared::clock::SystemClock;
use slipway_shared::fakes::{Notifications, Pipelines};
use slipway_shared::ledger::AwsLedger;
use slipway_shared::objects::{CreateObject as _, ObjectLocation};
use slipway_shared::pipeline_events::{ExecutionState, PipelineStateChange};
use slipway_shared::pipelines::{ActionExecution, PipelineExecution};
use slipway_shared::release::{AwsReleases, Queue, ReadReleases as _, ReleaseRecord, ReleaseState, StageKey};
use slipway_tests::eventually;

use crate::tables;

/// The name of the table of releases.
const RELEASES: &str = "releases";

/// The shop's plane, and the trigger's systems: its pipeline and its messages in memory, all else on the plane.
pub(crate) struct Shop {
    pub(crate) plane: Plane,
    pub(crate) settings: Settings,
    parameters: AwsParameters,
    stacks: AwsStacks,
    pub(crate) objects: AwsObjects,
    pipelines: Pipelines,
    releases: AwsReleases,
    deployments: AwsDeploymentOutcomes,
    pub(crate) ledger: AwsLedger,
    /// True once the stack has made the ledger.
    pub(crate) has_ledger: bool,
    notifications: Notifications,
    clock: SystemClock,
    attempts: AtomicUsize,
}

impl Ports for Shop {
    type Parameters = AwsParameters;
    type Stacks = AwsStacks;
    type Objects = AwsObjects;
    type Pipelines = Pipelines;
    type Releases = AwsReleases;
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

    fn releases(&self) -> &AwsReleases {
        &self.releases
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
pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(crate) function: String,
    pub(crate) status: String,
    /// The beginning and the end of each lifecycle event that succeeded, in seconds.
    pub(crate) events: BTreeMap<String, (f64, f64)>,
}

impl Shop {
    /// A plane on which nothing is released yet.
    pub(crate) async fn open(stack: &str) -> Result<Self> {
        let plane = Plane::start(PlaneOptions { time_scale: 60.0, ..PlaneOptions::default() }).await?;
        let aws = AwsSettings::from_env(&[
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_ENDPOINT_URL", plane.endpoint()),
        ])?;
        tables::make(&plane, "pipeline.yaml", "Releases", RELEASES).await?;
        let ledger = format!("{stack}-ledger");
        let settings = Settings {
            application: "shop".parse()?,
            stage: "production".parse()?,
            stack: stack.to_owned(),
            pipeline: "shop".into(),
            template: "template.yaml".into(),
            artifact_bucket: "artifacts".into(),
            ledger_table: Some(ledger.clone()),
            releases_table: RELEASES.into(),
            topic_arn: None,
            execution_role_arn: None,
            parameters: BTreeMap::new(),
            checksums: Checksums::WherePresent,
            queue: Queue::Newest,
        };
        Ok(Self {
            settings,
            parameters: AwsParameters::new(aws::ssm(&aws)),
            stacks: AwsStacks::new(aws::cloudformation(&aws)),
            objects: AwsObjects::new(aws::s3(&aws), &aws),
            pipelines: Pipelines::default(),
            releases: AwsReleases::new(aws::dynamodb(&aws), RELEASES),
            attempts: AtomicUsize::default(),
            deployments: AwsDeploymentOutcomes::new(aws::codedeploy(&aws)),
            ledger: AwsLedger::new(aws::dynamodb(&aws), ledger),
            has_ledger: false,
            notifications: Notifications::default(),
            clock: SystemClock,
            plane,
        })
    }

    /// Hands an artifact to the trigger, and waits until its change set is executed.
    pub(crate) async fn release(&self, execution_id: &str, artifact: Vec<u8>) -> Result<()> {
        let location = ObjectLocation::new(&self.settings.artifact_bucket, format!("builds/{execution_id}"));
        self.objects.create_object(&location, artifact.into(), "application/zip").await?;
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
        release_from_event(&self.attempt(), &event).await?;
        let record = self.record(execution_id).await?;
        ensure!(record.state == ReleaseState::Executing, "{record:?}");
        Ok(())
    }

    /// Calls a service of the plane as its operator.
    pub(crate) async fn ask(&self, service: &str, operation: &str, input: Value) -> Result<Value> {
        self.plane.hub().call_as(&Caller::root(), service, operation, input).await.context(operation.to_owned())
    }

    /// The status in which the stack's operation ends.
    pub(crate) async fn ends(&self) -> String {
        eventually("the stack settles", async || {
            let found =
                self.ask("cloudformation", "DescribeStacks", json!({ "StackName": self.settings.stack })).await.ok()?;
            let status = found["Stacks"][0]["StackStatus"].as_str()?.to_owned();
            (!status.ends_with("IN_PROGRESS")).then_some(status)
        })
        .await
    }

    /// The version that a function's alias points to, with the others' weights.
    pub(crate) async fn alias(&self, function: &str) -> Result<(String, Value)> {
        let alias = self.ask("lambda", "GetAlias", json!({ "FunctionName": function, "Name": "live" })).await?;
        let weights = alias["RoutingConfig"]["AdditionalVersionWeights"].clone();
        let weights = if weights.is_null() { json!({}) } else { weights };
        Ok((alias["FunctionVersion"].as_str().unwrap_or_default().to_owned(), weights))
    }

    /// The deployments that CloudFormation has made.
    pub(crate) async fn deployments(&self) -> Result<Vec<Deployment>> {
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

    /// The reason that the trigger writes down for a release that is over.
    pub(crate) async fn reason(&self, execution_id: &str) -> Result<String> {
        reconcile(&self.attempt()).await?;
        self.record(execution_id).await?.reason.context("the release has no reason")
    }

    fn attempt(&self) -> Attempt<'_, Self> {
        let number = self.attempts.fetch_add(1, Ordering::Relaxed);
        Attempt::new(self, &self.settings, format!("attempt-{number}"), deadline())
    }

    async fn record(&self, execution_id: &str) -> Result<ReleaseRecord> {
        let stage = StageKey::new(&self.settings.application, &self.settings.stage);
        let mut stored = self.releases.read_stage(&stage, &[execution_id.to_owned()]).await?;
        let found = stored.records.remove(execution_id).context("the release has no record")?;
        found.record().context("the record of the release cannot be used")
    }
}

fn deadline() -> Deadline {
    Deadline::at(jiff::Timestamp::now() + std::time::Duration::from_secs(50))
}

//! Everything the deploy trigger talks to, in memory, behind one fuse.

use std::collections::BTreeMap;
use std::time::Duration;

use deploy_trigger::{
    Checksums, Deadline, Ports, Report, Settings, TriggerError, close_from_stack_event, find_release, handle,
    reconcile, release_from_event,
};
use serde_json::Value;
use slipway_shared::artifact::{PackageFile, SHA256SUMS, Sha256Digest, reproducible_zip};
use slipway_shared::clock::Clock;
use slipway_shared::fakes::{
    DeploymentOutcomes, Fuse, Fused, Ledger, ManualClock, Notifications, Objects, Parameters, Pipelines, Stacks,
};
use slipway_shared::objects::ObjectLocation;
use slipway_shared::pipeline_events::{ExecutionState, PipelineStateChange};
use slipway_shared::pipelines::{ActionExecution, ArtifactRevision, PipelineExecution};
use slipway_shared::release::ReleaseRecord;
use slipway_shared::stack_events::StackStatusChange;

pub(crate) const STACK: &str = "slipway-production";
pub(crate) const BUCKET: &str = "artifacts";
/// The execution of the fixtures in `events/`.
pub(crate) const EXECUTION: &str = "0d9f4c0e-0001-4a5e-9c55-7f8f6a3d2b10";

pub(crate) const TEMPLATE: &str = "
Transform: AWS::Serverless-2016-10-31
Parameters:
  ApplicationName: {Type: String}
  Commit: {Type: String}
  Release: {Type: String}
  Architecture: {Type: String, Default: arm64}
  Unheard: {Type: String, Default: of}
Globals: {Function: {Runtime: provided.al2023}}
Resources:
  Api: {Type: AWS::Serverless::Function, Properties: {CodeUri: target/lambda/api/}}
  Hook: {Type: AWS::Serverless::Function, Properties: {CodeUri: ./target/lambda/hook}}
";

pub(crate) struct World {
    pub(crate) fuse: Fuse,
    pub(crate) clock: ManualClock,
    pub(crate) parameters: Parameters,
    pub(crate) stacks: Stacks,
    pub(crate) objects: Objects,
    pub(crate) pipelines: Pipelines,
    pub(crate) deployments: DeploymentOutcomes,
    pub(crate) ledger: Ledger,
    pub(crate) notifications: Notifications,
    pub(crate) settings: Settings,
    guarded: Guarded,
}

struct Guarded {
    parameters: Fused<Parameters>,
    stacks: Fused<Stacks>,
    objects: Fused<Objects>,
    pipelines: Fused<Pipelines>,
    deployments: Fused<DeploymentOutcomes>,
    ledger: Fused<Ledger>,
    notifications: Fused<Notifications>,
}

impl World {
    /// Nothing is released, nothing was built.
    pub(crate) fn empty() -> Self {
        let fuse = Fuse::default();
        let (parameters, stacks, objects) = (Parameters::default(), Stacks::default(), Objects::default());
        let (pipelines, deployments) = (Pipelines::default(), DeploymentOutcomes::default());
        let (ledger, notifications) = (Ledger::default(), Notifications::default());
        let guarded = Guarded {
            parameters: Fused::new(parameters.clone(), fuse.clone()),
            stacks: Fused::new(stacks.clone(), fuse.clone()),
            objects: Fused::new(objects.clone(), fuse.clone()),
            pipelines: Fused::new(pipelines.clone(), fuse.clone()),
            deployments: Fused::new(deployments.clone(), fuse.clone()),
            ledger: Fused::new(ledger.clone(), fuse.clone()),
            notifications: Fused::new(notifications.clone(), fuse.clone()),
        };
        let clock = ManualClock::at("2026-11-20T10:12:00Z".parse().unwrap());
        let settings = settings();
        Self {
            fuse,
            clock,
            parameters,
            stacks,
            objects,
            pipelines,
            deployments,
            ledger,
            notifications,
            settings,
            guarded,
        }
    }

    /// The stack exists and [`EXECUTION`] has built `api one`.
    pub(crate) fn ready() -> Self {
        let world = Self::empty();
        world.stacks.set_status(STACK, "UPDATE_COMPLETE");
        world.build(EXECUTION, 0, "api one");
        world
    }

    /// Makes the pipeline build code, in an execution that starts at minute `minute`, from the commit of its name.
    pub(crate) fn build(&self, execution_id: &str, minute: u8, code: &str) {
        self.build_artifact(execution_id, minute, artifact(&[("target/lambda/api/bootstrap", code)]));
    }

    pub(crate) fn build_artifact(&self, execution_id: &str, minute: u8, artifact: Vec<u8>) {
        let location = ObjectLocation::new(BUCKET, format!("slipway/BuildOutpu/{execution_id}"));
        let _ = self.objects.clone().with(&location, artifact);
        let execution = PipelineExecution {
            execution_id: execution_id.into(),
            status: "Succeeded".into(),
            execution_type: Some("STANDARD".into()),
            trigger_type: Some("CloudWatchEvent".into()),
            artifact_revisions: vec![ArtifactRevision {
                name: "SourceOutput".into(),
                revision_id: commit(execution_id),
            }],
        };
        let action = |category: &str, minutes: u8| ActionExecution {
            stage: category.into(),
            action: category.into(),
            category: Some(category.into()),
            status: "Succeeded".into(),
            started: Some(format!("2026-11-20T10:{minutes:02}:00Z").parse().unwrap()),
            ..ActionExecution::default()
        };
        let mut build = action("Build", minute + 1);
        build.output_artifacts = BTreeMap::from([("BuildOutput".into(), location)]);
        // Newest first, as ListActionExecutions answers.
        self.pipelines.add(execution, vec![build, action("Source", minute)]);
    }

    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::at(self.clock.now() + Duration::from_secs(300))
    }

    pub(crate) async fn succeed(&self, execution_id: &str) -> Result<Report, TriggerError> {
        let event = PipelineStateChange {
            pipeline: self.settings.pipeline.clone(),
            execution_id: execution_id.into(),
            state: ExecutionState::Succeeded,
            version: None,
            execution_trigger: None,
            time: None,
        };
        release_from_event(self, &self.settings, &event, self.deadline()).await
    }

    pub(crate) async fn receive(&self, event: &Value) -> Result<Report, TriggerError> {
        handle(self, &self.settings, event, self.deadline()).await
    }

    pub(crate) async fn close(&self, change: &StackStatusChange) -> Result<Report, TriggerError> {
        close_from_stack_event(self, &self.settings, change).await
    }

    pub(crate) async fn reconcile(&self) -> Result<Report, TriggerError> {
        reconcile(self, &self.settings, self.deadline()).await
    }

    pub(crate) async fn record(&self, execution_id: &str) -> ReleaseRecord {
        find_release(&self.parameters, &self.settings.names(), execution_id).await.unwrap().unwrap()
    }
}

impl Ports for World {
    type Parameters = Fused<Parameters>;
    type Stacks = Fused<Stacks>;
    type Objects = Fused<Objects>;
    type Pipelines = Fused<Pipelines>;
    type Deployments = Fused<DeploymentOutcomes>;
    type Ledger = Fused<Ledger>;
    type Notifications = Fused<Notifications>;
    type Clock = ManualClock;

    fn parameters(&self) -> &Self::Parameters {
        &self.guarded.parameters
    }

    fn stacks(&self) -> &Self::Stacks {
        &self.guarded.stacks
    }

    fn objects(&self) -> &Self::Objects {
        &self.guarded.objects
    }

    fn pipelines(&self) -> &Self::Pipelines {
        &self.guarded.pipelines
    }

    fn deployments(&self) -> &Self::Deployments {
        &self.guarded.deployments
    }

    fn ledger(&self) -> Option<&Self::Ledger> {
        Some(&self.guarded.ledger)
    }

    fn notifications(&self) -> &Self::Notifications {
        &self.guarded.notifications
    }

    fn clock(&self) -> &Self::Clock {
        &self.clock
    }
}

/// The commit that an execution builds.
pub(crate) fn commit(execution_id: &str) -> String {
    format!("commit-of-{execution_id}")
}

/// A build's artifact: the template, a hook, `files`, and their sums.
pub(crate) fn artifact(files: &[(&str, &str)]) -> Vec<u8> {
    let mut all = BTreeMap::from([("template.yaml", TEMPLATE), ("target/lambda/hook/bootstrap", "hook")]);
    all.extend(files.iter().copied());
    let sums: String =
        all.iter().map(|(path, text)| format!("{}  ./{path}\n", Sha256Digest::of(text.as_bytes()))).collect();
    all.insert(SHA256SUMS, &sums);
    zip(&all)
}

pub(crate) fn zip(files: &BTreeMap<&str, &str>) -> Vec<u8> {
    let files = files.iter().map(|(path, text)| PackageFile {
        path,
        content: text.as_bytes(),
        executable: path.ends_with("bootstrap"),
    });
    reproducible_zip(files).unwrap()
}

fn settings() -> Settings {
    Settings {
        application: "slipway".parse().unwrap(),
        stage: "production".parse().unwrap(),
        stack: STACK.into(),
        pipeline: "slipway".into(),
        template: "template.yaml".into(),
        artifact_bucket: BUCKET.into(),
        ledger_table: Some("ledger".into()),
        topic_arn: Some("arn:aws:sns:eu-west-1:111122223333:slipway-production-releases".into()),
        execution_role_arn: Some("arn:aws:iam::111122223333:role/execution".into()),
        parameters: BTreeMap::new(),
        checksums: Checksums::Required,
    }
}

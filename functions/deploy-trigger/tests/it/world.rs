//! Everything the deploy trigger talks to, in memory, behind one fuse.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deploy_trigger::{
    Attempt, Checksums, Deadline, Ports, Report, Settings, TriggerError, close_from_stack_event, handle, reconcile,
    release_from_event,
};
use serde_json::Value;
use slipway_shared::artifact::{PackageFile, SHA256SUMS, Sha256Digest, reproducible_zip};
use slipway_shared::clock::Clock;
use slipway_shared::fakes::{
    DeploymentOutcomes, Fuse, Fused, Ledger, ManualClock, Notifications, Objects, Parameters, Pipelines, Releases,
    Stacks,
};
use slipway_shared::objects::ObjectLocation;
use slipway_shared::pipeline_events::{ExecutionState, PipelineStateChange};
use slipway_shared::pipelines::{ActionExecution, ArtifactRevision, PipelineExecution};
use slipway_shared::release::{Queue, ReleaseRecord, StageKey, StageState};
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
    pub(crate) releases: Releases,
    pub(crate) deployments: DeploymentOutcomes,
    pub(crate) ledger: Ledger,
    pub(crate) notifications: Notifications,
    pub(crate) settings: Settings,
    guarded: Guarded,
    attempts: AtomicUsize,
}

struct Guarded {
    parameters: Fused<Parameters>,
    stacks: Fused<Stacks>,
    objects: Fused<Objects>,
    pipelines: Fused<Pipelines>,
    releases: Fused<Releases>,
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
        let (ledger, notifications, releases) = (Ledger::default(), Notifications::default(), Releases::default());
        let guarded = Guarded {
            parameters: Fused::new(parameters.clone(), fuse.clone()),
            stacks: Fused::new(stacks.clone(), fuse.clone()),
            objects: Fused::new(objects.clone(), fuse.clone()),
            pipelines: Fused::new(pipelines.clone(), fuse.clone()),
            releases: Fused::new(releases.clone(), fuse.clone()),
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
            releases,
            deployments,
            ledger,
            notifications,
            settings,
            guarded,
            attempts: AtomicUsize::default(),
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

    /// An attempt that is not another's.
    pub(crate) fn attempt(&self) -> Attempt<'_, Self> {
        let number = self.attempts.fetch_add(1, Ordering::Relaxed);
        Attempt::new(self, &self.settings, format!("stream#{number}"), self.deadline())
    }

    /// The event of a success. It does not say what started the execution, so that this is asked.
    pub(crate) fn success(&self, execution_id: &str) -> PipelineStateChange {
        PipelineStateChange {
            pipeline: self.settings.pipeline.clone(),
            execution_id: execution_id.into(),
            state: ExecutionState::Succeeded,
            version: None,
            execution_trigger: None,
            time: None,
        }
    }

    pub(crate) async fn succeed(&self, execution_id: &str) -> Result<Report, TriggerError> {
        release_from_event(&self.attempt(), &self.success(execution_id)).await
    }

    pub(crate) async fn receive(&self, event: &Value) -> Result<Report, TriggerError> {
        handle(&self.attempt(), event).await
    }

    pub(crate) async fn close(&self, change: &StackStatusChange) -> Result<Report, TriggerError> {
        close_from_stack_event(&self.attempt(), change).await
    }

    /// Ends the operation of the stack; the event arrives.
    pub(crate) async fn end(&self, status: &str) -> Report {
        self.close(&self.stacks.end(STACK, status)).await.unwrap()
    }

    pub(crate) async fn reconcile(&self) -> Result<Report, TriggerError> {
        reconcile(&self.attempt()).await
    }

    pub(crate) fn key(&self) -> StageKey {
        StageKey::new(&self.settings.application, &self.settings.stage)
    }

    pub(crate) fn state(&self) -> StageState {
        self.releases.state(&self.key())
    }

    pub(crate) fn record(&self, execution_id: &str) -> ReleaseRecord {
        self.releases.record(&self.key(), execution_id).unwrap()
    }
}

impl Ports for World {
    type Parameters = Fused<Parameters>;
    type Stacks = Fused<Stacks>;
    type Objects = Fused<Objects>;
    type Pipelines = Fused<Pipelines>;
    type Releases = Fused<Releases>;
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

    fn releases(&self) -> &Self::Releases {
        &self.guarded.releases
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
        releases_table: "releases".into(),
        topic_arn: Some("arn:aws:sns:eu-west-1:111122223333:slipway-production-releases".into()),
        execution_role_arn: Some("arn:aws:iam::111122223333:role/execution".into()),
        parameters: BTreeMap::new(),
        checksums: Checksums::Required,
        queue: Queue::Newest,
    }
}

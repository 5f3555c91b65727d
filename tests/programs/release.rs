//! Makes one release as the function does, and tells on stdout the largest amount of memory that the process had, in kilobytes, and on
//! the next line the template that CloudFormation is given.
//!
//! S3 is that of the endpoint in the environment; all other systems are in memory. The one argument is the artifact's key.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use deploy_trigger::{Attempt, Checksums, Deadline, Ports, Settings, release_from_event};
use slipway_shared::aws::{self, AwsObjects, AwsSettings};
use slipway_shared::clock::SystemClock;
use slipway_shared::env::ProcessEnvironment;
use slipway_shared::fakes::{DeploymentOutcomes, Ledger, Notifications, Parameters, Pipelines, Releases, Stacks};
use slipway_shared::objects::ObjectLocation;
use slipway_shared::pipeline_events::{ExecutionState, PipelineStateChange};
use slipway_shared::pipelines::{ActionExecution, PipelineExecution};
use slipway_shared::release::{Queue, ReleaseState, StageKey};
use slipway_shared::stacks::TemplateSource;

const BUCKET: &str = "artifacts";
const EXECUTION: &str = "execution";
const STACK: &str = "shop-production";

struct Systems {
    objects: AwsObjects,
    parameters: Parameters,
    stacks: Stacks,
    pipelines: Pipelines,
    releases: Releases,
    deployments: DeploymentOutcomes,
    ledger: Ledger,
    notifications: Notifications,
    clock: SystemClock,
}

impl Ports for Systems {
    type Parameters = Parameters;
    type Stacks = Stacks;
    type Objects = AwsObjects;
    type Pipelines = Pipelines;
    type Releases = Releases;
    type Deployments = DeploymentOutcomes;
    type Ledger = Ledger;
    type Notifications = Notifications;
    type Clock = SystemClock;

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn stacks(&self) -> &Stacks {
        &self.stacks
    }

    fn objects(&self) -> &AwsObjects {
        &self.objects
    }

    fn pipelines(&self) -> &Pipelines {
        &self.pipelines
    }

    fn releases(&self) -> &Releases {
        &self.releases
    }

    fn deployments(&self) -> &DeploymentOutcomes {
        &self.deployments
    }

    fn ledger(&self) -> Option<&Ledger> {
        Some(&self.ledger)
    }

    fn notifications(&self) -> &Notifications {
        &self.notifications
    }

    fn clock(&self) -> &SystemClock {
        &self.clock
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let key = std::env::args().nth(1).context("the artifact's key is missing")?;
    let aws = AwsSettings::from_env(&ProcessEnvironment)?;
    let systems = Systems {
        objects: AwsObjects::new(aws::s3(&aws), &aws),
        parameters: Parameters::default(),
        stacks: Stacks::default(),
        pipelines: pipelines(&key),
        releases: Releases::default(),
        deployments: DeploymentOutcomes::default(),
        ledger: Ledger::default(),
        notifications: Notifications::default(),
        clock: SystemClock,
    };
    let event = PipelineStateChange {
        pipeline: "shop".into(),
        execution_id: EXECUTION.into(),
        state: ExecutionState::Succeeded,
        version: None,
        execution_trigger: None,
        time: None,
    };
    let deadline = Deadline::at(jiff::Timestamp::now() + Duration::from_secs(300));
    let settings = settings()?;
    release_from_event(&Attempt::new(&systems, &settings, "attempt", deadline), &event).await?;
    let record = systems.releases.record(&StageKey::new(&settings.application, &settings.stage), EXECUTION);
    ensure!(record.as_ref().is_some_and(|record| record.state == ReleaseState::Executing), "{record:?}");
    let memory = most_memory()?;
    let request = systems.stacks.executing(STACK).context("nothing is executing")?;
    let TemplateSource::Body(template) = request.template else { bail!("the template is too long") };
    writeln!(io::stdout(), "{memory}\n{template}")?;
    Ok(())
}

/// The largest resident set that this process had.
fn most_memory() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next()).context("the kernel says nothing of memory")?;
    Ok(number.parse()?)
}

fn pipelines(key: &str) -> Pipelines {
    let execution = PipelineExecution {
        execution_id: EXECUTION.into(),
        status: "Succeeded".into(),
        ..PipelineExecution::default()
    };
    let build = ActionExecution {
        action: "Build".into(),
        category: Some("Build".into()),
        status: "Succeeded".into(),
        started: Some(jiff::Timestamp::now()),
        output_artifacts: BTreeMap::from([("BuildOutput".into(), ObjectLocation::new(BUCKET, key))]),
        ..ActionExecution::default()
    };
    let pipelines = Pipelines::default();
    pipelines.add(execution, vec![build]);
    pipelines
}

fn settings() -> Result<Settings> {
    Ok(Settings {
        application: "shop".parse()?,
        stage: "production".parse()?,
        stack: STACK.into(),
        pipeline: "shop".into(),
        template: "template.yaml".into(),
        artifact_bucket: BUCKET.into(),
        ledger_table: None,
        releases_table: "releases".into(),
        topic_arn: None,
        execution_role_arn: None,
        parameters: BTreeMap::new(),
        checksums: Checksums::Required,
        queue: Queue::Newest,
    })
}

//! One attempt at a release, from wherever the last one got to.

use slipway_shared::call::CallError;
use slipway_shared::clock::Clock;
use slipway_shared::objects::GetObject;
use slipway_shared::overrides::{self, AlarmOverride, ReadOverrides};
use slipway_shared::pipelines::{GetPipelineExecution, ListActionExecutions};
use slipway_shared::release::{Content, ReleaseRecord, ReleaseState};
use slipway_shared::stack_events::StackStanding;
use slipway_shared::stacks::{ChangeError, DescribeStack, Stack};
use slipway_shared::telemetry::Chain;

use super::change_set::{self, Progress};
use super::gather::gather;
use super::{content, lead};
use crate::TriggerError;
use crate::build_output::{BuildOutput, execution_start, why_not_released};
use crate::deadline::Deadline;
use crate::package::package;
use crate::ports::Ports;
use crate::records;
use crate::settings::Settings;

/// The reason why an attempt does not end in an executing change set.
#[derive(Debug)]
pub(super) enum Halt {
    /// The release is over.
    Close(ReleaseState, String),
    /// Something takes longer than this invocation.
    Later(String),
    /// A call failed; trying again may help.
    Error(TriggerError),
}

impl Halt {
    /// The end of a release that is at fault itself, so that trying again is useless.
    fn refused(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::Close(ReleaseState::Failed, Chain(error).to_string())
    }
}

impl From<CallError> for Halt {
    fn from(error: CallError) -> Self {
        Self::Error(error.into())
    }
}

impl From<TriggerError> for Halt {
    fn from(error: TriggerError) -> Self {
        Self::Error(error)
    }
}

impl From<ChangeError> for Halt {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Busy { message, .. } => Self::Later(format!("the stack is busy: {message}")),
            ChangeError::Refused { .. } => Self::refused(&error),
            ChangeError::Call(error) => error.into(),
        }
    }
}

/// Brings the release to an executing change set.
pub(super) async fn attempt<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &mut ReleaseRecord,
    deadline: Deadline,
) -> Result<(), Halt> {
    let build = find_build(ports, settings, record).await?;
    let started = record.execution_started.unwrap_or(record.claimed_at);
    if change_set::find(ports, settings, record).await? == Progress::Absent {
        lead::take_lead(ports, settings, record, started).await?;
        prepare(ports, settings, record, &build).await?;
    }
    let progress = change_set::settle(ports, settings, record, deadline).await?;
    if progress == Progress::Ready {
        lead::take_lead(ports, settings, record, started).await?;
        gather(ports, settings, record).await?;
        if record.gathers {
            save(ports, settings, record).await?;
        }
        change_set::execute(ports, settings, record).await?;
    }
    record_execution(ports, settings, record).await
}

/// Reads what the pipeline execution was and built, and writes down its order and commit.
async fn find_build<P: Ports>(ports: &P, settings: &Settings, record: &mut ReleaseRecord) -> Result<BuildOutput, Halt> {
    let execution = ports.pipelines().get_pipeline_execution(&settings.pipeline, &record.execution_id).await?;
    if let Some(reason) = why_not_released(&execution) {
        return Err(Halt::Close(ReleaseState::Ignored, reason));
    }
    let actions = ports.pipelines().list_action_executions(&settings.pipeline, &record.execution_id).await?;
    record.execution_started = execution_start(&actions);
    let build = BuildOutput::find(&execution, &actions).map_err(|error| Halt::refused(&error))?;
    record.commit.clone_from(&build.commit);
    Ok(build)
}

/// Packages the artifact and starts the change set.
async fn prepare<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &mut ReleaseRecord,
    build: &BuildOutput,
) -> Result<(), Halt> {
    let stack = ports.stacks().describe_stack(&settings.stack).await?;
    check_standing(stack.as_ref())?;
    let artifact = ports.objects().get_object(&build.artifact).await.map_err(|error| match error {
        gone if gone.is_not_found() => {
            Halt::Close(ReleaseState::Failed, format!("the build's artifact {} is gone", build.artifact))
        }
        error => error.into(),
    })?;
    let overrides = overrides(ports).await?;
    let packaged = package(&artifact, settings, &overrides).map_err(|error| Halt::refused(&error))?;
    for remark in &packaged.remarks {
        tracing::info!(%remark, "the template is guarded");
    }
    record.set_overridden(told(&packaged.overridden).as_deref());
    content::store(ports, &packaged).await?;
    let commit = build.commit.as_deref().unwrap_or("unknown");
    record.content = Some(content::identify(ports, settings, &packaged, commit, &record.execution_id).await?);
    record.previous = stack.as_ref().and_then(content_of_stack);
    save(ports, settings, record).await?;
    record.change_set_id = Some(change_set::create(ports, settings, record, &packaged, stack.as_ref()).await?);
    save(ports, settings, record).await
}

/// The overrides of alarms that are in force.
async fn overrides<P: Ports>(ports: &P) -> Result<Vec<AlarmOverride>, Halt> {
    let Some(ledger) = ports.ledger() else { return Ok(Vec::new()) };
    Ok(overrides::in_force(ledger.list_overrides().await?, ports.clock().now()))
}

/// Tells of the alarms that are left out: one line each in the log, and one text for the record.
fn told(overridden: &[AlarmOverride]) -> Option<String> {
    let sentences: Vec<String> = overridden.iter().map(ToString::to_string).collect();
    for sentence in &sentences {
        tracing::warn!(alarm.overridden = sentence, "an alarm does not decide on this release");
    }
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

/// Writes down that the change set is executing, unless the stack's event was faster and closed the release.
async fn record_execution<P: Ports>(ports: &P, settings: &Settings, record: &mut ReleaseRecord) -> Result<(), Halt> {
    let stored = records::find_release(ports.parameters(), &settings.names(), &record.execution_id).await?;
    if let Some(stored) = stored.filter(|stored| stored.state != ReleaseState::Preparing) {
        *record = stored;
        return Ok(());
    }
    record.become_state(ReleaseState::Executing, None, ports.clock().now()).map_err(TriggerError::from)?;
    save(ports, settings, record).await
}

async fn save<P: Ports>(ports: &P, settings: &Settings, record: &mut ReleaseRecord) -> Result<(), Halt> {
    record.updated_at = ports.clock().now();
    Ok(records::save(ports.parameters(), &settings.names(), record).await?)
}

/// Halts unless a change set may be made for the stack.
fn check_standing(stack: Option<&Stack>) -> Result<(), Halt> {
    let Some(stack) = stack else { return Ok(()) };
    match stack.status.standing() {
        StackStanding::Empty | StackStanding::Updatable => Ok(()),
        StackStanding::Busy => Err(Halt::Later(format!("the stack is busy: {}", stack.status))),
        StackStanding::Wedged => Err(Halt::Close(
            ReleaseState::Failed,
            format!(
                "the stack is {}, which no change set can update: repair or delete it, then release again",
                stack.status
            ),
        )),
    }
}

/// The content of a stack, by the tags of its last release.
fn content_of_stack(stack: &Stack) -> Option<Content> {
    let tag = |key: &str| stack.tags.get(key).cloned();
    let manifest = stack.parameters.get(change_set::MANIFEST_PARAMETER).filter(|key| *key != change_set::NO_MANIFEST);
    let (release, commit) = (tag(change_set::RELEASE_TAG)?, tag(change_set::COMMIT_TAG)?);
    Some(Content { release, commit, manifest: manifest.cloned() })
}

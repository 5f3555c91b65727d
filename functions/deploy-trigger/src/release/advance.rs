//! The next release of the queue, on its way to an executing change set.

use jiff::Timestamp;
use slipway_shared::clock::Clock;
use slipway_shared::overrides::{self, AlarmOverride, ReadOverrides};
use slipway_shared::release::{Content, ReleaseRecord, ReleaseState};
use slipway_shared::stack_events::StackStanding;
use slipway_shared::stacks::{DescribeStack, Stack};

use super::change_set::{self, Made};
use super::content;
use super::gather::gather;
use super::halt::Halt;
use crate::TriggerError;
use crate::package::{self, Circumstances, Packaged, PrepareError};
use crate::ports::Ports;
use crate::stage::Hold;

/// Brings the next release to an executing change set, or to its end. Returns whether anything moved.
pub(crate) async fn advance<P: Ports>(hold: &mut Hold<'_, P>) -> Result<bool, TriggerError> {
    if hold.state.leading.is_some() {
        return Ok(false);
    }
    let next = hold.state.next(hold.attempt.settings.queue, |release| hold.record(release).is_some());
    let Some(mut record) = next.and_then(|ticket| hold.record(&ticket.release)).cloned() else { return Ok(false) };
    let release = record.execution_id.clone();
    hold.at_work = Some(release.clone());
    match attempt(hold, &mut record).await {
        // Its events are to come: there is nothing more to do until then.
        Ok(()) => Ok(false),
        Err(Halt::Close(state, reason)) => {
            if state == ReleaseState::Unchanged {
                hold.state.goes_live(&record, hold.attempt.now());
            }
            hold.close(record, state, reason)?;
            Ok(true)
        }
        Err(Halt::Later(reason)) => {
            hold.wait(&release, &reason)?;
            Ok(false)
        }
        Err(Halt::Error(error)) => Err(error),
    }
}

/// Everything up to the execution.
async fn attempt<P: Ports>(hold: &mut Hold<'_, P>, record: &mut ReleaseRecord) -> Result<(), Halt> {
    let stack = hold.attempt.ports.stacks().describe_stack(&record.stack).await?;
    check_standing(stack.as_ref())?;
    record.changed_by_hand_at = changed_by_hand(hold.state.settled_at, stack.as_ref());
    if let Some(at) = record.changed_by_hand_at {
        tracing::warn!(stack.updated_at = %at, "the stack was changed after the last release; this release replaces the change");
    }
    let packaged = prepare(hold, record, stack.as_ref()).await?;
    let request = change_set::request(hold.attempt, record, &packaged, stack.as_ref());
    change_set::create(hold.attempt, &request).await?;
    let Made { id, changes } = change_set::settle(hold.attempt, &request).await?;
    record.change_set_id = Some(id.clone());
    gather(hold.attempt, record, &id, &changes).await?;
    // Written down before it is done: who finds it so looks whether CloudFormation has begun.
    record.become_state(ReleaseState::Executing, None, hold.attempt.now()).map_err(TriggerError::from)?;
    hold.state.leading = Some(record.execution_id.clone());
    hold.state.ended = None;
    hold.set(record.clone());
    hold.save().await?;
    change_set::execute(hold.attempt, record).await
}

/// The time of an update that began after the last release was over. CloudFormation keeps the times of updates in milliseconds.
fn changed_by_hand(settled_at: Option<Timestamp>, stack: Option<&Stack>) -> Option<Timestamp> {
    stack?.updated_at.filter(|updated| settled_at.is_some_and(|settled| *updated > settled))
}

/// Packages the artifact and stores what it holds.
async fn prepare<P: Ports>(
    hold: &Hold<'_, P>,
    record: &mut ReleaseRecord,
    stack: Option<&Stack>,
) -> Result<Packaged, Halt> {
    let (ports, settings) = (hold.attempt.ports, hold.attempt.settings);
    let Some(location) = record.artifact.clone() else {
        return Err(Halt::Close(ReleaseState::Failed, "the record names no artifact".to_owned()));
    };
    let overrides = overrides(ports).await?;
    let circumstances = Circumstances { settings, overrides: &overrides, stack };
    let packaged = package::prepare(ports.objects(), &location, circumstances).await;
    let packaged = packaged.map_err(|error| match error {
        PrepareError::Fetch(gone) if gone.is_not_found() => {
            Halt::Close(ReleaseState::Failed, format!("the build's artifact {location} is gone"))
        }
        PrepareError::Fetch(error) => error.into(),
        PrepareError::Fault(fault) => Halt::refused(&fault),
    })?;
    for remark in &packaged.remarks {
        tracing::info!(%remark, "the template is guarded");
    }
    record.set_overridden(told(&packaged.overridden).as_deref());
    content::store(ports, &packaged).await?;
    let live = hold.state.live.as_ref().map(|live| &live.content);
    record.content = Some(content_of(&packaged, record.commit.as_deref(), live));
    record.previous = live.cloned();
    Ok(packaged)
}

/// The release's content. A rebuild of what is live under another commit is the same release: it passes the same parameters, and
/// CloudFormation sees no change.
fn content_of(packaged: &Packaged, commit: Option<&str>, live: Option<&Content>) -> Content {
    let release = packaged.digest.to_string();
    let first = live.filter(|live| live.release == release).map(|live| live.commit.clone());
    let commit = first.unwrap_or_else(|| commit.unwrap_or("unknown").to_owned());
    Content { release, commit, manifest: packaged.manifest.as_ref().map(|manifest| manifest.location.key.clone()) }
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

/// Halts unless a change set may be made for the stack.
fn check_standing(stack: Option<&Stack>) -> Result<(), Halt> {
    let Some(stack) = stack else { return Ok(()) };
    match stack.status.standing() {
        StackStanding::Empty | StackStanding::Updatable => Ok(()),
        StackStanding::Busy => Err(Halt::Later(format!("the stack is busy: {}", stack.status))),
        StackStanding::Wedged => Err(Halt::Close(
            ReleaseState::Failed,
            format!(
                "the stack is {}, which no change set can update. {}",
                stack.status,
                stack.status.cure(stack.name())
            ),
        )),
    }
}

//! The identity of a release in the queue: its place in the order, its artifact, its commit.

use std::time::Duration;

use slipway_shared::pipelines::{GetPipelineExecution, ListActionExecutions};
use slipway_shared::release::{ReleaseRecord, ReleaseState, Ticket};
use slipway_shared::telemetry::Chain;

use super::halt::Halt;
use crate::TriggerError;
use crate::build_output::{BuildOutput, BuildOutputError, execution_start, revision, why_not_released};
use crate::ports::Ports;
use crate::stage::Hold;

/// The time for which CodePipeline's lists may lag behind its event.
const LAG: Duration = Duration::from_secs(15 * 60);
/// The longest time that a release waits. A canary holds a stack for at most 50 hours; what waits longer waits for nobody.
const PATIENCE: Duration = Duration::from_secs(72 * 60 * 60);

/// Finds out about the first release of which little is known, or ends one that has waited too long. Returns whether anything moved.
pub(crate) async fn identify<P: Ports>(hold: &mut Hold<'_, P>) -> Result<bool, TriggerError> {
    let waiting: Vec<Ticket> = hold.state.waiting().cloned().collect();
    for ticket in waiting {
        let Some(record) = hold.record(&ticket.release).cloned() else { continue };
        let waited = hold.attempt.now().duration_since(ticket.entered_at).unsigned_abs();
        if waited > PATIENCE {
            let waited_for = record.reason.as_deref().unwrap_or("an unknown reason");
            let reason = format!("given up after {} hours: {waited_for}", PATIENCE.as_secs() / 3600);
            hold.close(record, ReleaseState::Failed, reason)?;
            return Ok(true);
        }
        if ticket.order.is_some() {
            continue;
        }
        hold.at_work = Some(ticket.release.clone());
        match look(hold, &ticket, record.clone()).await {
            Ok(record) => {
                if let Some(ticket) = hold.state.ticket_mut(&ticket.release) {
                    ticket.order = Some(record.execution_started.unwrap_or(ticket.entered_at));
                }
                hold.set(record);
                return Ok(true);
            }
            Err(Halt::Close(state, reason)) => {
                hold.close(record, state, reason)?;
                return Ok(true);
            }
            Err(Halt::Later(reason)) if waited > LAG => {
                hold.close(
                    record,
                    ReleaseState::Failed,
                    format!("{reason}, even after {} minutes", LAG.as_secs() / 60),
                )?;
                return Ok(true);
            }
            Err(Halt::Later(reason)) => hold.wait(&ticket.release, &reason)?,
            Err(Halt::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

async fn look<P: Ports>(hold: &Hold<'_, P>, ticket: &Ticket, mut record: ReleaseRecord) -> Result<ReleaseRecord, Halt> {
    let pipelines = hold.attempt.ports.pipelines();
    let execution = async || match pipelines.get_pipeline_execution(&record.pipeline, &record.execution_id).await {
        Err(error) if error.is_not_found() => Err(Halt::Later("CodePipeline does not show the execution".to_owned())),
        answer => Ok(answer?),
    };
    let known = if ticket.ordinary { None } else { Some(execution().await?) };
    if let Some(reason) = known.as_ref().and_then(why_not_released) {
        return Err(Halt::Close(ReleaseState::Ignored, reason));
    }
    let actions = pipelines.list_action_executions(&record.pipeline, &record.execution_id).await?;
    let build = match BuildOutput::find(&actions) {
        Ok(build) => build,
        Err(error @ BuildOutputError::NoBuild) => return Err(Halt::Later(error.to_string())),
        Err(error) => return Err(Halt::Close(ReleaseState::Failed, Chain(&error).to_string())),
    };
    let commit = match (build.commit, known) {
        (Some(commit), _) => Some(commit),
        (None, Some(execution)) => revision(&execution),
        (None, None) => revision(&execution().await?),
    };
    record.commit = commit;
    record.artifact = Some(build.artifact);
    record.execution_started = execution_start(&actions);
    Ok(record)
}

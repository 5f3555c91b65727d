//! The way in: a pipeline's success.

use slipway_shared::pipeline_events::{ExecutionState, PipelineStateChange};
use slipway_shared::release::Found;

use crate::TriggerError;
use crate::attempt::Attempt;
use crate::build_output::is_rollback;
use crate::ports::Ports;
use crate::report::Report;
use crate::stage::{Outcome, Wish, work};

/// Releases what a pipeline execution built. When this returns, its change set is executing, or it waits in the queue, or it is over.
///
/// Repeating it, at the same time or later, changes nothing more. It never waits for the stack.
///
/// # Errors
/// A call failed. The release stays in the queue and says why; the same event, another one, or a reconcile goes on from there.
pub async fn release_from_event<P: Ports>(
    attempt: &Attempt<'_, P>,
    event: &PipelineStateChange,
) -> Result<Report, TriggerError> {
    let pipeline = &attempt.settings.pipeline;
    if event.pipeline != *pipeline {
        return Ok(Report::ignored(format!("the pipeline {} is not {pipeline}", event.pipeline)));
    }
    if event.state != ExecutionState::Succeeded {
        return Ok(Report::ignored(format!("the execution {} did not succeed", event.execution_id)));
    }
    // An event that says what started the execution spares the question whether it is a rollback.
    let trigger = event.execution_trigger.as_ref().and_then(|trigger| trigger.trigger_type.as_deref());
    let ordinary = trigger.is_some() && !is_rollback(trigger);
    let release = event.execution_id.clone();
    let begun = attempt.now();
    match work(attempt, &Wish::Enter { release: release.clone(), ordinary }).await? {
        Outcome::InHand => Ok(Report::InHand),
        Outcome::Worked { records, .. } => Ok(match records.get(&release) {
            Some(record) => Report::since(begun, record),
            None => unusable(&release),
        }),
        Outcome::Idle(mut records) => Ok(match records.remove(&release).and_then(Found::record) {
            Some(record) => Report::duplicate(&record),
            None => unusable(&release),
        }),
    }
}

fn unusable(release: &str) -> Report {
    Report::ignored(format!("the record of the release {release} cannot be used: the log says why"))
}

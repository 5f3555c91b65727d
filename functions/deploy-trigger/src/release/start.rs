//! Claiming a release, attempting it, and writing down how the attempt ended.

use slipway_shared::clock::Clock;
use slipway_shared::pipeline_events::{ExecutionState, PipelineStateChange};
use slipway_shared::release::{ReleaseRecord, ReleaseState};
use slipway_shared::telemetry::Chain;

use super::attempt::{Halt, attempt};
use crate::TriggerError;
use crate::deadline::Deadline;
use crate::outcome::announce;
use crate::ports::Ports;
use crate::records;
use crate::report::Report;
use crate::settings::Settings;

/// Releases what a pipeline execution built: the change set is executing, or the release is over, when this returns.
///
/// Repeating it, at the same time or later, changes nothing more. It never waits for the stack.
///
/// # Errors
/// The release cannot go on yet (another operation holds the stack, the change set takes longer than the deadline) or a call
/// failed. The record stays `preparing` and says why; the same event, or a reconcile, goes on from there.
pub async fn release_from_event<P: Ports>(
    ports: &P,
    settings: &Settings,
    event: &PipelineStateChange,
    deadline: Deadline,
) -> Result<Report, TriggerError> {
    if event.pipeline != settings.pipeline {
        return Ok(Report::ignored(format!("the pipeline {} is not {}", event.pipeline, settings.pipeline)));
    }
    if event.state != ExecutionState::Succeeded {
        return Ok(Report::ignored(format!("the execution {} did not succeed", event.execution_id)));
    }
    Box::pin(advance(ports, settings, &event.execution_id, deadline)).await
}

/// Claims the release or goes on with it.
pub(crate) async fn advance<P: Ports>(
    ports: &P,
    settings: &Settings,
    execution_id: &str,
    deadline: Deadline,
) -> Result<Report, TriggerError> {
    let fresh = ReleaseRecord::claimed(execution_id, &settings.pipeline, &settings.stack, ports.clock().now());
    let mut record = records::claim(ports.parameters(), &settings.names(), fresh).await?;
    if record.state != ReleaseState::Preparing {
        // A duplicate changes nothing; but an attempt that died between the end and its notification left that to do.
        announce(ports, settings, &mut record).await?;
        return Ok(Report::duplicate(&record));
    }
    // Boxed: the SDK's futures nest deeply, and the compiler gives up on what nests them further.
    match Box::pin(attempt(ports, settings, &mut record, deadline)).await {
        Ok(()) => Ok(Report::release(&record)),
        Err(Halt::Close(state, reason)) => {
            close(ports, settings, &mut record, state, reason).await?;
            Ok(Report::release(&record))
        }
        Err(Halt::Later(reason)) => {
            note(ports, settings, &mut record, &reason).await?;
            Err(TriggerError::NotYet { execution_id: execution_id.to_owned(), reason })
        }
        Err(Halt::Error(error)) => {
            // Best effort: the error itself is what Lambda must see.
            let _ = note(ports, settings, &mut record, &Chain(&error).to_string()).await;
            Err(error)
        }
    }
}

/// Closes a release and tells people.
pub(crate) async fn close<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &mut ReleaseRecord,
    state: ReleaseState,
    reason: String,
) -> Result<(), TriggerError> {
    record.become_state(state, Some(reason), ports.clock().now())?;
    records::save(ports.parameters(), &settings.names(), record).await?;
    announce(ports, settings, record).await
}

/// Writes down what a release waits for, once.
async fn note<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &mut ReleaseRecord,
    reason: &str,
) -> Result<(), TriggerError> {
    if record.reason.as_deref() == Some(reason) {
        return Ok(());
    }
    record.become_state(ReleaseState::Preparing, Some(reason.to_owned()), ports.clock().now())?;
    records::save(ports.parameters(), &settings.names(), record).await
}

//! The release that leads: CloudFormation executes it, or was about to.

use std::time::Duration;

use slipway_shared::call::CallError;
use slipway_shared::release::{ReleaseRecord, ReleaseState};
use slipway_shared::stack_events::{StackOutcome, StackStanding, StackStatus};
use slipway_shared::stacks::{DescribeStack, DescribeStackEvents};

use super::explain::explain;
use super::operation::Operation;
use crate::TriggerError;
use crate::ports::Ports;
use crate::release::{Halt, Progress, dissolve, execute, progress};
use crate::stage::Hold;

/// The time that is left to CloudFormation to show what it was asked to begin.
const BEGINNING: Duration = Duration::from_secs(2 * 60);

/// Closes the release that leads if the stack is done with it, or begins what an attempt died before. Returns whether anything moved.
pub(crate) async fn follow<P: Ports>(hold: &mut Hold<'_, P>) -> Result<bool, TriggerError> {
    let Some(release) = hold.state.leading.clone() else {
        // A hint about nobody.
        hold.state.ended = None;
        return Ok(false);
    };
    let stack = hold.record(&release).map_or(&hold.attempt.settings.stack, |record| &record.stack).clone();
    let hint = hold.state.ended.clone();
    let events = hold.attempt.ports.stacks().describe_stack_events(&stack, &release).await?;
    let operation = Operation::with_token(&events, &release);
    // The event ends the operation even where the list of events lags behind. One without a token may be about anybody's operation.
    let told = hint.as_ref().filter(|hint| hint.token.is_some()).map(|hint| StackStatus::new(&hint.status));
    let end = operation.as_ref().and_then(|operation| operation.end.clone()).or(told);
    let Some(record) = hold.record(&release).cloned() else {
        // Its record stops nobody else.
        if end.is_some() {
            (hold.state.leading, hold.state.ended) = (None, None);
            hold.state.tickets.retain(|ticket| ticket.release != release);
        }
        return Ok(end.is_some());
    };
    if let Some(end) = end {
        let words = hint.and_then(|hint| hint.reason);
        settle(hold, record, operation.as_ref(), &end, words.as_deref()).await?;
        return Ok(true);
    }
    if operation.is_some() { Ok(false) } else { begin(hold, record).await }
}

/// Nothing shows that CloudFormation has begun.
async fn begin<P: Ports>(hold: &mut Hold<'_, P>, record: ReleaseRecord) -> Result<bool, TriggerError> {
    let release = record.execution_id.clone();
    hold.at_work = Some(release.clone());
    match progress(hold.attempt, &record).await? {
        Some(Progress::Ready) => match execute(hold.attempt, &record).await {
            Ok(()) => Ok(false),
            Err(Halt::Later(reason)) => {
                hold.wait(&release, &reason)?;
                Ok(true)
            }
            Err(Halt::Close(state, reason)) => {
                hold.close(record, state, reason)?;
                Ok(true)
            }
            Err(Halt::Error(error)) => Err(error),
        },
        change_set => {
            let waited = hold.attempt.now().duration_since(record.updated_at).unsigned_abs();
            if waited < BEGINNING {
                return Ok(false);
            }
            let stack = hold.attempt.ports.stacks().describe_stack(&record.stack).await?;
            let status = stack.map_or_else(|| StackStatus::new("DELETE_COMPLETE"), |stack| stack.status);
            match status.standing() {
                // Somebody's operation goes on, and perhaps this release's.
                StackStanding::Busy => Ok(false),
                // It was executed, and its events are gone or carry no token: the stack says how it is now.
                _ if change_set == Some(Progress::Executed) => {
                    settle(hold, record, None, &status, None).await?;
                    Ok(true)
                }
                _ => {
                    hold.wait(&release, "CloudFormation has lost the change set, which is made again")?;
                    Ok(true)
                }
            }
        }
    }
}

async fn settle<P: Ports>(
    hold: &mut Hold<'_, P>,
    mut record: ReleaseRecord,
    operation: Option<&Operation>,
    end: &StackStatus,
    words: Option<&str>,
) -> Result<(), TriggerError> {
    let ports = hold.attempt.ports;
    hold.state.ended = None;
    hold.state.settled_at =
        Some(operation.and_then(|operation| operation.ended_at).unwrap_or_else(|| hold.attempt.now()));
    dissolve(ports, &record).await;
    record.stack_status = Some(end.as_str().to_owned());
    if end.outcome() == Some(StackOutcome::Succeeded) {
        record.deployment_id = operation.and_then(|operation| operation.deployments.last()).map(ToString::to_string);
        hold.state.goes_live(&record, hold.attempt.now());
        return hold.close(record, ReleaseState::Succeeded, format!("the stack is {end}"));
    }
    let words = match words {
        Some(words) => Some(words.to_owned()),
        None => status_reason(ports, &record.stack).await?,
    };
    let explanation = explain(ports, operation, end, words.as_deref()).await;
    record.deployment_id = explanation.deployment.map(|id| id.as_str().to_owned());
    hold.close(record, ReleaseState::Failed, explanation.reason)
}

async fn status_reason<P: Ports>(ports: &P, stack: &str) -> Result<Option<String>, CallError> {
    Ok(ports.stacks().describe_stack(stack).await?.and_then(|stack| stack.status_reason))
}

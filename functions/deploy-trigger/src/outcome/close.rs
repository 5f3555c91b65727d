//! Closing a release when its stack's operation has ended.

use slipway_shared::clock::Clock;
use slipway_shared::release::{ReleaseRecord, ReleaseState};
use slipway_shared::stack_events::{StackOutcome, StackStatus, StackStatusChange};
use slipway_shared::stacks::{DescribeStack, DescribeStackEvents};

use super::explain::explain;
use super::{Operation, announce};
use crate::TriggerError;
use crate::ports::Ports;
use crate::records;
use crate::release;
use crate::report::Report;
use crate::settings::Settings;

/// Closes the release that a stack's status ends.
///
/// # Errors
/// A call failed; the same event, or a reconcile, can close the release later.
pub async fn close_from_stack_event<P: Ports>(
    ports: &P,
    settings: &Settings,
    change: &StackStatusChange,
) -> Result<Report, TriggerError> {
    if change.stack_name() != settings.stack {
        return Ok(Report::ignored(format!("the stack {} is not {}", change.stack_name(), settings.stack)));
    }
    if change.status.outcome().is_none() {
        return Ok(Report::ignored(format!("{} is not the end of an operation", change.status)));
    }
    let Some(mut record) = find(ports, settings, change).await? else {
        return Ok(Report::ignored("the operation is not one of a release".to_owned()));
    };
    if record.state.is_closed() {
        announce(ports, settings, &mut record).await?;
        return Ok(Report::duplicate(&record));
    }
    let events = ports.stacks().describe_stack_events(&change.stack_id, &record.execution_id).await?;
    let operation = match Operation::with_token(&events, &record.execution_id) {
        None if change.client_request_token.is_none() => Operation::newest(&events),
        operation => operation,
    };
    // The event ends the operation even where the list of events lags behind.
    let end = operation.as_ref().and_then(|operation| operation.end.clone()).unwrap_or_else(|| change.status.clone());
    settle(ports, settings, &mut record, operation.as_ref(), &end, change.reason.as_deref()).await?;
    Ok(Report::release(&record))
}

/// Closes an executing release whose stack has come to an end of which no event told. Returns whether it did.
pub(crate) async fn close_if_over<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &mut ReleaseRecord,
) -> Result<bool, TriggerError> {
    let stack = ports.stacks().describe_stack(&settings.stack).await?;
    let events = ports.stacks().describe_stack_events(&settings.stack, &record.execution_id).await?;
    let operation = Operation::with_token(&events, &record.execution_id);
    let end = match (&operation, &stack) {
        (Some(operation), _) => operation.end.clone(),
        // The events of the operation are gone or carry no token: the stack's own status says whether anything goes on.
        (None, Some(stack)) => Some(stack.status.clone()).filter(|status| status.outcome().is_some()),
        (None, None) => Some(StackStatus::new("DELETE_COMPLETE")),
    };
    let Some(end) = end else { return Ok(false) };
    let status_reason = stack.as_ref().and_then(|stack| stack.status_reason.as_deref());
    settle(ports, settings, record, operation.as_ref(), &end, status_reason).await?;
    Ok(true)
}

/// The release an event belongs to: by its token, or, where the event has none, the one that took the stack last.
async fn find<P: Ports>(
    ports: &P,
    settings: &Settings,
    change: &StackStatusChange,
) -> Result<Option<ReleaseRecord>, TriggerError> {
    let names = settings.names();
    if let Some(token) = &change.client_request_token {
        return records::find_release(ports.parameters(), &names, token).await;
    }
    let Some(current) = records::current_release(ports.parameters(), &names).await? else { return Ok(None) };
    let record = records::find_release(ports.parameters(), &names, &current.execution_id).await?;
    // One that still prepares has executed nothing that could have ended.
    Ok(record.filter(|record| record.state != ReleaseState::Preparing))
}

async fn settle<P: Ports>(
    ports: &P,
    settings: &Settings,
    record: &mut ReleaseRecord,
    operation: Option<&Operation>,
    end: &StackStatus,
    status_reason: Option<&str>,
) -> Result<(), TriggerError> {
    if record.state == ReleaseState::Preparing {
        // The stack was faster than the invocation that started it.
        record.become_state(ReleaseState::Executing, None, ports.clock().now())?;
    }
    release::dissolve(ports, record).await;
    record.stack_status = Some(end.as_str().to_owned());
    if end.outcome() == Some(StackOutcome::Succeeded) {
        record.deployment_id = operation.and_then(|operation| operation.deployments.last()).map(ToString::to_string);
        let reason = format!("the stack is {end}");
        return release::close(ports, settings, record, ReleaseState::Succeeded, reason).await;
    }
    let explanation = explain(ports, operation, end, status_reason).await;
    record.deployment_id = explanation.deployment.map(|id| id.as_str().to_owned());
    release::close(ports, settings, record, ReleaseState::Failed, explanation.reason).await
}

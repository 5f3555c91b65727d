//! One invocation: which event it is, and who deals with it.

use serde_json::Value;
use slipway_shared::pipeline_events::{self, PipelineEvent};
use slipway_shared::stack_events::{self, StackStatusChange};
use slipway_shared::telemetry::Chain;

use crate::TriggerError;
use crate::attempt::Attempt;
use crate::outcome::close_from_stack_event;
use crate::ports::Ports;
use crate::reconcile::reconcile;
use crate::release::release_from_event;
use crate::report::Report;

/// The detail-type of what a schedule sends.
const SCHEDULED_EVENT: &str = "Scheduled Event";

/// Deals with one EventBridge event.
///
/// # Errors
/// Fails if the event's work could not be done: Lambda sends the event again. Waiting is no failure.
pub async fn handle<P: Ports>(attempt: &Attempt<'_, P>, event: &Value) -> Result<Report, TriggerError> {
    let result = Box::pin(dispatch(attempt, event)).await;
    match &result {
        Ok(report) => tracing::info!(report = ?report, "deploy trigger done"),
        Err(error) => tracing::error!(error = %Chain(error), error.kind = error.error_type(), "deploy trigger failed"),
    }
    result
}

async fn dispatch<P: Ports>(attempt: &Attempt<'_, P>, event: &Value) -> Result<Report, TriggerError> {
    let source = event["source"].as_str().unwrap_or_default();
    let detail_type = event["detail-type"].as_str().unwrap_or_default();
    match (source, detail_type) {
        (pipeline_events::SOURCE, pipeline_events::PIPELINE_STATE_CHANGE) => {
            match PipelineEvent::from_envelope(event)? {
                PipelineEvent::Pipeline(change) => release_from_event(attempt, &change).await,
                PipelineEvent::Stage(_) | PipelineEvent::Action(_) => Ok(not_for_us(source, detail_type)),
            }
        }
        (stack_events::SOURCE, stack_events::STACK_STATUS_CHANGE) => {
            close_from_stack_event(attempt, &StackStatusChange::from_envelope(event)?).await
        }
        // EventBridge's own schedules and EventBridge Scheduler differ in the source only.
        (_, SCHEDULED_EVENT) => reconcile(attempt).await,
        _ => Ok(not_for_us(source, detail_type)),
    }
}

fn not_for_us(source: &str, detail_type: &str) -> Report {
    Report::ignored(format!("an event {detail_type:?} of {source:?} asks for nothing here"))
}

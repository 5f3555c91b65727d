//! The schedule's work: going on with what waits, closing what an event missed, and entering what no event told of.

use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::pipelines::{ExecutionSummary, ListPipelineExecutions};

use crate::TriggerError;
use crate::attempt::Attempt;
use crate::build_output::is_rollback;
use crate::ports::Ports;
use crate::report::Report;
use crate::stage::{Outcome, Wish, work};

/// The executions that are looked at: those of a day, at any pace that people keep.
const LOOKED_AT: usize = 50;
/// The time that is left to the event of an execution that has ended.
const GRACE: Duration = Duration::from_secs(2 * 60);
/// The age at which an execution of which nobody heard is history: nobody expects it to be released any more.
const HISTORY: Duration = Duration::from_secs(24 * 60 * 60);

/// Looks after every open release, every closed one of which people were not told, and every success of the pipeline that is not known.
/// Takes no input and may run at any time.
///
/// # Errors
/// A call failed; the next run tries again.
pub async fn reconcile<P: Ports>(attempt: &Attempt<'_, P>) -> Result<Report, TriggerError> {
    let listed = attempt.ports.pipelines().list_pipeline_executions(&attempt.settings.pipeline, LOOKED_AT).await?;
    let now = attempt.now();
    let missable = listed.into_iter().filter(|execution| is_missable(execution, now));
    let ended = missable.filter_map(|execution| Some((execution.execution_id, execution.started?))).collect();
    match work(attempt, &Wish::Found(ended)).await? {
        Outcome::Worked { entered, .. } => Ok(Report::Reconciled { found: entered }),
        Outcome::Idle(_) => Ok(Report::Reconciled { found: 0 }),
        Outcome::InHand => Ok(Report::InHand),
    }
}

/// True for a success whose event should have come by now and whose release somebody may still expect.
fn is_missable(execution: &ExecutionSummary, now: Timestamp) -> bool {
    let Some(ended) = execution.updated else { return false };
    let age = now.duration_since(ended);
    execution.status == "Succeeded"
        && !is_rollback(execution.execution_type.as_deref())
        && age.is_positive()
        && (GRACE..HISTORY).contains(&age.unsigned_abs())
}

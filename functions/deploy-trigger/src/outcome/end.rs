//! The event of a stack whose operation has ended.

use slipway_shared::release::{Ended, Found};
use slipway_shared::stack_events::StackStatusChange;

use crate::TriggerError;
use crate::attempt::Attempt;
use crate::ports::Ports;
use crate::report::Report;
use crate::stage::{Outcome, Wish, work};

/// Closes the release that a stack's status ends, and goes on with the next one.
///
/// # Errors
/// A call failed; the same event, another one, or a reconcile can close the release later.
pub async fn close_from_stack_event<P: Ports>(
    attempt: &Attempt<'_, P>,
    change: &StackStatusChange,
) -> Result<Report, TriggerError> {
    let stack = &attempt.settings.stack;
    if change.stack_name() != stack {
        return Ok(Report::ignored(format!("the stack {} is not {stack}", change.stack_name())));
    }
    if change.status.outcome().is_none() {
        return Ok(Report::ignored(format!("{} is not the end of an operation", change.status)));
    }
    let ended = Ended {
        token: change.client_request_token.clone(),
        status: change.status.as_str().to_owned(),
        reason: change.reason.clone(),
    };
    let begun = attempt.now();
    // Also the end of somebody else's operation: a release may have waited for it.
    Ok(match work(attempt, &Wish::End(ended)).await? {
        Outcome::InHand => Report::InHand,
        Outcome::Worked { records, .. } => records.into_values().next().map_or_else(
            || Report::ignored("the operation is not one of a release; the stage was looked after"),
            |record| Report::since(begun, &record),
        ),
        Outcome::Idle(records) => records.into_values().find_map(Found::record).map_or_else(
            || Report::ignored("the operation is not one of a release"),
            |record| Report::duplicate(&record),
        ),
    })
}

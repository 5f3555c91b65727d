//! The schedule's work: going on with what waits, and closing what an event missed.

use std::time::Duration;

use slipway_shared::clock::Clock;
use slipway_shared::release::{ReleaseRecord, ReleaseState};

use crate::TriggerError;
use crate::deadline::Deadline;
use crate::outcome::{announce, close_if_over};
use crate::ports::Ports;
use crate::records;
use crate::release;
use crate::report::Report;
use crate::settings::Settings;

/// The longest time that a release may prepare. A canary holds a stack for at most 50 hours; what waits longer waits for nobody.
const PATIENCE: Duration = Duration::from_secs(72 * 60 * 60);
/// The time for which a release without a noted reason is left to the invocation that wrote to it last.
const GRACE: Duration = Duration::from_secs(2 * 60);

/// Looks after every open release, and every closed one of which people were not told. Takes no input and may run at any time.
///
/// # Errors
/// Some could not be looked after (the others were); the next run tries again.
pub async fn reconcile<P: Ports>(ports: &P, settings: &Settings, deadline: Deadline) -> Result<Report, TriggerError> {
    // Newest first: of several that wait, the newest takes the stack and the others end as superseded.
    let records = records::list_releases(ports.parameters(), &settings.names()).await?;
    let open: Vec<ReleaseRecord> = records.into_iter().filter(|record| needs_work(record, settings)).collect();
    let count = open.len();
    let mut moved = 0;
    let mut failures: Vec<(String, TriggerError)> = Vec::new();
    for record in open {
        let execution_id = record.execution_id.clone();
        match look_after(ports, settings, record, deadline).await {
            Ok(true) => moved += 1,
            // Waiting for a busy stack is no failure of the reconcile: the next run looks again.
            Ok(false) | Err(TriggerError::NotYet { .. }) => {}
            Err(error) => failures.push((execution_id, error)),
        }
    }
    let failed = failures.len();
    match failures.into_iter().next() {
        None => Ok(Report::Reconciled { open: count, moved }),
        Some((execution_id, source)) => {
            Err(TriggerError::Reconcile { failed, open: count, execution_id, source: Box::new(source) })
        }
    }
}

fn needs_work(record: &ReleaseRecord, settings: &Settings) -> bool {
    let is_untold =
        record.notified_at.is_none() && record.state != ReleaseState::Ignored && settings.topic_arn.is_some();
    !record.state.is_closed() || is_untold
}

/// Returns whether the release moved.
async fn look_after<P: Ports>(
    ports: &P,
    settings: &Settings,
    mut record: ReleaseRecord,
    deadline: Deadline,
) -> Result<bool, TriggerError> {
    let now = ports.clock().now();
    match record.state {
        ReleaseState::Executing => close_if_over(ports, settings, &mut record).await,
        ReleaseState::Preparing if now.duration_since(record.claimed_at).unsigned_abs() > PATIENCE => {
            let waited_for = record.reason.clone().unwrap_or_else(|| "an unknown reason".to_owned());
            let reason = format!("given up after {} hours: {waited_for}", PATIENCE.as_secs() / 3600);
            release::close(ports, settings, &mut record, ReleaseState::Failed, reason).await?;
            Ok(true)
        }
        // An attempt that ended has written down why; without that, one may still be at it.
        ReleaseState::Preparing
            if record.reason.is_none() && now.duration_since(record.updated_at).unsigned_abs() < GRACE =>
        {
            Ok(false)
        }
        ReleaseState::Preparing => {
            release::advance(ports, settings, &record.execution_id, deadline).await?;
            Ok(true)
        }
        _ => {
            announce(ports, settings, &mut record).await?;
            Ok(record.notified_at.is_some())
        }
    }
}

//! One look at one deployment: whether it shifts, what both versions did, and what is kept of it.

use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::deployments::{ReadShift, ShiftState};
use slipway_shared::identity::DeploymentId;
use slipway_shared::judge::Outcome;
use slipway_shared::ledger::{Basis, Entry, Notice, ReadLedger, Stored, WriteLedger, Written};

use crate::WatchError;
use crate::act::act;
use crate::criteria::Criteria;
use crate::decision::{Decision, decide, decide_afterwards};
use crate::evidence;
use crate::ports::Ports;
use crate::probe;
use crate::record::{GATE, entry, tell};
use crate::report::Did;
use crate::settings::Settings;
use crate::silent::look_for;
use crate::timing::{Course, Look};

/// The time after a look within which a shift that has ended since then is looked at once more.
const RECENT: Duration = Duration::from_secs(15 * 60);

/// Looks at an active deployment.
pub(crate) async fn look_at<P: Ports>(
    ports: &P,
    settings: &Settings,
    id: &DeploymentId,
    now: Timestamp,
) -> Result<Did, WatchError> {
    let kept = ports.ledger().read_entry(id.as_str(), GATE).await?;
    if let Some(stored) = kept.as_ref().filter(|stored| stored.entry.stops || is_owed(stored)) {
        act(ports, settings, stored.clone(), now).await?;
        return Ok(Did::Finished);
    }
    let state = ports.deployments().read_shift(id).await?;
    if state.is_rollback() {
        return Ok(Did::LeftARollback);
    }
    if let Some(did) = Box::pin(look_for(ports, settings, id, &state, now)).await? {
        return Ok(did);
    }
    let before = kept.as_ref().map(|stored| stored.entry.at);
    let Some(course) = course(ports, &state).await? else { return Ok(Did::NothingShared) };
    match course.look(now, before) {
        None => Ok(Did::NothingShared),
        Some(look) => Box::pin(judge(ports, settings, id, (&state, &course), kept, (look, now))).await,
    }
}

/// The course of a deployment's shift; `None` if it has not begun.
async fn course<P: Ports>(ports: &P, state: &ShiftState) -> Result<Option<Course>, WatchError> {
    let Some(began) = state.began else { return Ok(None) };
    let length = ports.deployments().read_routing(&state.config).await?.length();
    Ok(Some(Course { began, ended: state.ended, length }))
}

/// Judges a shift, keeps the verdict, and does what follows from it.
async fn judge<P: Ports>(
    ports: &P,
    settings: &Settings,
    id: &DeploymentId,
    (state, course): (&ShiftState, &Course),
    kept: Option<Stored>,
    (look, now): (Look, Timestamp),
) -> Result<Did, WatchError> {
    let shift = state.shift.as_ref().ok_or(WatchError::Subject)?;
    let known = kept.as_ref().and_then(|stored| stored.entry.manifest.as_deref());
    let criteria = Criteria::read(ports, settings, shift, known).await;
    let judged = Box::pin(evidence::judge(ports, settings, &criteria, shift, (course, now))).await;
    let is_quiet = judged.fewest.is_some_and(|fewest| fewest < probe::FEW);
    // One that was let on at its last look may still be stopped as long as it is not over, though not for having shown too little.
    let was_let_on = kept.as_ref().is_some_and(|stored| stored.entry.closed);
    let is_afterwards = look == Look::Whole && !(course.is_shared() && state.is_active());
    let decision = if is_afterwards || (was_let_on && judged.outcome != Outcome::Failed) {
        decide_afterwards(judged.outcome, course.is_shared())
    } else {
        let is_last = look != Look::Shared { is_last: false };
        decide(judged.outcome, judged.is_below_marginal, is_last, criteria.inconclusive)
    };
    // What was seen of the whole shift takes the place of what was seen before its end; nothing takes no place.
    if was_let_on && decision == Decision::Pass && (look != Look::Whole || judged.looks == 0) {
        return Ok(Did::Finished);
    }
    let entry = Entry { manifest: criteria.manifest, ..entry(settings, id, (state, shift), judged, decision, now) };
    tell(&entry);
    let basis = kept.map_or(Basis::Nothing, |stored| Basis::Revision(stored.revision));
    match (ports.ledger().write_entry(&entry, basis).await?, decision) {
        // The run that wrote acts on it; if it cannot, the next run finds the verdict.
        (Written::Lost, _) => Ok(Did::LeftToAnother),
        (Written::Kept(revision), Decision::Stop | Decision::Tell) => {
            let was_in_time = act(ports, settings, Stored { entry, revision }, now).await?;
            Ok(if was_in_time { Did::Stopped } else { Did::TooLate })
        }
        (Written::Kept(_), Decision::Pass) => Ok(Did::Passed),
        (Written::Kept(_), Decision::GoOn) => {
            if let Some(suite) = criteria.suite.filter(|_| is_quiet) {
                let sent = Box::pin(probe::send(ports, &suite, shift)).await;
                tracing::info!(
                    deployment.id = id.as_str(),
                    sent,
                    "there is little traffic: probes were sent to both versions"
                );
            }
            Ok(Did::Judged)
        }
    }
}

/// Finishes what follows from a verdict on a deployment that is over, if anything is left to do, and gives the last one on a shift that
/// has succeeded. `is_recent` is true of a deployment that was created a short time ago.
pub(crate) async fn finish<P: Ports>(
    ports: &P,
    settings: &Settings,
    id: &DeploymentId,
    is_recent: bool,
    now: Timestamp,
) -> Result<Option<Did>, WatchError> {
    let entries = ports.ledger().list_entries(id.as_str()).await?;
    let kept = entries.iter().find(|stored| stored.entry.gate == GATE).cloned();
    let mut did = None;
    for stored in entries.into_iter().filter(is_owed) {
        act(ports, settings, stored, now).await?;
        did = Some(Did::Finished);
    }
    let may_be_judged = kept.as_ref().map_or(is_recent, |stored| {
        !stored.entry.stops
            && stored.entry.notice.is_none()
            && now.duration_since(stored.entry.at).unsigned_abs() < RECENT
    });
    if did.is_some() || !may_be_judged {
        return Ok(did);
    }
    let state = ports.deployments().read_shift(id).await?;
    if state.is_rollback() || state.status != "Succeeded" {
        return Ok(None);
    }
    let Some(course) = course(ports, &state).await? else { return Ok(None) };
    match course.look(now, kept.as_ref().map(|stored| stored.entry.at)) {
        Some(Look::Whole) => {
            Box::pin(judge(ports, settings, id, (&state, &course), kept, (Look::Whole, now))).await.map(Some)
        }
        Some(Look::Shared { .. }) | None => Ok(None),
    }
}

/// True if people are still to be told.
fn is_owed(stored: &Stored) -> bool {
    !matches!(stored.entry.notice, None | Some(Notice::Sent(_)))
}

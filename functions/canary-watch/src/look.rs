//! One look at one deployment: whether it shifts, what both versions did, and what is kept of it.

use jiff::Timestamp;
use slipway_shared::deployments::{ReadShift, ShiftState};
use slipway_shared::hook::Shift;
use slipway_shared::identity::DeploymentId;
use slipway_shared::judge::Outcome;
use slipway_shared::ledger::{Basis, Entry, Gate, Notice, ReadLedger, Stored, WriteLedger, Written};

use crate::WatchError;
use crate::act::act;
use crate::criteria::Criteria;
use crate::decision::{Decision, decide};
use crate::evidence::{self, Judged};
use crate::ports::Ports;
use crate::probe;
use crate::report::Did;
use crate::settings::Settings;
use crate::silent::look_for;
use crate::timing::is_last_look;

/// The gate of this function.
const GATE: Gate = Gate::AllowTraffic;

/// Looks at an active deployment.
pub(crate) async fn look_at<P: Ports>(
    ports: &P,
    settings: &Settings,
    id: &DeploymentId,
    now: Timestamp,
) -> Result<Did, WatchError> {
    let kept = ports.ledger().read_entry(id, GATE).await?;
    if let Some(stored) = kept.as_ref().filter(|stored| stored.entry.stops) {
        act(ports, settings, stored.clone(), now).await?;
        return Ok(Did::Finished);
    }
    // One that was let on at its last look may still be stopped, as long as traffic is shared.
    let was_let_on = kept.as_ref().is_some_and(|stored| stored.entry.closed);
    let state = ports.deployments().read_shift(id).await?;
    if state.is_rollback() {
        return Ok(Did::LeftARollback);
    }
    if let Some(did) = Box::pin(look_for(ports, settings, id, &state, now)).await? {
        return Ok(did);
    }
    let (Some(began), None) = (state.began, state.ended) else { return Ok(Did::NothingShared) };
    let length = ports.deployments().read_routing(&state.config).await?.length();
    if length.is_zero() || now < began {
        return Ok(Did::NothingShared);
    }
    let shift = state.shift.as_ref().ok_or(WatchError::Subject)?;
    let known = kept.as_ref().and_then(|stored| stored.entry.manifest.as_deref());
    let criteria = Criteria::read(ports, settings, shift, known).await;
    let judged = Box::pin(evidence::judge(ports, settings, &criteria, shift, (began, now))).await;
    let is_quiet = judged.fewest.is_some_and(|fewest| fewest < probe::FEW);
    let is_last = is_last_look(began, length, now);
    let decision = decide(judged.outcome, judged.is_below_marginal, is_last, criteria.inconclusive);
    if was_let_on && decision != Decision::Stop {
        return Ok(Did::Finished);
    }
    let entry = Entry { manifest: criteria.manifest, ..entry(settings, id, (&state, shift), judged, decision, now) };
    tell(&entry);
    let basis = kept.map_or(Basis::Nothing, |stored| Basis::Revision(stored.revision));
    match (ports.ledger().write_entry(&entry, basis).await?, decision) {
        // The run that wrote acts on it; if it cannot, the next run finds the verdict.
        (Written::Lost, _) => Ok(Did::LeftToAnother),
        (Written::Kept(revision), Decision::Stop) => {
            act(ports, settings, Stored { entry, revision }, now).await?;
            Ok(Did::Stopped)
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

/// Finishes what follows from a verdict on a deployment that is over, if anything is left to do.
pub(crate) async fn finish<P: Ports>(
    ports: &P,
    settings: &Settings,
    id: &DeploymentId,
    now: Timestamp,
) -> Result<Option<Did>, WatchError> {
    let owed = |stored: &Stored| stored.entry.stops && !matches!(stored.entry.notice, None | Some(Notice::Sent(_)));
    let mut did = None;
    for stored in ports.ledger().list_entries(id).await?.into_iter().filter(owed) {
        act(ports, settings, stored, now).await?;
        did = Some(Did::Finished);
    }
    Ok(did)
}

fn entry(
    settings: &Settings,
    id: &DeploymentId,
    (state, shift): (&ShiftState, &Shift),
    judged: Judged,
    decision: Decision,
    now: Timestamp,
) -> Entry {
    let stops = decision == Decision::Stop;
    Entry {
        deployment_id: id.to_string(),
        gate: GATE,
        verdict: judged.outcome.as_str().to_owned(),
        closed: decision != Decision::GoOn,
        stops,
        action: action(judged.outcome, decision).map(str::to_owned),
        reasons: judged.reasons,
        at: now,
        stage: settings.stage.to_string(),
        application: state.application.clone(),
        deployment_group: state.group.clone(),
        function: shift.function.to_string(),
        alias: shift.alias.clone(),
        current_version: shift.current_version.as_ref().map(ToString::to_string),
        target_version: shift.target_version.to_string(),
        looks: judged.looks,
        score: Some(judged.score),
        probability: Some(judged.probability),
        manifest: None,
        metrics: judged.metrics,
        checks: Vec::new(),
        notes: judged.notes,
        notice: stops.then_some(Notice::Owed),
    }
}

const fn action(outcome: Outcome, decision: Decision) -> Option<&'static str> {
    match (decision, outcome) {
        (Decision::GoOn, _) => None,
        (Decision::Pass, Outcome::Inconclusive) => Some("let on at the end, by policy"),
        (Decision::Pass, _) => Some("let on at the end"),
        (Decision::Stop, Outcome::Inconclusive) => Some("stopped at the end, by policy"),
        (Decision::Stop, _) => Some("stopped"),
    }
}

/// The one line of a verdict.
fn tell(entry: &Entry) {
    tracing::info!(
        deployment.id = entry.deployment_id,
        function = entry.function,
        version.current = entry.current_version,
        version.target = entry.target_version,
        verdict = entry.verdict,
        closed = entry.closed,
        stops = entry.stops,
        looks = entry.looks,
        score = entry.score,
        probability = entry.probability,
        reasons = entry.reasons.join("; "),
        "canary judged"
    );
}

//! The ledger's entry about a look, and its line in the log.

use jiff::Timestamp;
use slipway_shared::deployments::ShiftState;
use slipway_shared::hook::Shift;
use slipway_shared::identity::DeploymentId;
use slipway_shared::judge::Outcome;
use slipway_shared::ledger::{Entry, Gate, Notice};

use crate::act::NOT_STOPPED;
use crate::decision::Decision;
use crate::evidence::Judged;
use crate::settings::Settings;

/// The gate of this function.
pub(crate) const GATE: Gate = Gate::AllowTraffic;

/// The entry about a look.
pub(crate) fn entry(
    settings: &Settings,
    id: &DeploymentId,
    (state, shift): (&ShiftState, &Shift),
    judged: Judged,
    decision: Decision,
    now: Timestamp,
) -> Entry {
    let stops = decision == Decision::Stop;
    Entry {
        closed: decision != Decision::GoOn,
        stops,
        action: action(judged.outcome, decision).map(str::to_owned),
        reasons: judged.reasons,
        application: state.application.clone(),
        deployment_group: state.group.clone(),
        function: shift.function.to_string(),
        alias: shift.alias.clone(),
        current_version: shift.current_version.as_ref().map(ToString::to_string),
        target_version: shift.target_version.to_string(),
        looks: judged.looks,
        score: Some(judged.score),
        probability: Some(judged.probability),
        metrics: judged.metrics,
        notes: judged.notes,
        notice: matches!(decision, Decision::Stop | Decision::Tell).then_some(Notice::Owed),
        ..Entry::new(id.as_str(), GATE, judged.outcome.as_str(), (&settings.stage, now))
    }
}

const fn action(outcome: Outcome, decision: Decision) -> Option<&'static str> {
    match (decision, outcome) {
        (Decision::GoOn, _) => None,
        (Decision::Tell, _) => Some(NOT_STOPPED),
        (Decision::Pass, Outcome::Inconclusive) => Some("let on at the end, by policy"),
        (Decision::Pass, _) => Some("let on at the end"),
        (Decision::Stop, Outcome::Inconclusive) => Some("stopped at the end, by policy"),
        (Decision::Stop, _) => Some("stopped"),
    }
}

/// The one line of a verdict.
pub(crate) fn tell(entry: &Entry) {
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

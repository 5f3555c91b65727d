//! The answers that follow from a gathering's decision: what each deployment that waits is told, and what is kept of it.
//!
//! All of it may be repeated, by whoever: CodeDeploy takes the first answer to a hook, and every answer to one gathering is the same.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{info, warn};

use super::deadline::Deadline;
use super::policy::HookStatus;
use super::ports::{HookPorts, ReportHookStatus};
use super::report::report;
use crate::call::CallError;
use crate::identity::Stage;
use crate::ledger::{
    Basis, Decision, Entry, Gate, Owed, ReadGathering, StoredGathering, WriteGathering, WriteLedger, Written,
};
use crate::telemetry::Chain;

/// Answers for all but the caller's own deployment, side by side and within the caller's time. Returns the deployments that were answered.
pub(super) async fn answer_others<P: HookPorts>(
    ports: &Arc<P>,
    stored: &StoredGathering,
    own: &str,
    (stage, at): (Stage, Timestamp),
    deadline: Deadline,
) -> Vec<String> {
    let mut answers = JoinSet::new();
    for owed in stored.gathering.owed().into_iter().filter(|owed| owed.arrival.deployment_id != own) {
        let (ports, address, status) = (Arc::clone(ports), owed.address.clone(), owed.status);
        let entry = entry(&owed, stored.gathering.decision(), stage, at);
        answers.spawn(async move {
            if let (Some(entry), Some(ledger)) = (entry, ports.ledger()) {
                // The answer matters more than what is kept of it.
                let _ = timeout(deadline.recording(), ledger.write_entry(&entry, Basis::Nothing)).await;
            }
            let reported = report(&ports, &address, status, deadline).await;
            tell(&address.deployment_id, status, reported.as_ref().err());
            reported.ok().map(|_| address.deployment_id)
        });
    }
    let mut answered = Vec::new();
    while let Some(answer) = answers.join_next().await {
        answered.extend(answer.ok().flatten());
    }
    answered
}

/// Notes that deployments have been answered, as far as the time allows: another run would only answer once more.
pub(super) async fn note_answered<P: HookPorts>(
    ports: &Arc<P>,
    mut stored: StoredGathering,
    answered: Vec<String>,
    deadline: Deadline,
) {
    stored.gathering.answered(&answered);
    let task = tokio::spawn({
        let ports = Arc::clone(ports);
        async move {
            let Some(ledger) = ports.ledger() else { return };
            let _ = ledger.write_gathering(&stored.gathering, Basis::Revision(stored.revision)).await;
        }
    });
    let stop = task.abort_handle();
    if timeout(deadline.recording(), task).await.is_err() {
        stop.abort();
    }
}

/// Looks after a stack's gathering from outside: gives up one that has not come together in time, and gives the answers that a hook
/// died before giving. Returns the deployments that were answered.
///
/// # Errors
/// A call failed; the next look goes on from there.
pub async fn look_after<D, L>(
    deployments: &D,
    ledger: &L,
    stack: &str,
    stage: Stage,
    now: Timestamp,
) -> Result<Vec<String>, CallError>
where
    D: ReportHookStatus + Sync,
    L: ReadGathering + WriteGathering + WriteLedger + Sync,
{
    let Some(mut stored) = ledger.read_gathering(stack).await? else { return Ok(Vec::new()) };
    if stored.gathering.give_up(now) {
        match ledger.write_gathering(&stored.gathering, Basis::Revision(stored.revision)).await? {
            Written::Kept(revision) => stored.revision = revision,
            // Somebody came in the last moment; the next look sees what that made of it.
            Written::Lost => return Ok(Vec::new()),
        }
    }
    let (mut answered, mut failure) = (Vec::new(), None);
    for owed in stored.gathering.owed() {
        if let Some(entry) = entry(&owed, stored.gathering.decision(), stage, now) {
            // The answer matters more than what is kept of it.
            failure = ledger.write_entry(&entry, Basis::Nothing).await.err().or(failure);
        }
        let reported = deployments.report_hook_status(&owed.address, owed.status).await;
        tell(&owed.address.deployment_id, owed.status, reported.as_ref().err());
        match reported {
            Ok(_) => answered.push(owed.address.deployment_id.clone()),
            Err(error) => failure = Some(error),
        }
    }
    if !answered.is_empty() {
        stored.gathering.answered(&answered);
        ledger.write_gathering(&stored.gathering, Basis::Revision(stored.revision)).await?;
    }
    failure.map_or(Ok(answered), Err)
}

/// The verdict on a deployment that passed by itself and fails with the others.
fn entry(owed: &Owed<'_>, decision: Decision<'_>, stage: Stage, at: Timestamp) -> Option<Entry> {
    let Decision::Failed(because) = decision else { return None };
    let (member, arrival) = (owed.member, owed.arrival);
    arrival.passed.then(|| Entry {
        deployment_id: arrival.deployment_id.clone(),
        gate: Gate::BeforeAllowTraffic,
        verdict: "failed".to_owned(),
        closed: true,
        stops: false,
        action: Some(format!("reported {}", owed.status.as_str())),
        reasons: vec![because.to_owned()],
        at,
        stage: stage.to_string(),
        application: arrival.application.clone(),
        deployment_group: arrival.deployment_group.clone(),
        function: member.function.clone(),
        alias: member.alias.clone(),
        current_version: arrival.current_version.clone(),
        target_version: arrival.target_version.clone(),
        looks: 0,
        score: None,
        probability: None,
        manifest: None,
        metrics: Vec::new(),
        checks: Vec::new(),
        notes: vec!["its own suite passed".to_owned()],
        notice: None,
    })
}

fn tell(deployment: &str, status: HookStatus, error: Option<&CallError>) {
    match error {
        None => info!(deployment.id = deployment, report.status = status.as_str(), "answered for another hook"),
        Some(error) => warn!(deployment.id = deployment, error = %Chain(error), "another hook is not answered yet"),
    }
}

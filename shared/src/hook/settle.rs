//! The answers that follow from a gathering's decision: what each deployment that waits is told, and what is kept of it.
//!
//! All of it may be repeated, by whoever: CodeDeploy takes the first answer to a hook, and every answer to one gathering is the same.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{info, warn};

use super::deadline::Deadline;
use super::lifecycle::LifecycleEvent;
use super::policy::HookStatus;
use super::ports::{HookPorts, ReportHookStatus};
use super::recording::rewrite;
use super::report::report;
use crate::call::CallError;
use crate::identity::Stage;
use crate::ledger::{
    Basis, Decision, Entry, Owed, ReadGathering, ReadLedger, StoredGathering, WriteGathering, WriteLedger, Written,
};
use crate::telemetry::Chain;

/// Answers for all but the caller's own deployment, side by side and within the caller's time. Returns the deployments that were
/// answered. What is kept of the caller's own is closed too, if an earlier call left it open.
pub(super) async fn answer_others<P: HookPorts>(
    ports: &Arc<P>,
    stored: &StoredGathering,
    own: &str,
    about: (&Stage, Timestamp),
    deadline: Deadline,
) -> Vec<String> {
    let mut answers = JoinSet::new();
    for owed in stored.gathering.owed() {
        let (ports, address, status) = (Arc::clone(ports), owed.address.clone(), owed.status);
        let entry = entry(&owed, stored.gathering.decision(), about);
        let is_own = owed.arrival.deployment_id == own;
        answers.spawn(async move {
            if let (Some(entry), Some(ledger)) = (entry, ports.ledger()) {
                // The answer matters more than what is kept of it.
                let _ = timeout(deadline.recording(), close(ledger, entry)).await;
            }
            if is_own {
                return None;
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
    stage: &Stage,
    now: Timestamp,
) -> Result<Vec<String>, CallError>
where
    D: ReportHookStatus + Sync,
    L: ReadGathering + WriteGathering + ReadLedger + WriteLedger + Sync,
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
        if let Some(entry) = entry(&owed, stored.gathering.decision(), (stage, now)) {
            // The answer matters more than what is kept of it.
            failure = close(ledger, entry).await.err().or(failure);
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

/// Closes the entry about a deployment whose suite ended before those of others. One that is closed stays as it is: its hook has failed
/// by itself, or somebody was here before.
///
/// # Errors
/// A call failed.
async fn close<L: ReadLedger + WriteLedger + Sync>(ledger: &L, closed: Entry) -> Result<(), CallError> {
    let about = closed.clone();
    rewrite(ledger, &about, move |kept| match kept {
        Some(kept) if kept.closed => None,
        Some(kept) => Some(Entry { checks: kept.checks, ..closed.clone() }),
        None => Some(closed.clone()),
    })
    .await
}

/// The entry of what was decided about a deployment that passed by itself; none as long as it is not decided.
fn entry(owed: &Owed<'_>, decision: Decision<'_>, about: (&Stage, Timestamp)) -> Option<Entry> {
    let (member, arrival) = (owed.member, owed.arrival);
    let (verdict, reasons) = match decision {
        Decision::Open => return None,
        Decision::Passed => ("passed", Vec::new()),
        Decision::Failed(because) => ("failed", vec![because.to_owned()]),
    };
    arrival.passed.then(|| Entry {
        closed: true,
        action: Some(owed.status.reported()),
        reasons,
        application: arrival.application.clone(),
        deployment_group: arrival.deployment_group.clone(),
        function: member.function.clone(),
        alias: member.alias.clone(),
        current_version: arrival.current_version.clone(),
        target_version: arrival.target_version.clone(),
        notes: vec!["its own suite passed; the functions of its release were waited for".to_owned()],
        ..Entry::new(&arrival.deployment_id, LifecycleEvent::BeforeAllowTraffic, verdict, about)
    })
}

fn tell(deployment: &str, status: HookStatus, error: Option<&CallError>) {
    match error {
        None => info!(deployment.id = deployment, report.status = status.as_str(), "answered for another hook"),
        Some(error) => warn!(deployment.id = deployment, error = %Chain(error), "another hook is not answered yet"),
    }
}

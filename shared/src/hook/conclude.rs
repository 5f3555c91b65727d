//! From a call to its verdict and status, for CodeDeploy's hooks and for those of ECS.
//!
//! The verdict is errored unless the checks prove otherwise, and a rollback goes on whatever is found: a hook that stops a rollback
//! keeps the bad version before its users.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use tokio::time::timeout_at;

use super::case::Case;
use super::deadline::Deadline;
use super::notebook::{Evidence, Notebook};
use super::policy::{HookStatus, Policy};
use super::ports::HookPorts;
use super::run::Hook;
use super::subject::{Claim, ResolveError, Resolved};
use super::verdict::{Reason, Verdict};
use crate::telemetry::Chain;

/// The end of a call: what is recorded and answered.
pub(super) struct Conclusion {
    pub(super) verdict: Verdict,
    pub(super) status: HookStatus,
    pub(super) evidence: Evidence,
    /// True if others are waited for before the status is reported.
    pub(super) waits: bool,
}

impl Conclusion {
    /// For a call about which nothing could be found out.
    pub(super) fn errored(reason: String) -> Self {
        Self {
            verdict: Verdict::errored(reason),
            status: HookStatus::Failed,
            evidence: Evidence::default(),
            waits: false,
        }
    }
}

/// Resolves what is judged, then judges it.
pub(super) async fn conclude<P, R, F, Fut>(hook: &Hook<P>, deadline: Deadline, resolving: R, checks: F) -> Conclusion
where
    P: HookPorts,
    R: Future<Output = Result<Resolved, ResolveError>> + Send + 'static,
    F: FnOnce(Case<P>) -> Fut + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    conclude_after(hook, deadline, BTreeSet::new(), resolving, checks).await
}

/// The same when `passed` were found to pass by an earlier call of the same hook.
pub(super) async fn conclude_after<P, R, F, Fut>(
    hook: &Hook<P>,
    deadline: Deadline,
    passed: BTreeSet<String>,
    resolving: R,
    checks: F,
) -> Conclusion
where
    P: HookPorts,
    R: Future<Output = Result<Resolved, ResolveError>> + Send + 'static,
    F: FnOnce(Case<P>) -> Fut + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    let notebook = Notebook::default();
    let judging = {
        let (ports, notebook, settings) = (Arc::clone(&hook.ports), notebook.clone(), hook.settings.clone());
        async move {
            let subject = match resolving.await {
                Ok(Resolved::Subject(subject)) => subject,
                Ok(Resolved::Rollback { sign, subject }) => {
                    subject.into_iter().for_each(|subject| notebook.note_subject(subject));
                    notebook.note_rollback();
                    let reason = format!("the deployment is a rollback ({sign}), which no check may stop");
                    return Verdict::inconclusive(reason);
                }
                Err(error) => {
                    let detail = Chain(&error).to_string();
                    return Verdict::Errored(Reason::with_detail("cannot find out what is deployed", detail).into());
                }
            };
            notebook.note_subject(subject.clone());
            if subject.claim == Claim::Decided {
                return Verdict::inconclusive(format!("{} is decided already", subject.event));
            }
            match settings {
                Ok(settings) => {
                    let (names, until) = (settings.names, deadline.checks());
                    checks(Case { ports, names, subject, notebook, passed, until }).await
                }
                Err(faults) => Verdict::errored(faults.to_string()),
            }
        }
    };
    let verdict = supervise(Box::pin(judging), deadline).await;
    let evidence = notebook.evidence();
    let policy = match &hook.settings {
        _ if evidence.rolls_back => Policy::Rollback,
        Ok(settings) => settings.policy(),
        Err(_) => Policy::PassedOnly,
    };
    Conclusion { status: policy.status(&verdict), verdict, evidence, waits: false }
}

/// In a task of its own: a panic in there is a verdict out here, and what hangs is left behind.
async fn supervise(judging: impl Future<Output = Verdict> + Send + 'static, deadline: Deadline) -> Verdict {
    let task = tokio::spawn(judging);
    let stop = task.abort_handle();
    match timeout_at(deadline.checks(), task).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(_)) => Verdict::errored("the checks panicked"),
        Err(_) => {
            stop.abort();
            Verdict::errored(format!("the checks did not finish within {} s", deadline.elapsed().as_secs()))
        }
    }
}

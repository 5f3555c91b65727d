//! The harness: whatever happens, CodeDeploy gets one answer, and it is `Failed` unless the checks proved otherwise.

use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Serialize;
use serde_json::Value;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{error, info, warn};

use super::case::Case;
use super::deadline::Deadline;
use super::event::{HookEvent, Unanswerable};
use super::notebook::{Evidence, Notebook};
use super::policy::{HookStatus, Policy};
use super::ports::{HookPorts, Reported};
use super::record::{Heading, Record};
use super::report::report;
use super::settings::HookSettings;
use super::subject::{Claim, LifecycleEvent, resolve};
use super::verdict::{Finding, Reason, Verdict};
use crate::call::CallError;
use crate::env::SettingsError;
use crate::identity::DeploymentId;
use crate::parameters::{CreateParameter, PutParameter};
use crate::telemetry::Chain;

/// A hook, as `main` makes it once.
#[derive(Debug)]
pub struct Hook<P> {
    /// The event that this hook is built for.
    pub event: LifecycleEvent,
    /// The systems that it talks to.
    pub ports: Arc<P>,
    /// Faulty settings do not stop a hook from starting: it could not report them then.
    pub settings: Result<HookSettings, StartError>,
}

/// One call of a hook.
#[derive(Debug)]
pub struct Invocation {
    /// CodeDeploy's event, not yet parsed: one that does not parse is answered too.
    pub payload: Value,
    /// The time at which Lambda ends the function.
    pub deadline: Deadline,
    /// The time at which it began.
    pub at: Timestamp,
}

impl From<LambdaEvent<Value>> for Invocation {
    fn from(event: LambdaEvent<Value>) -> Self {
        let at = Timestamp::now();
        Self { payload: event.payload, deadline: Deadline::from_epoch_ms(event.context.deadline, at.into()), at }
    }
}

/// The result of a hook. CodeDeploy ignores it; a person who invokes a hook by hand sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HookReport {
    /// The deployment that was answered for.
    pub deployment_id: String,
    /// `passed`, `failed`, `inconclusive`, `errored`.
    pub verdict: &'static str,
    /// `Succeeded` or `Failed`.
    pub status: &'static str,
}

/// The reason why a hook cannot judge.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The environment cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The clients of AWS could not be made from it.
    #[error("the AWS clients cannot be made")]
    Clients,
}

/// The only ways in which a hook leaves CodeDeploy without an answer. Lambda calls again after each.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// The event does not say whom to answer.
    #[error("the event cannot be answered")]
    Unanswerable(#[from] Unanswerable),
    /// CodeDeploy did not take the answer.
    #[error("the verdict could not be reported")]
    Report(#[source] CallError),
    /// There is nothing left with which CodeDeploy could be called.
    #[error("the hook could not start")]
    NotStarted(#[source] StartError),
}

impl HookError {
    /// The stable names listed in `docs/errors.md`.
    pub const TYPES: [&'static str; 3] = ["Hook.EventUnanswerable", "Hook.ReportFailed", "Hook.NotStarted"];

    /// This error's stable name.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::Unanswerable(_) => Self::TYPES[0],
            Self::Report(_) => Self::TYPES[1],
            Self::NotStarted(_) => Self::TYPES[2],
        }
    }
}

impl From<HookError> for Diagnostic {
    fn from(error: HookError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: Chain(&error).to_string() }
    }
}

/// Runs `checks` on what the deployment shifts, records the verdict, and reports it.
///
/// # Errors
/// Only if CodeDeploy could not be answered.
pub async fn run_hook<P, F, Fut>(hook: &Hook<P>, invocation: Invocation, checks: F) -> Result<HookReport, HookError>
where
    P: HookPorts,
    F: FnOnce(Case<P>) -> Fut + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    let event = HookEvent::read(&invocation.payload).map_err(|error| logged(error.into()))?;
    let notebook = Notebook::default();
    let (verdict, policy) = match (&event.deployment, &hook.settings) {
        (Ok(deployment), Ok(settings)) => {
            let until = invocation.deadline.checks();
            let judging = judging(hook, deployment.clone(), settings.clone(), (notebook.clone(), until, checks));
            (supervise(judging, invocation.deadline).await, settings.policy())
        }
        (Err(malformed), _) => (Verdict::errored(malformed.to_string()), Policy::PassedOnly),
        (_, Err(faults)) => (Verdict::errored(faults.to_string()), Policy::PassedOnly),
    };
    let status = policy.status(&verdict);
    let evidence = notebook.evidence();
    record(hook, &event, &invocation, (&verdict, status, &evidence)).await;
    let reported = report(&hook.ports, &event.address, status, invocation.deadline)
        .await
        .map_err(|error| logged(HookError::Report(error)))?;
    log(hook, &event, &invocation, (&verdict, status, &evidence, reported));
    Ok(HookReport { deployment_id: event.address.deployment_id, verdict: verdict.as_str(), status: status.as_str() })
}

/// Resolves what is judged, then judges it.
fn judging<P, F, Fut>(
    hook: &Hook<P>,
    deployment: DeploymentId,
    settings: HookSettings,
    (notebook, until, checks): (Notebook, Instant, F),
) -> impl Future<Output = Verdict> + Send + 'static
where
    P: HookPorts,
    F: FnOnce(Case<P>) -> Fut + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    let (ports, own) = (Arc::clone(&hook.ports), hook.event);
    async move {
        let subject = match resolve(ports.deployments(), &deployment, own).await {
            Ok(subject) => subject,
            Err(error) => {
                let detail = Chain(&error).to_string();
                return Verdict::Errored(Reason::with_detail("cannot find out what is deployed", detail).into());
            }
        };
        notebook.note_subject(subject.clone());
        if subject.claim == Claim::Decided {
            return Verdict::inconclusive(format!("{} is decided already", subject.event));
        }
        checks(Case { ports, names: settings.names, subject, notebook, until }).await
    }
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

/// Best effort and within its time: a verdict that is not recorded is still reported.
async fn record<P: HookPorts>(
    hook: &Hook<P>,
    event: &HookEvent,
    invocation: &Invocation,
    (verdict, status, evidence): (&Verdict, HookStatus, &Evidence),
) {
    let (Ok(deployment_id), Ok(settings)) = (&event.deployment, &hook.settings) else { return };
    let subject = evidence.subject.as_ref();
    let claim = subject.map_or(Claim::Own, |subject| subject.claim);
    if claim == Claim::Decided {
        return;
    }
    let lifecycle_event = subject.map_or(hook.event, |subject| subject.event);
    let heading = Heading { deployment_id, event: lifecycle_event, stage: settings.stage, at: invocation.at };
    let value = Record::new(heading, verdict, status, evidence).to_parameter();
    let name = settings.names.verdict(deployment_id.as_str(), lifecycle_event.as_str());
    let ports = Arc::clone(&hook.ports);
    let task = tokio::spawn(async move {
        match claim {
            Claim::Own => ports.parameters().put_parameter(&name, &value).await,
            Claim::Other | Claim::Decided => ports.parameters().create_parameter(&name, &value).await,
        }
    });
    let stop = task.abort_handle();
    match timeout(invocation.deadline.recording(), task).await {
        Ok(Ok(Ok(_))) => {}
        Ok(Ok(Err(error))) => warn!(deployment.id = %deployment_id, error = %Chain(&error), "verdict not recorded"),
        Ok(Err(panic)) => warn!(deployment.id = %deployment_id, error = %Chain(&panic), "verdict not recorded"),
        Err(elapsed) => {
            stop.abort();
            warn!(deployment.id = %deployment_id, error = %Chain(&elapsed), "verdict not recorded");
        }
    }
}

/// The one line of an invocation that reported. It names what differed, never what was answered.
fn log<P>(
    hook: &Hook<P>,
    event: &HookEvent,
    invocation: &Invocation,
    (verdict, status, evidence, reported): (&Verdict, HookStatus, &Evidence, Reported),
) {
    let subject = evidence.subject.as_ref();
    let shift = subject.map(|subject| &subject.shift);
    let passed = evidence.outcomes.iter().filter(|outcome| outcome.finding == Finding::Passed).count();
    let reasons: Vec<&str> = verdict.reasons().map(Reason::subject).take(10).collect();
    info!(
        deployment.id = event.address.deployment_id,
        deployment.group = subject.map(|subject| subject.group.as_str()),
        lifecycle.event = subject.map_or(hook.event, |subject| subject.event).as_str(),
        function.name = shift.map(|shift| shift.function.as_str()),
        function.version = shift.map(|shift| shift.target_version.as_str()),
        verdict.outcome = verdict.as_str(),
        verdict.reasons = reasons.join("; "),
        report.status = status.as_str(),
        report.duplicate = reported == Reported::AlreadyCompleted,
        checks.run = evidence.outcomes.len(),
        checks.passed = passed,
        duration_ms = u64::try_from(invocation.deadline.elapsed().as_millis()).unwrap_or(u64::MAX),
        "hook reported"
    );
}

fn logged(error: HookError) -> HookError {
    error!(error = %Chain(&error), "hook not reported");
    error
}

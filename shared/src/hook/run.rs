//! The harness: whatever happens, CodeDeploy gets one answer, and it is `Failed` unless the checks proved otherwise.

use std::future::Future;
use std::sync::Arc;

use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Serialize;
use serde_json::Value;
use tracing::{error, info};

use super::case::Case;
use super::conclude::{Conclusion, conclude};
use super::deadline::Deadline;
use super::event::{HookEvent, Malformed, Unanswerable};
use super::gathering::{Answer, Company};
use super::lifecycle::LifecycleEvent;
use super::policy::HookStatus;
use super::ports::{HookPorts, Reported};
use super::recording::Recording;
use super::report::report;
use super::settings::HookSettings;
use super::settle::{answer_others, note_answered};
use super::silence::Undelivered;
use super::subject::{Claim, resolve};
use super::verdict::{Finding, Reason, Verdict};
use crate::call::CallError;
use crate::env::SettingsError;
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
    /// The event, not yet parsed: one that does not parse is answered too.
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
    /// `Succeeded` or `Failed`; `Waiting` if the suites of functions that are released with it have not ended.
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
    /// The functions that are released together could not be told that this one passed.
    #[error("the verdict could not be gathered with those of the other functions")]
    Gathering(#[source] CallError),
    /// There is nothing left with which CodeDeploy could be called.
    #[error("the hook could not start")]
    NotStarted(#[source] StartError),
}

impl HookError {
    /// The stable names listed in `docs/errors.md`.
    pub const TYPES: [&'static str; 4] =
        ["Hook.EventUnanswerable", "Hook.ReportFailed", "Hook.NotStarted", "Hook.GatheringFailed"];

    /// This error's stable name.
    #[must_use]
    pub const fn error_type(&self) -> &'static str {
        match self {
            Self::Unanswerable(_) => Self::TYPES[0],
            Self::Report(_) => Self::TYPES[1],
            Self::NotStarted(_) => Self::TYPES[2],
            Self::Gathering(_) => Self::TYPES[3],
        }
    }
}

impl From<HookError> for Diagnostic {
    fn from(error: HookError) -> Self {
        Self { error_type: error.error_type().to_owned(), error_message: Chain(&error).to_string() }
    }
}

/// Runs `checks` on what the deployment changes, records the verdict, and reports it. A deployment that puts back what was there
/// before is let through without a check. Called with Lambda's record of another hook that was given up, it answers in that one's place.
/// Where several functions are released as one, the answer to a suite that passed may be left to whoever comes last.
///
/// # Errors
/// Only if CodeDeploy could not be answered.
pub async fn run_hook<P, F, Fut>(hook: &Hook<P>, invocation: Invocation, checks: F) -> Result<HookReport, HookError>
where
    P: HookPorts,
    F: FnOnce(Case<P>) -> Fut + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    let (event, given_up) = called(&invocation.payload).map_err(|error| logged(error.into()))?;
    let company = Company::of(hook, &event);
    let mut conclusion = match &event.deployment {
        Ok(deployment) => {
            let (ports, own, deployment) = (Arc::clone(&hook.ports), hook.event, deployment.clone());
            let resolving = async move { resolve(&*ports, &deployment, own).await };
            let company = company.clone();
            match given_up {
                Some(reason) => {
                    let in_its_place = |_: Case<P>| async { Verdict::errored(reason) };
                    let judge = move |case: Case<P>| company.before(case, in_its_place);
                    conclude(hook, invocation.deadline, resolving, judge).await
                }
                None => {
                    let judge = move |case: Case<P>| company.before(case, checks);
                    conclude(hook, invocation.deadline, resolving, judge).await
                }
            }
        }
        Err(malformed) => Conclusion::errored(malformed.to_string()),
    };
    let timing = (invocation.at, invocation.deadline);
    let answer = company.answer(hook, &event, &mut conclusion, timing).await;
    let answer = answer.map_err(|error| logged(HookError::Gathering(error)))?;
    let recording = match company.judged() {
        true => recorded(hook, &event, &invocation, &conclusion).await,
        false => None,
    };
    if let Answer::Wait(others) = answer {
        if let Some(recording) = recording {
            recording.add_checks().await;
        }
        info!(deployment.id = event.address.deployment_id, waits.for = others.join(" "), "hook waits for others");
        return Ok(told(event, &conclusion, "Waiting"));
    }
    let reported = answered(hook, &event, &invocation, conclusion.status, answer).await;
    let reported = reported.map_err(|error| logged(HookError::Report(error)))?;
    if let (Some(recording), Reported::Accepted) = (recording, reported) {
        recording.replace().await;
    }
    log(hook, &event.address.deployment_id, invocation.deadline, &conclusion, Some(reported));
    let status = conclusion.status.as_str();
    Ok(told(event, &conclusion, status))
}

fn told(event: HookEvent, conclusion: &Conclusion, status: &'static str) -> HookReport {
    HookReport { deployment_id: event.address.deployment_id, verdict: conclusion.verdict.as_str(), status }
}

/// Reports, for the others too if the answer is that of all.
async fn answered<P: HookPorts>(
    hook: &Hook<P>,
    event: &HookEvent,
    invocation: &Invocation,
    status: HookStatus,
    answer: Answer,
) -> Result<Reported, CallError> {
    let (own, deadline) = (report(&hook.ports, &event.address, status, invocation.deadline), invocation.deadline);
    let (Answer::Together(stored), Ok(settings)) = (answer, &hook.settings) else { return own.await };
    let about = (&settings.stage, invocation.at);
    let others = answer_others(&hook.ports, &stored, &event.address.deployment_id, about, deadline);
    let (reported, mut answered) = tokio::join!(own, others);
    answered.extend(reported.is_ok().then(|| event.address.deployment_id.clone()));
    note_answered(&hook.ports, stored, answered, deadline).await;
    reported
}

/// The event that is to be answered. If it is Lambda's record of another hook that was given up, that hook's own event and the reason.
fn called(payload: &Value) -> Result<(HookEvent, Option<String>), Unanswerable> {
    match Undelivered::read(payload) {
        None => Ok((HookEvent::read(payload)?, None)),
        Some(undelivered) => {
            let Undelivered { address, reason, .. } = undelivered?;
            let deployment = address.deployment_id.parse().map_err(|_| Malformed::DeploymentId);
            Ok((HookEvent { address, deployment }, Some(reason)))
        }
    }
}

/// Records the verdict, unless the event was decided before. What comes back is to be written again once the report is accepted:
/// the record of another call stands there, and that call's report was not the one that counted.
async fn recorded<P: HookPorts>(
    hook: &Hook<P>,
    event: &HookEvent,
    invocation: &Invocation,
    conclusion: &Conclusion,
) -> Option<Recording<P>> {
    let (Ok(deployment), Ok(settings)) = (&event.deployment, &hook.settings) else { return None };
    let decided = conclusion.evidence.subject.as_ref().is_some_and(|subject| subject.claim == Claim::Decided);
    if decided {
        return None;
    }
    let recording = Recording::new(hook, settings, deployment.as_str(), invocation, conclusion);
    recording.create().await
}

/// The one line of an invocation that answered. It names what differed, never what was answered.
pub(super) fn log<P>(
    hook: &Hook<P>,
    deployment: &str,
    deadline: Deadline,
    conclusion: &Conclusion,
    reported: Option<Reported>,
) {
    let evidence = &conclusion.evidence;
    let subject = evidence.subject.as_ref();
    let passed = evidence.outcomes.iter().filter(|outcome| outcome.finding == Finding::Passed).count();
    let reasons: Vec<&str> = conclusion.verdict.reasons().map(Reason::subject).take(10).collect();
    info!(
        deployment.id = deployment,
        deployment.group = subject.map(|subject| subject.group.as_str()),
        lifecycle.event = subject.map_or(hook.event, |subject| subject.event).as_str(),
        function.name = subject.map(super::Subject::name),
        function.version = subject.and_then(|subject| Some(subject.shift()?.target_version.as_str())),
        verdict.outcome = conclusion.verdict.as_str(),
        verdict.reasons = reasons.join("; "),
        report.status = conclusion.status.as_str(),
        report.duplicate = reported == Some(Reported::AlreadyCompleted),
        checks.run = evidence.outcomes.len(),
        checks.passed = passed,
        duration_ms = u64::try_from(deadline.elapsed().as_millis()).unwrap_or(u64::MAX),
        "hook reported"
    );
}

fn logged(error: HookError) -> HookError {
    error!(error = %Chain(&error), "hook not reported");
    error
}

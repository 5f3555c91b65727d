//! The hooks of ECS's own deployments (deployment controller `ECS`), which answer by what they return.
//!
//! A hook that returns no `hookStatus`, or fails, rolls the deployment back; one that needs longer than a function may run returns
//! `IN_PROGRESS` and is called again, with the `hookDetails` that it gave
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html>).

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::case::Case;
use super::conclude::{Conclusion, conclude_after};
use super::lifecycle::LifecycleEvent;
use super::policy::HookStatus;
use super::ports::HookPorts;
use super::recording::Recording;
use super::run::{Hook, Invocation, log};
use super::subject::{Claim, Deployed, Resolved, Service, Subject};
use super::verdict::{CheckOutcome, Finding, Verdict};

/// The pause before ECS calls again, in seconds. Its default is half a minute; a suite that goes on needs no pause.
const CALL_BACK_DELAY: u32 = 5;
/// The member of `hookDetails` in which the names of the checks that passed travel from call to call.
const PROGRESS: &str = "slipway";

/// How far an earlier call of the same hook came. What a service's own `hookDetails` say does not skip a check: they cannot know the
/// deployment.
#[derive(Debug, Serialize, Deserialize)]
struct Progress {
    deployment: String,
    stage: String,
    passed: BTreeSet<String>,
}

/// The event of an ECS hook. Older texts of AWS's guide show the details at the top, newer ones within `executionDetails`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EcsEvent {
    #[serde(default)]
    lifecycle_stage: Option<String>,
    /// The service deployment.
    #[serde(default)]
    resource_arn: Option<String>,
    #[serde(default)]
    execution_details: Option<Details>,
    #[serde(flatten)]
    details: Details,
    #[serde(default)]
    hook_details: Option<Value>,
}

#[derive(Debug, Clone, PartialEq, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Details {
    #[serde(default)]
    service_arn: Option<String>,
    #[serde(default)]
    target_service_revision_arn: Option<String>,
    #[serde(default)]
    test_traffic_weights: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    production_traffic_weights: Option<BTreeMap<String, Value>>,
}

/// The answer to ECS.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EcsAnswer {
    /// `SUCCEEDED`, `FAILED` or `IN_PROGRESS`.
    pub hook_status: &'static str,
    /// The seconds before the next call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_back_delay: Option<u32>,
    /// What the next call is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hook_details: Option<Value>,
}

impl EcsEvent {
    /// `None` if the event is not one of ECS.
    #[must_use]
    pub fn read(payload: &Value) -> Option<Self> {
        let members = payload.as_object()?;
        let is_theirs = members.contains_key("executionDetails") || members.contains_key("targetServiceRevisionArn");
        is_theirs.then(|| Self::deserialize(payload).unwrap_or_else(|_| Self::unreadable()))
    }

    /// Of ECS's form but for a type: it is answered, by a failure.
    fn unreadable() -> Self {
        let details = Details::default();
        Self { lifecycle_stage: None, resource_arn: None, execution_details: None, details, hook_details: None }
    }

    fn details(&self) -> &Details {
        self.execution_details.as_ref().unwrap_or(&self.details)
    }

    /// The last part of the service deployment's ARN, by which verdicts are kept.
    fn deployment(&self) -> Option<&str> {
        self.resource_arn.as_deref()?.rsplit('/').next()
    }

    fn resolved(&self, own: LifecycleEvent) -> Result<Resolved, String> {
        let details = self.details();
        let arn = details.service_arn.as_deref().ok_or("the event names no service")?;
        let service = Service::of_arn(arn, details.target_service_revision_arn.clone())?;
        let event = self.lifecycle_stage.as_deref().and_then(LifecycleEvent::from_name).unwrap_or(own);
        let subject = Subject {
            application: String::new(),
            group: String::new(),
            deployed: Deployed::Service(service),
            began: None,
            creator: None,
            event,
            claim: Claim::Own,
        };
        Ok(match self.rollback(event) {
            Some(sign) => Resolved::Rollback { sign, subject: Some(subject) },
            None => Resolved::Subject(subject),
        })
    }

    /// Only the two shifts are called while ECS rolls back, and then the target's weight is 0.
    fn rollback(&self, event: LifecycleEvent) -> Option<String> {
        let details = self.details();
        let weights = match event {
            LifecycleEvent::ProductionTrafficShift => details.production_traffic_weights.as_ref()?,
            LifecycleEvent::TestTrafficShift => details.test_traffic_weights.as_ref()?,
            _ => return None,
        };
        let target = details.target_service_revision_arn.as_ref()?;
        let weighs = |weight: &Value| weight.as_f64().or_else(|| weight.as_str()?.parse().ok());
        let away = weights.get(target).and_then(weighs) == Some(0.0)
            && weights.iter().any(|(revision, weight)| revision != target && weighs(weight) == Some(100.0));
        away.then(|| "traffic shifts away from its target".to_owned())
    }

    fn stage(&self) -> &str {
        self.lifecycle_stage.as_deref().unwrap_or_default()
    }

    fn passed_before(&self) -> BTreeSet<String> {
        let progress = self.hook_details.as_ref().and_then(|details| details.get(PROGRESS));
        let progress = progress.and_then(|progress| Progress::deserialize(progress).ok());
        let own =
            progress.filter(|told| Some(told.deployment.as_str()) == self.deployment() && told.stage == self.stage());
        own.map(|told| told.passed).unwrap_or_default()
    }

    fn progress(&self, passed: BTreeSet<String>) -> Value {
        let deployment = self.deployment().unwrap_or_default().to_owned();
        json!({ PROGRESS: Progress { deployment, stage: self.stage().to_owned(), passed } })
    }
}

/// Runs `checks` on the service and answers ECS. It always answers: an error would say no more than `FAILED`.
pub async fn run_ecs_hook<P, F, Fut>(hook: &Hook<P>, event: &EcsEvent, invocation: Invocation, checks: F) -> EcsAnswer
where
    P: HookPorts,
    F: FnOnce(Case<P>) -> Fut + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    let before = event.passed_before();
    let conclusion = match event.resolved(hook.event) {
        Ok(resolved) => {
            conclude_after(hook, invocation.deadline, before.clone(), async move { Ok(resolved) }, checks).await
        }
        Err(reason) => Conclusion::errored(reason),
    };
    let deployment = event.deployment().unwrap_or_default();
    if let Some(answer) = continued(event, &conclusion, &before) {
        return answer;
    }
    // Each stage answers once, by what it returns: the last call's record is the one that counts.
    if let (Ok(settings), false) = (&hook.settings, deployment.is_empty()) {
        Recording::new(hook, settings, deployment, &invocation, &conclusion).replace().await;
    }
    log(hook, deployment, invocation.deadline, &conclusion, None);
    let hook_status = match conclusion.status {
        HookStatus::Succeeded => "SUCCEEDED",
        HookStatus::Failed => "FAILED",
    };
    EcsAnswer { hook_status, call_back_delay: None, hook_details: None }
}

/// The wish to be called again, if all that is missing is time and this call came further than the one before.
fn continued(event: &EcsEvent, conclusion: &Conclusion, before: &BTreeSet<String>) -> Option<EcsAnswer> {
    let outcomes = &conclusion.evidence.outcomes;
    let bad = |outcome: &CheckOutcome| matches!(outcome.finding, Finding::Failed(_) | Finding::Errored(_));
    let unfinished = outcomes.iter().any(|outcome| matches!(outcome.finding, Finding::Unfinished(_)));
    if conclusion.status == HookStatus::Succeeded || !unfinished || outcomes.iter().any(bad) {
        return None;
    }
    let newly =
        outcomes.iter().filter(|outcome| outcome.finding == Finding::Passed).map(|outcome| outcome.name.clone());
    let passed: BTreeSet<String> = newly.chain(before.iter().cloned()).collect();
    (passed.len() > before.len()).then(|| EcsAnswer {
        hook_status: "IN_PROGRESS",
        call_back_delay: Some(CALL_BACK_DELAY),
        hook_details: Some(event.progress(passed)),
    })
}

//! Hooks that will never answer, and the answer that is given in their place.
//!
//! A hook whose process does not even start (a wrong architecture, a broken initialisation, no memory, no concurrency) runs nothing
//! of ours, so something else must say so: CodeDeploy would wait for an hour. Lambda tells a failure destination about every
//! asynchronous invocation that it gives up, with the event itself, and so with the two ids that an answer needs
//! ([`Undelivered`]). Where no such record comes, the time that Lambda's retries can take says when to stop waiting ([`silence`]).

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::compare::shortened;
use super::event::{HookEvent, ReportAddress, Unanswerable};
use super::policy::HookStatus;
use super::ports::{ReadDeployment, ReportHookStatus, Reported};
use crate::call::CallError;
use crate::identity::DeploymentId;

/// CodeDeploy itself gives a hook up after this
/// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>).
const CODEDEPLOY_WAITS: Duration = Duration::from_secs(3600);
/// Before the second and the third attempt
/// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>).
const RETRY_PAUSES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];
/// For each attempt's start, and for clocks that differ.
const START: Duration = Duration::from_secs(20);
/// Longest reason, in characters.
const LONGEST_REASON: usize = 300;

/// Lambda's record of an invocation that it gave up, as a failure destination is sent it
/// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The address of the answer that the hook owes.
    pub address: ReportAddress,
    /// The hook's ARN.
    pub function: String,
    /// The reason why it never answered, with its own last words. Quotes no event.
    pub reason: String,
}

impl Undelivered {
    /// Reads a record; `None` if the event is none.
    ///
    /// # Errors
    /// Fails if the invocation's event does not say whom to answer.
    #[must_use]
    pub fn read(record: &Value) -> Option<Result<Self, Unanswerable>> {
        let context = record.get("requestContext")?;
        let condition = context.get("condition")?.as_str()?;
        let function = context.get("functionArn")?.as_str()?.to_owned();
        let event = record.get("requestPayload")?;
        let attempts = context.get("approximateInvokeCount").and_then(Value::as_u64).unwrap_or_default();
        let words = record.get("responsePayload").and_then(last_words);
        let name = function.split(':').nth(6).unwrap_or(&function);
        let mut reason = match attempts {
            0 => format!("the hook {name} was never run ({condition})"),
            1 => format!("the hook {name} failed and was given up ({condition})"),
            more => format!("the hook {name} failed {more} times and was given up ({condition})"),
        };
        if let Some(words) = words {
            reason = format!("{reason}: {}", shortened(&words, LONGEST_REASON));
        }
        Some(HookEvent::read(event).map(|event| Self { address: event.address, function, reason }))
    }
}

/// `errorType: errorMessage`, as runtimes write a function's error.
fn last_words(payload: &Value) -> Option<String> {
    let part = |name| payload.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    match (part("errorType"), part("errorMessage")) {
        (Some(kind), Some(message)) => Some(format!("{kind}: {message}")),
        (kind, message) => kind.or(message).map(str::to_owned),
    }
}

/// Answers CodeDeploy for a hook that never will: `Failed`, or `Succeeded` if the deployment puts back what was there before, since
/// nothing may stop that.
///
/// # Errors
/// Fails if CodeDeploy did not take the answer.
pub async fn answer_for<D: ReportHookStatus + ReadDeployment>(
    deployments: &D,
    undelivered: &Undelivered,
) -> Result<(HookStatus, Reported), CallError> {
    let rolls_back = match undelivered.address.deployment_id.parse::<DeploymentId>() {
        Ok(id) => deployments.read_deployment(&id).await.is_ok_and(|info| info.rollback().is_some()),
        Err(_) => false,
    };
    let status = if rolls_back { HookStatus::Succeeded } else { HookStatus::Failed };
    Ok((status, deployments.report_hook_status(&undelivered.address, status).await?))
}

/// A hook that has been called, as far as it can be seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalledHook {
    /// The start of the lifecycle event that is still in progress.
    pub since: Timestamp,
    /// The hook's own limits; `None` if there is no such function.
    pub limits: Option<HookLimits>,
    /// The attempts that are known to have ended without an answer, from the hook's own log lines, oldest first: why each did.
    pub failures: Vec<String>,
}

/// The limits of a hook's function and of its asynchronous invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HookLimits {
    /// `Timeout`.
    pub timeout: Duration,
    /// `MaximumRetryAttempts`.
    pub retries: u32,
    /// `MaximumEventAgeInSeconds`.
    pub age: Duration,
}

/// What can be said of a hook that has not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// It may still answer, until then.
    Waiting(Timestamp),
    /// It will never answer, for this reason.
    ForGood(String),
}

/// True to say that a hook will never answer only when no attempt of it can be under way or to come.
#[must_use]
pub fn silence(hook: &CalledHook, now: Timestamp) -> Silence {
    let Some(limits) = hook.limits else { return Silence::ForGood("the hook's function does not exist".to_owned()) };
    let last = hook.failures.last().map(|failure| format!(": {}", shortened(failure, LONGEST_REASON)));
    let last = last.unwrap_or_default();
    let attempts = limits.retries.min(2) + 1;
    if hook.failures.len() >= attempts as usize {
        return Silence::ForGood(format!("all {attempts} attempts of the hook ended without an answer{last}"));
    }
    let until = hook.since + longest(limits);
    if now < until {
        return Silence::Waiting(until);
    }
    let minutes = longest(limits).as_secs().div_ceil(60);
    Silence::ForGood(format!("the hook has not answered in the {minutes} minutes that all its attempts can take{last}"))
}

/// The longest time after which an attempt of the hook may still be running.
fn longest(limits: HookLimits) -> Duration {
    let retries = limits.retries.min(2);
    let attempts = (limits.timeout + START) * (retries + 1);
    let pauses: Duration = RETRY_PAUSES.iter().take(retries as usize).sum();
    // An event that waits for concurrency may be as old as its limit before the last attempt begins.
    let waiting = limits.age.min(CODEDEPLOY_WAITS);
    (attempts + pauses).max(waiting + limits.timeout + START).min(CODEDEPLOY_WAITS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;
    use crate::fakes::World;
    use crate::hook::LifecycleEvent::BeforeAllowTraffic;

    const LIMITS: HookLimits =
        HookLimits { timeout: Duration::from_secs(60), retries: 2, age: Duration::from_secs(300) };

    fn record(response: &Value, attempts: u32) -> Value {
        json!({
            "version": "1.0",
            "timestamp": "2026-11-27T08:00:00.000Z",
            "requestContext": {
                "requestId": "r-1",
                "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:CodeDeployHook_shop_pre-traffic:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": attempts,
            },
            "requestPayload": {"DeploymentId": World::DEPLOYMENT, "LifecycleEventHookExecutionId": World::TOKEN},
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": response,
        })
    }

    fn undelivered() -> Undelivered {
        let response = json!({"errorType": "Runtime.InvalidEntrypoint", "errorMessage": "exec format error"});
        Undelivered::read(&record(&response, 3)).unwrap().unwrap()
    }

    #[test]
    fn an_invocation_that_was_given_up_is_read_with_its_last_words() {
        let read = undelivered();
        assert_eq!(read.address.deployment_id, World::DEPLOYMENT);
        assert_eq!(
            read.reason,
            "the hook CodeDeployHook_shop_pre-traffic failed 3 times and was given up (RetriesExhausted): \
             Runtime.InvalidEntrypoint: exec format error"
        );
        assert!(!read.reason.contains(World::TOKEN));
        let silent = Undelivered::read(&record(&Value::Null, 0)).unwrap().unwrap();
        assert_eq!(silent.reason, "the hook CodeDeployHook_shop_pre-traffic was never run (RetriesExhausted)");
    }

    #[test_case(json!({"DeploymentId": "d-ABC", "LifecycleEventHookExecutionId": "t"}); "a hook's own event")]
    #[test_case(json!({"source": "aws.codedeploy", "detail": {}}); "an event of EventBridge")]
    fn other_events_are_no_records(event: Value) {
        assert_eq!(Undelivered::read(&event), None);
    }

    #[test]
    fn a_record_of_another_event_answers_nobody() {
        let mut record = record(&Value::Null, 1);
        record["requestPayload"] = json!({"DeploymentId": "d-ABC"});
        assert_eq!(Undelivered::read(&record), Some(Err(Unanswerable::ExecutionId)));
    }

    #[tokio::test]
    async fn a_hook_that_never_ran_is_answered_for_once() {
        let world = World::calling(BeforeAllowTraffic);
        let answered = answer_for(&world.deployments, &undelivered()).await.unwrap();
        assert_eq!(answered, (HookStatus::Failed, Reported::Accepted));
        let again = answer_for(&world.deployments, &undelivered()).await.unwrap();
        assert_eq!(again, (HookStatus::Failed, Reported::AlreadyCompleted));
        assert_eq!(world.codedeploy.reports(World::DEPLOYMENT).len(), 1);
    }

    #[tokio::test]
    async fn a_rollback_goes_on_without_its_hook() {
        let world = World::calling(BeforeAllowTraffic);
        world.codedeploy.roll_back(World::DEPLOYMENT);
        let answered = answer_for(&world.deployments, &undelivered()).await.unwrap();
        assert_eq!(answered, (HookStatus::Succeeded, Reported::Accepted));
    }

    fn after(seconds: u64, limits: Option<HookLimits>, failures: usize) -> Silence {
        let since = Timestamp::UNIX_EPOCH;
        let failures = vec!["Runtime.ExitError".to_owned(); failures];
        silence(&CalledHook { since, limits, failures }, since + Duration::from_secs(seconds))
    }

    #[test]
    fn a_hook_is_waited_for_as_long_as_an_attempt_may_come() {
        let until = Timestamp::UNIX_EPOCH + Duration::from_secs(3 * 80 + 180);
        assert_eq!(after(0, Some(LIMITS), 0), Silence::Waiting(until));
        assert_eq!(after(419, Some(LIMITS), 2), Silence::Waiting(until));
        let Silence::ForGood(reason) = after(420, Some(LIMITS), 2) else { panic!("it waits") };
        assert_eq!(
            reason,
            "the hook has not answered in the 7 minutes that all its attempts can take: Runtime.ExitError"
        );
    }

    #[test]
    fn a_hook_whose_attempts_are_used_up_is_not_waited_for() {
        let Silence::ForGood(reason) = after(200, Some(LIMITS), 3) else { panic!("it waits") };
        assert_eq!(reason, "all 3 attempts of the hook ended without an answer: Runtime.ExitError");
        assert!(matches!(after(1, Some(HookLimits { retries: 0, ..LIMITS }), 1), Silence::ForGood(_)));
        assert!(matches!(after(0, None, 0), Silence::ForGood(_)));
    }

    #[test]
    fn an_event_may_wait_for_concurrency_as_long_as_it_may_be_old() {
        let patient = HookLimits { age: Duration::from_secs(1200), ..LIMITS };
        assert!(matches!(after(1200, Some(patient), 0), Silence::Waiting(_)));
        assert!(matches!(after(1280, Some(patient), 0), Silence::ForGood(_)));
        let default = HookLimits { age: Duration::from_secs(21_600), ..LIMITS };
        assert!(matches!(after(3600, Some(default), 0), Silence::ForGood(_)), "CodeDeploy waits no longer");
    }
}

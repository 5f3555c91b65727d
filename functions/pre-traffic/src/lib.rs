//! The hook before any user reaches a new version: invokes exactly the target version with the events of the application's suite
//! and compares the answers.
//!
//! Checks run in the suite's order, one after the other; what a check captures from its answer, later ones use. Those that are
//! `always` run clean up after the others, within time that is kept for them.
//!
//! One copy serves every function of a stack: which version to judge follows from the deployment. It never invokes an alias or
//! `$LATEST`, which could be something else by the time of the call.

use serde_json::Value;
use slipway_shared::hook::{
    Allotment, Answer, Case, Finding, HookPorts, InvokeVersion as _, Reason, Sequence, Verdict, judge,
};
use slipway_shared::suite::{Check, Probe};
use slipway_shared::telemetry::Chain;
use tokio::time::{Instant, timeout_at};

/// The verdict on the deployment's target version.
pub async fn run_checks<P: HookPorts>(case: Case<P>) -> Verdict {
    let suite = match case.suite().await {
        Ok(suite) => suite,
        Err(verdict) => return verdict,
    };
    if suite.checks.is_empty() {
        return Verdict::errored(format!("the suite of {} holds no checks", case.subject.name()));
    }
    let allotment = Allotment::until(case.until, suite.checks.iter().any(|check| check.always));
    let mut sequence = Sequence::default();
    for check in &suite.checks {
        let until = if check.always { allotment.cleanup } else { allotment.checks };
        case.run(&check.name, run_check(&case, &mut sequence, check, until)).await;
    }
    judge(&case.notebook.evidence().outcomes)
}

async fn run_check<P: HookPorts>(case: &Case<P>, sequence: &mut Sequence, check: &Check, until: Instant) -> Finding {
    let prepared = match sequence.prepare(check) {
        Ok(prepared) => prepared,
        Err(skipped) => return skipped,
    };
    if Instant::now() >= until {
        return Finding::Unfinished(Reason::new(format!("check {:?}: not run, because no time was left", check.name)));
    }
    let Probe::Invoke(invoke) = prepared else {
        let kind = prepared.kind();
        return Finding::Errored(Reason::new(format!("check {:?}: the hook cannot run the kind {kind}", check.name)));
    };
    if !invoke.wants.is_empty() {
        let unable = format!("check {:?}: the hook cannot evaluate jmespath and schema", check.name);
        return Finding::Errored(Reason::new(unable));
    }
    match timeout_at(until, ask(case, check, &invoke.event)).await {
        Ok(Ok(answer)) => {
            let expected = invoke.expect.unwrap_or_default();
            let finding = Finding::compared(&check.name, &expected, &answer);
            sequence.capture(check, &answer, finding)
        }
        Ok(Err(finding)) => finding,
        Err(_) => {
            Finding::Unfinished(Reason::new(format!("check {:?}: the version did not answer in time", check.name)))
        }
    }
}

/// The target version's answer to an event, or what is found when there is none to compare.
async fn ask<P: HookPorts>(case: &Case<P>, check: &Check, event: &Value) -> Result<Value, Finding> {
    let Some(shift) = case.subject.shift() else {
        return Err(Finding::Errored(Reason::new(format!("check {:?}: a service cannot be invoked", check.name))));
    };
    let answer = case.ports.functions().invoke_version(&shift.function, &shift.target_version, event).await;
    match answer {
        Ok(answer) if answer.executed_version.as_deref().is_some_and(|ran| ran != shift.target_version.as_str()) => {
            Err(Finding::Errored(Reason::new(format!("check {:?}: another version answered", check.name))))
        }
        Ok(answer) => result(check, &answer),
        Err(error) => {
            let subject = format!("check {:?}: the version could not be invoked", check.name);
            Err(Finding::Errored(Reason::with_detail(subject, Chain(&error).to_string())))
        }
    }
}

/// A function error is an answer, and a bad one.
fn result(check: &Check, answer: &Answer) -> Result<Value, Finding> {
    let parsed = serde_json::from_slice::<Value>(&answer.payload);
    let reason = match (&answer.function_error, parsed) {
        (Some(kind), parsed) => {
            let message = parsed.ok().and_then(|error| Some(error.get("errorMessage")?.as_str()?.to_owned()));
            let subject = format!("check {:?}: the function failed ({kind})", check.name);
            Reason::with_detail(subject, message.unwrap_or_else(|| "no message".to_owned()))
        }
        (None, Ok(actual)) => return Ok(actual),
        (None, Err(_)) => Reason::new(format!("check {:?}: the answer is not JSON", check.name)),
    };
    Err(Finding::Failed(reason.into()))
}

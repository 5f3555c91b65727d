//! Invoking exactly the target version. Never an alias or `$LATEST`, which could be something else by the time of the call.

use serde_json::Value;

use super::super::ports::{Answer, HookPorts, InvokeVersion as _};
use super::super::report_line::ReportLine;
use super::super::verdict::{Finding, Reason, Reasons};
use super::one::Found;
use super::{Run, wants};
use crate::suite::{Check, Invoke};
use crate::telemetry::Chain;

/// The target version's answer to an event.
pub(super) struct Asked {
    pub(super) value: Value,
    /// Lambda's own words on the invocation, as far as its log has them.
    pub(super) report: Option<ReportLine>,
}

pub(super) async fn run<P: HookPorts>(run: &Run<P>, check: &Check, invoke: &Invoke) -> Found {
    match ask(run, check, &invoke.event).await {
        Ok(Asked { value, .. }) => {
            let mut reasons = match &invoke.expect {
                Some(expected) => Finding::differences(&check.name, expected, &value),
                None => Vec::new(),
            };
            reasons.extend(wants::reasons(&check.name, &invoke.wants, &value));
            let finding = Reasons::from_list(reasons).map_or(Finding::Passed, Finding::Failed);
            Found { finding, answer: Some(value) }
        }
        Err(finding) => finding.into(),
    }
}

/// Invokes the version, or says what is found when there is no answer to compare.
pub(super) async fn ask<P: HookPorts>(run: &Run<P>, check: &Check, event: &Value) -> Result<Asked, Finding> {
    let name = &check.name;
    let Some(shift) = run.case.subject.shift() else {
        return Err(Finding::Errored(Reason::new(format!("check {name:?}: a service cannot be invoked"))));
    };
    let answer = run.case.ports.functions().invoke_version(&shift.function, &shift.target_version, event).await;
    let answer = answer.map_err(|error| {
        let subject = format!("check {name:?}: the version could not be invoked");
        Finding::Errored(Reason::with_detail(subject, Chain(&error).to_string()))
    })?;
    if answer.executed_version.as_deref().is_some_and(|ran| ran != shift.target_version.as_str()) {
        return Err(Finding::Errored(Reason::new(format!("check {name:?}: another version answered"))));
    }
    let report = ReportLine::find(&answer.log_tail);
    run.keep_tail(answer.log_tail.clone());
    Ok(Asked { value: result(name, &answer)?, report })
}

/// A function error is an answer, and a bad one.
fn result(check: &str, answer: &Answer) -> Result<Value, Finding> {
    let parsed = serde_json::from_slice::<Value>(&answer.payload);
    let reason = match (&answer.function_error, parsed) {
        (Some(kind), parsed) => {
            let message = parsed.ok().and_then(|error| Some(error.get("errorMessage")?.as_str()?.to_owned()));
            let subject = format!("check {check:?}: the function failed ({kind})");
            Reason::with_detail(subject, message.unwrap_or_else(|| "no message".to_owned()))
        }
        (None, Ok(actual)) => return Ok(actual),
        (None, Err(_)) => Reason::new(format!("check {check:?}: the answer is not JSON")),
    };
    Err(Finding::Failed(reason.into()))
}

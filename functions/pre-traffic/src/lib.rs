//! The hook before any user reaches a new version: invokes exactly the target version with the events of the application's suite
//! and compares the answers.
//!
//! One copy serves every function of a stack: which version to judge follows from the deployment. It never invokes an alias or
//! `$LATEST`, which could be something else by the time of the call.

use std::sync::Arc;

use serde_json::Value;
use slipway_shared::aws::{self, AwsDeployments, AwsFunctions, AwsParameters, AwsSettings};
use slipway_shared::env::{Lookup, SettingsError};
use slipway_shared::hook::{
    Answer, Case, Check, Finding, Hook, HookError, HookPorts, HookReport, HookSettings, Invocation, InvokeVersion,
    LifecycleEvent, ReadDeployment, Reason, ReportHookStatus, Verdict, judge, run_hook,
};
use slipway_shared::parameters::{CreateParameter, PutParameter, ReadParameter};
use slipway_shared::telemetry::Chain;

/// The hook on AWS.
///
/// # Errors
/// Only if AWS itself cannot be called: faults in the hook's own settings are reported to CodeDeploy instead.
pub fn from_env(lookup: &impl Lookup) -> Result<Hook<AwsDeployments, AwsParameters, AwsFunctions>, SettingsError> {
    let settings = AwsSettings::from_env(lookup)?;
    let ports = HookPorts {
        deployments: AwsDeployments::new(aws::codedeploy(&settings)),
        parameters: AwsParameters::new(aws::ssm(&settings)),
        probe: AwsFunctions::new(aws::lambda(&settings)),
    };
    Ok(Hook {
        event: LifecycleEvent::BeforeAllowTraffic,
        ports: Arc::new(ports),
        settings: HookSettings::from_env(lookup),
    })
}

/// Judges the target version and reports to CodeDeploy.
///
/// # Errors
/// Only if CodeDeploy could not be answered.
pub async fn handle<D, S, X>(hook: &Hook<D, S, X>, invocation: Invocation) -> Result<HookReport, HookError>
where
    D: ReportHookStatus + ReadDeployment + Send + Sync + 'static,
    S: ReadParameter + CreateParameter + PutParameter + Send + Sync + 'static,
    X: InvokeVersion + Send + Sync + 'static,
{
    run_hook(hook, invocation, run_checks).await
}

async fn run_checks<D, S, X>(case: Case<D, S, X>) -> Verdict
where
    D: Send + Sync,
    S: ReadParameter + Send + Sync,
    X: InvokeVersion + Send + Sync,
{
    let suite = match case.suite().await {
        Ok(suite) => suite,
        Err(verdict) => return verdict,
    };
    if suite.checks.is_empty() {
        return Verdict::errored(format!("the suite of {} holds no checks", case.subject.shift.function));
    }
    for check in &suite.checks {
        case.run(&check.name, run_check(&case, check)).await;
    }
    judge(&case.notebook.evidence().outcomes)
}

async fn run_check<D, S, X: InvokeVersion>(case: &Case<D, S, X>, check: &Check) -> Finding {
    let shift = &case.subject.shift;
    let answer = case.ports.probe.invoke_version(&shift.function, &shift.target_version, &check.event).await;
    match answer {
        Ok(answer) if answer.executed_version.as_deref().is_some_and(|ran| ran != shift.target_version.as_str()) => {
            Finding::Errored(Reason::new(format!("check {:?}: another version answered", check.name)))
        }
        Ok(answer) => assess(check, &answer),
        Err(error) => {
            let subject = format!("check {:?}: the version could not be invoked", check.name);
            Finding::Errored(Reason::with_detail(subject, Chain(&error).to_string()))
        }
    }
}

/// A function error is an answer, and a bad one.
fn assess(check: &Check, answer: &Answer) -> Finding {
    let parsed = serde_json::from_slice::<Value>(&answer.payload);
    match (&answer.function_error, parsed) {
        (Some(kind), parsed) => {
            let message = parsed.ok().and_then(|error| Some(error.get("errorMessage")?.as_str()?.to_owned()));
            let subject = format!("check {:?}: the function failed ({kind})", check.name);
            Finding::Failed(Reason::with_detail(subject, message.unwrap_or_else(|| "no message".to_owned())).into())
        }
        (None, Ok(actual)) => Finding::compared(&check.name, &check.expect, &actual),
        (None, Err(_)) => {
            Finding::Failed(Reason::new(format!("check {:?}: the answer is not JSON", check.name)).into())
        }
    }
}

//! The hook after all users reach a new version: calls the application's public URL with the public checks of its suite and
//! compares the answers.
//!
//! It looks from outside, as users do, through DNS, API Gateway and the alias; which version answers is the suite's to ask. The
//! URL is read when the hook runs, because the hook cannot depend on the API that depends on the alias that depends on the hook.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use slipway_shared::aws::{self, AwsDeployments, AwsParameters, AwsSettings, HttpPublicUrl};
use slipway_shared::call::CallError;
use slipway_shared::env::{Lookup, SettingsError};
use slipway_shared::hook::{
    CallPublicUrl, Case, Finding, Hook, HookError, HookPorts, HookReport, HookSettings, Invocation, LifecycleEvent,
    PublicAnswer, PublicCheck, PublicRequest, ReadDeployment, Reason, ReportHookStatus, Verdict, judge, run_hook,
};
use slipway_shared::parameters::{CreateParameter, PutParameter, ReadParameter};
use slipway_shared::telemetry::Chain;

/// A request without an answer is made so often in all, if its method allows; an answer, even a bad one, is never asked for again.
const ATTEMPTS: u32 = 3;
/// Before the second attempt; doubled before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The hook on AWS.
///
/// # Errors
/// Only if AWS itself cannot be called: faults in the hook's own settings are reported to CodeDeploy instead.
pub fn from_env(lookup: &impl Lookup) -> Result<Hook<AwsDeployments, AwsParameters, HttpPublicUrl>, SettingsError> {
    let settings = AwsSettings::from_env(lookup)?;
    let ports = HookPorts {
        deployments: AwsDeployments::new(aws::codedeploy(&settings)),
        parameters: AwsParameters::new(aws::ssm(&settings)),
        probe: HttpPublicUrl::new(&settings),
    };
    Ok(Hook {
        event: LifecycleEvent::AfterAllowTraffic,
        ports: Arc::new(ports),
        settings: HookSettings::from_env(lookup),
    })
}

/// Judges the public URL and reports to CodeDeploy.
///
/// # Errors
/// Only if CodeDeploy could not be answered.
pub async fn handle<D, S, X>(hook: &Hook<D, S, X>, invocation: Invocation) -> Result<HookReport, HookError>
where
    D: ReportHookStatus + ReadDeployment + Send + Sync + 'static,
    S: ReadParameter + CreateParameter + PutParameter + Send + Sync + 'static,
    X: CallPublicUrl + Send + Sync + 'static,
{
    run_hook(hook, invocation, run_checks).await
}

async fn run_checks<D, S, X>(case: Case<D, S, X>) -> Verdict
where
    D: Send + Sync,
    S: ReadParameter + Send + Sync,
    X: CallPublicUrl + Send + Sync,
{
    let suite = match case.suite().await {
        Ok(suite) => suite,
        Err(verdict) => return verdict,
    };
    if suite.public.is_empty() {
        let function = &case.subject.shift.function;
        return Verdict::inconclusive(format!("the suite of {function} holds no public checks"));
    }
    let url = match case.parameter(&case.names.public_url(), "public URL").await {
        Ok(url) => url,
        Err(verdict) => return verdict,
    };
    for check in &suite.public {
        case.run(&check.name, run_check(&case, &url, check)).await;
    }
    judge(&case.notebook.evidence().outcomes)
}

async fn run_check<D, S, X: CallPublicUrl>(case: &Case<D, S, X>, base: &str, check: &PublicCheck) -> Finding {
    let request = PublicRequest {
        method: check.method,
        url: format!("{}{}", base.trim().trim_end_matches('/'), check.path),
        headers: check.headers.clone().into_iter().collect(),
        body: check.body.clone(),
    };
    match call(&case.ports.probe, &request).await {
        Ok(answer) => {
            let actual = json!({"status": answer.status, "body": answer.body});
            Finding::compared(&check.name, &check.expect.to_value(answer.status), &actual)
        }
        // Users cannot reach the application: that is a finding about it, not a fault of this hook.
        Err(error @ CallError::Unavailable { .. }) => {
            let subject = format!("check {:?}: the public URL does not answer", check.name);
            Finding::Failed(Reason::with_detail(subject, Chain(&error).to_string()).into())
        }
        Err(error) => {
            let subject = format!("check {:?}: the request could not be made", check.name);
            Finding::Errored(Reason::with_detail(subject, Chain(&error).to_string()))
        }
    }
}

async fn call<X: CallPublicUrl>(probe: &X, request: &PublicRequest) -> Result<PublicAnswer, CallError> {
    let mut pause = FIRST_PAUSE;
    let attempts = if request.method.is_idempotent() { ATTEMPTS } else { 1 };
    for _ in 1..attempts {
        match probe.call_public_url(request).await {
            Err(CallError::Unavailable { .. }) => tokio::time::sleep(pause).await,
            answered => return answered,
        }
        pause *= 2;
    }
    probe.call_public_url(request).await
}

//! The hook after all users reach a new version: calls the application's public URL with the public checks of its suite and
//! compares the answers.
//!
//! It looks from outside, as users do, through DNS, API Gateway and the alias; which version answers is the suite's to ask. The
//! URL is read when the hook runs, because the hook cannot depend on the API that depends on the alias that depends on the hook.

use serde_json::json;
use slipway_shared::call::CallError;
use slipway_shared::hook::{
    CallPublicUrl, Case, Finding, HookPorts, PublicAnswer, PublicRequest, Reason, Verdict, judge,
};
use slipway_shared::suite::{Check, Http, Probe, Redirects, Tls};
use slipway_shared::telemetry::Chain;
use std::time::Duration;

/// A request without an answer is made so often in all, if its method allows; an answer, even a bad one, is never asked for again.
const ATTEMPTS: u32 = 3;
/// Before the second attempt; doubled before the third.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The verdict on the deployment's target version.
pub async fn run_checks<P: HookPorts>(case: Case<P>) -> Verdict {
    let suite = match case.suite().await {
        Ok(suite) => suite,
        Err(verdict) => return verdict,
    };
    if suite.public.is_empty() {
        return Verdict::inconclusive(format!("the suite of {} holds no public checks", case.subject.name()));
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

async fn run_check<P: HookPorts>(case: &Case<P>, base: &str, check: &Check) -> Finding {
    let Probe::Http(http) = &check.probe else {
        let kind = check.probe.kind();
        return Finding::Errored(Reason::new(format!("check {:?}: the hook cannot run the kind {kind}", check.name)));
    };
    if let Some(unable) = beyond(http) {
        return Finding::Errored(Reason::new(format!("check {:?}: the hook cannot see to {unable}", check.name)));
    }
    let request = PublicRequest {
        method: http.method,
        url: http.url(base),
        headers: http.headers.clone().into_iter().collect(),
        body: http.body.clone(),
    };
    match call(case.ports.site(), &request).await {
        Ok(answer) => {
            let actual = json!({"status": answer.status, "body": answer.body});
            Finding::compared(&check.name, &http.expect.to_value(answer.status), &actual)
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

/// The demand of a check that this hook cannot see to.
fn beyond(http: &Http) -> Option<&'static str> {
    let demands = [
        (!http.wants.is_empty(), "jmespath and schema"),
        (!http.expect.headers.is_empty(), "headers"),
        (http.redirects != Redirects::default(), "redirects"),
        (http.tls != Tls::default(), "tls"),
    ];
    demands.into_iter().find_map(|(demanded, name)| demanded.then_some(name))
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

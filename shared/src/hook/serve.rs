//! The process of a hook: from its environment to Lambda's runtime, written once for every hook.
//!
//! Nothing that is wrong with the environment ends the process: a hook that does not start answers nobody, and CodeDeploy waits an
//! hour for it. What is wrong is reported as the verdict, by the means that are left.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use lambda_runtime::{LambdaEvent, run, service_fn};
use serde::Serialize;
use serde_json::Value;

use super::case::Case;
use super::ecs::{EcsAnswer, EcsEvent, run_ecs_hook};
use super::event::HookEvent;
use super::lifecycle::LifecycleEvent;
use super::ports::HookPorts;
use super::run::{Hook, HookError, HookReport, Invocation, StartError, run_hook};
use super::settings::HookSettings;
use super::verdict::Verdict;
use crate::aws::{AwsHookPorts, AwsSettings};
use crate::env::{Lookup, ProcessEnvironment};
use crate::telemetry;

/// Answers Lambda's invocations with `checks` until the process ends.
///
/// # Errors
/// Fails if Lambda's runtime cannot be reached.
pub async fn serve<F, Fut>(event: LifecycleEvent, checks: F) -> Result<(), lambda_runtime::Error>
where
    F: Fn(Case<AwsHookPorts>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    telemetry::init();
    let hook = &from_env(event, &ProcessEnvironment);
    run(service_fn(|invoked: LambdaEvent<Value>| handle(event, hook, invoked, checks.clone()))).await
}

/// The hook on AWS. Faults of the hook's own settings are kept in it, and reported at each call.
fn from_env(event: LifecycleEvent, lookup: &impl Lookup) -> Result<Hook<AwsHookPorts>, StartError> {
    let own = HookSettings::from_env(lookup).map_err(StartError::from);
    match (AwsSettings::from_env(lookup), own) {
        (Ok(aws), settings) => {
            let table = settings.as_ref().ok().map(|settings| settings.ledger_table.as_str());
            Ok(Hook { event, ports: Arc::new(clients(&aws, table)?), settings })
        }
        (Err(mut aws), Err(StartError::Settings(own))) => {
            aws.faults.extend(own.faults);
            Err(aws.into())
        }
        (Err(aws), _) => Err(aws.into()),
    }
}

async fn handle<F, Fut>(
    event: LifecycleEvent,
    hook: &Result<Hook<AwsHookPorts>, StartError>,
    invoked: LambdaEvent<Value>,
    checks: F,
) -> Result<Answered, HookError>
where
    F: FnOnce(Case<AwsHookPorts>) -> Fut + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    match hook {
        // Boxed: the types of all that is awaited below would nest too deep for the compiler.
        Ok(hook) => Box::pin(answer(hook, invoked.into(), checks)).await,
        Err(faults) => {
            let hook = last_resort(event, faults, &ProcessEnvironment, &invoked.context.invoked_function_arn)?;
            Box::pin(answer(&hook, invoked.into(), checks)).await
        }
    }
}

/// What the function returns.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answered {
    CodeDeploy(HookReport),
    Ecs(EcsAnswer),
}

async fn answer<P, F, Fut>(hook: &Hook<P>, invocation: Invocation, checks: F) -> Result<Answered, HookError>
where
    P: HookPorts,
    F: FnOnce(Case<P>) -> Fut + Send + 'static,
    Fut: Future<Output = Verdict> + Send + 'static,
{
    // Whoever can be answered at CodeDeploy is, whatever else its event may come to hold.
    match EcsEvent::read(&invocation.payload).filter(|_| HookEvent::read(&invocation.payload).is_err()) {
        Some(event) => Ok(Answered::Ecs(run_ecs_hook(hook, &event, invocation, checks).await)),
        None => run_hook(hook, invocation, checks).await.map(Answered::CodeDeploy),
    }
}

/// A hook that reports why it could not start, if it can report at all. Lambda tells the region with every call.
fn last_resort(
    event: LifecycleEvent,
    faults: &StartError,
    lookup: &impl Lookup,
    arn: &str,
) -> Result<Hook<AwsHookPorts>, HookError> {
    let ports = AwsSettings::last_resort(lookup, arn.split(':').nth(3)).map_err(StartError::from);
    let ports = ports.and_then(|aws| clients(&aws, None));
    match ports {
        Ok(ports) => Ok(Hook { event, ports: Arc::new(ports), settings: Err(faults.clone()) }),
        Err(_) => {
            tracing::error!(error = %faults, "hook not started");
            Err(HookError::NotStarted(faults.clone()))
        }
    }
}

/// Made where a panic is no more than an error.
fn clients(aws: &AwsSettings, ledger_table: Option<&str>) -> Result<AwsHookPorts, StartError> {
    catch_unwind(AssertUnwindSafe(|| AwsHookPorts::new(aws, ledger_table))).map_err(|_| StartError::Clients)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::hook::LifecycleEvent::BeforeAllowTraffic;

    const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:CodeDeployHook_shop_pre-traffic";
    const OWN: [(&str, &str); 6] = [
        ("SLIPWAY_APPLICATION", "shop"),
        ("SLIPWAY_LEDGER_TABLE", "ledger"),
        ("SLIPWAY_STAGE", "qa"),
        ("SLIPWAY_STACK", "shop-qa"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];

    type Environment = BTreeMap<&'static str, &'static str>;

    fn environment(more: &[(&'static str, &'static str)]) -> Environment {
        OWN.iter().chain(more).copied().collect()
    }

    fn reported(environment: &Environment) -> Result<String, HookError> {
        let faults = from_env(BeforeAllowTraffic, environment).expect_err("it starts");
        let hook = last_resort(BeforeAllowTraffic, &faults, environment, ARN)?;
        Ok(hook.settings.expect_err("it judges").to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_that_codedeploy_can_be_answered_about_is_answered_there() {
        let world = crate::fakes::World::calling(BeforeAllowTraffic);
        let mut invocation = crate::fakes::World::invocation();
        invocation.payload["executionDetails"] = serde_json::json!({});
        let passed = |_| async { Verdict::Passed };
        let answered = answer(&world.hook(BeforeAllowTraffic), invocation, passed).await.unwrap();
        assert!(matches!(answered, Answered::CodeDeploy(_)), "{answered:?}");
        assert_eq!(world.codedeploy.reports(crate::fakes::World::DEPLOYMENT).len(), 1);
    }

    #[test]
    fn what_is_complete_starts() {
        let hook = from_env(BeforeAllowTraffic, &environment(&[("AWS_REGION", "eu-west-1")])).unwrap();
        assert_eq!(hook.settings.unwrap().stack, "shop-qa");
    }

    #[test]
    fn a_missing_region_is_reported_to_the_region_of_the_function() {
        assert_eq!(reported(&environment(&[])).unwrap(), "the environment cannot be used: AWS_REGION is not set");
    }

    #[test]
    fn certificates_and_endpoints_that_cannot_be_used_are_reported_without_them() {
        let faults = [("AWS_ENDPOINT_URL", "localhost:1"), ("SLIPWAY_CA_BUNDLE", "/nowhere")];
        let reason = reported(&environment(&faults)).unwrap();
        for name in ["AWS_REGION", "AWS_ENDPOINT_URL", "SLIPWAY_CA_BUNDLE"] {
            assert!(reason.contains(name), "{reason}");
        }
    }

    #[test]
    fn faults_of_both_kinds_are_reported_together() {
        let environment = BTreeMap::from([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")]);
        let reason = reported(&environment).unwrap();
        assert!(reason.contains("AWS_REGION") && reason.contains("SLIPWAY_STAGE"), "{reason}");
    }

    #[test]
    fn without_credentials_nobody_can_be_told_but_lambda() {
        let error = reported(&BTreeMap::from([("AWS_REGION", "eu-west-1")])).unwrap_err();
        assert_eq!(error.error_type(), "Hook.NotStarted");
    }
}

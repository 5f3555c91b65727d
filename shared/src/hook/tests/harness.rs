//! `run_hook`: whatever happens, one report, in time, and `Failed` unless proved otherwise.

use std::future::pending;
use std::time::Duration;

use serde_json::json;
use test_case::test_case;
use tokio::time::{Instant, sleep};

use crate::call::CallError;
use crate::env::SettingsError;
use crate::fakes::{Fault, World};
use crate::hook::LifecycleEvent::{AfterAllowTraffic, BeforeAllowTraffic};
use crate::hook::{
    Case, CheckOutcome, Deadline, Finding, HookError, HookReport, HookStatus, Invocation, LifecycleEvent, Reason,
    Verdict, judge, run_hook,
};

const REPORT: &str = "PutLifecycleEventHookExecutionStatus";
const SUCCEEDED: (LifecycleEvent, HookStatus) = (BeforeAllowTraffic, HookStatus::Succeeded);
const FAILED: (LifecycleEvent, HookStatus) = (BeforeAllowTraffic, HookStatus::Failed);

fn world() -> World {
    World::calling(BeforeAllowTraffic)
}

/// Runs the hook with checks that end in `verdict`.
async fn run(world: &World, verdict: Verdict) -> Result<HookReport, HookError> {
    run_with(world, World::invocation(), verdict).await
}

async fn run_with(world: &World, invocation: Invocation, verdict: Verdict) -> Result<HookReport, HookError> {
    let hook = world.hook(BeforeAllowTraffic);
    run_hook(&hook, invocation, move |_| async move { verdict }).await
}

fn failed() -> Verdict {
    Verdict::Failed(Reason::new("check \"health\": body.status").into())
}

fn reports(world: &World) -> Vec<(LifecycleEvent, HookStatus)> {
    world.codedeploy.reports(World::DEPLOYMENT)
}

#[tokio::test(start_paused = true)]
async fn reports_succeeded_when_the_checks_pass() {
    let world = world();
    let report = run(&world, Verdict::Passed).await.unwrap();
    assert_eq!(report, HookReport { deployment_id: "d-ABC".into(), verdict: "passed", status: "Succeeded" });
    assert_eq!(reports(&world), [SUCCEEDED]);
    let record = world.recorded(BeforeAllowTraffic).unwrap();
    assert_eq!((record.verdict.as_str(), record.target_version.as_str()), ("passed", "2"));
}

#[test_case(failed(), "failed"; "failed")]
#[test_case(Verdict::inconclusive("nothing"), "inconclusive"; "inconclusive")]
#[test_case(Verdict::errored("broken"), "errored"; "errored")]
#[tokio::test(start_paused = true)]
async fn reports_failed_for_every_other_verdict(verdict: Verdict, word: &str) {
    let world = world();
    run(&world, verdict).await.unwrap();
    assert_eq!(reports(&world), [FAILED]);
    let record = world.recorded(BeforeAllowTraffic).unwrap();
    assert_eq!(
        (record.verdict.as_str(), record.action.as_deref(), record.reasons.len()),
        (word, Some("reported Failed"), 1)
    );
}

#[tokio::test(start_paused = true)]
async fn the_stage_decides_what_is_accepted() {
    let world = world();
    let hook = world.hook_of(BeforeAllowTraffic, "dev");
    run_hook(&hook, World::invocation(), |_| async { Verdict::inconclusive("nothing") }).await.unwrap();
    assert_eq!(reports(&world), [SUCCEEDED]);
}

#[tokio::test(start_paused = true)]
async fn reports_failed_when_the_check_panics() {
    let world = world();
    let hook = world.hook(BeforeAllowTraffic);
    let report = run_hook(&hook, World::invocation(), |_| async { panic!("a bug in a check") }).await.unwrap();
    assert_eq!(report.verdict, "errored");
    assert_eq!(reports(&world), [FAILED]);
    assert_eq!(world.recorded(BeforeAllowTraffic).unwrap().reasons, ["the checks panicked"]);
}

#[tokio::test(start_paused = true)]
async fn reports_failed_before_the_deadline_when_the_checks_hang() {
    let world = world();
    let hook = world.hook(BeforeAllowTraffic);
    let began = Instant::now();
    let hang = |case: Case<_>| async move {
        case.run("quick", async { Finding::Passed }).await;
        case.run("slow", pending()).await;
        Verdict::Passed
    };
    run_hook(&hook, World::invocation(), hang).await.unwrap();
    assert_eq!(reports(&world), [FAILED]);
    assert_eq!(began.elapsed(), Duration::from_secs(50));
    let record = world.recorded(BeforeAllowTraffic).unwrap();
    assert_eq!(record.reasons, ["the checks did not finish within 50 s"]);
    assert_eq!(record.checks.iter().map(|check| check.name.as_str()).collect::<Vec<_>>(), ["quick"]);
}

#[tokio::test(start_paused = true)]
async fn reports_even_if_the_deadline_is_over() {
    let world = world();
    let invocation = Invocation { deadline: Deadline::after(Duration::ZERO), ..World::invocation() };
    run_with(&world, invocation, Verdict::Passed).await.unwrap();
    assert_eq!(reports(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn reports_failed_for_an_event_that_is_not_codedeploys() {
    let world = world();
    let event = json!({"deploymentId": World::DEPLOYMENT, "lifecycle_event_hook_execution_id": World::TOKEN});
    let report = run_with(&world, World::invocation_with(event), Verdict::Passed).await.unwrap();
    assert_eq!(report.verdict, "errored");
    assert_eq!(reports(&world), [FAILED]);
}

#[tokio::test(start_paused = true)]
async fn an_event_without_ids_is_an_error() {
    let world = world();
    let outcome = run_with(&world, World::invocation_with(json!({"DeploymentId": "d-ABC"})), Verdict::Passed).await;
    assert_eq!(outcome.unwrap_err().error_type(), "Hook.EventUnanswerable");
    assert!(reports(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn reports_failed_when_its_own_settings_are_faulty() {
    let world = world();
    let mut hook = world.hook(BeforeAllowTraffic);
    hook.settings = Err(SettingsError { faults: vec![crate::env::Fault::Missing("SLIPWAY_STAGE")] }.into());
    let report = run_hook(&hook, World::invocation(), |_| async { Verdict::Passed }).await.unwrap();
    assert_eq!(report.verdict, "errored");
    assert_eq!(reports(&world), [FAILED]);
}

#[test_case(Fault::Denied; "denied")]
#[test_case(Fault::Panics; "panics")]
#[test_case(Fault::Hangs; "hangs")]
#[tokio::test(start_paused = true)]
async fn reports_failed_when_the_deployment_cannot_be_read(fault: Fault) {
    let mut world = world();
    world.deployments = world.deployments.failing("GetDeployment", [fault]);
    run(&world, Verdict::Passed).await.unwrap();
    assert_eq!(reports(&world), [FAILED]);
    assert_eq!(world.recorded(BeforeAllowTraffic).unwrap().verdict, "errored");
}

#[test_case(&[Fault::Throttled, Fault::Unavailable, Fault::Denied, Fault::Panics]; "four kinds of failure")]
#[test_case(&[Fault::Hangs, Fault::Hangs]; "no answer")]
#[test_case(&[Fault::AnswerLost]; "an answer that is lost")]
#[tokio::test(start_paused = true)]
async fn reports_again_until_codedeploy_has_it(faults: &[Fault]) {
    let mut world = world();
    world.deployments = world.deployments.failing(REPORT, faults.iter().copied());
    let began = Instant::now();
    run(&world, Verdict::Passed).await.unwrap();
    assert_eq!(reports(&world), [SUCCEEDED]);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn an_error_only_if_codedeploy_never_takes_the_report() {
    let mut world = world();
    world.deployments = world.deployments.failing(REPORT, [Fault::Denied; 5]);
    let error = run(&world, Verdict::Passed).await.unwrap_err();
    assert_eq!(error.error_type(), "Hook.ReportFailed");
    assert!(matches!(error, HookError::Report(CallError::Denied { .. })));
    assert!(reports(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_good_is_not_repeated() {
    let mut world = world();
    world.deployments = world.deployments.failing(REPORT, [Fault::Unexpected]);
    run(&world, Verdict::Passed).await.unwrap_err();
    assert!(reports(&world).is_empty(), "a second attempt would have been accepted");
}

#[tokio::test(start_paused = true)]
async fn a_report_that_never_gets_through_ends_before_the_deadline() {
    let mut world = world();
    world.deployments = world.deployments.failing(REPORT, [Fault::Hangs; 9]);
    let hook = world.hook(BeforeAllowTraffic);
    let began = Instant::now();
    let outcome = run_hook(&hook, World::invocation(), |_| pending::<Verdict>()).await;
    outcome.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_changes_neither_report_nor_record() {
    let world = world();
    run(&world, failed()).await.unwrap();
    let recorded = world.recorded(BeforeAllowTraffic);
    let report = run(&world, Verdict::Passed).await.unwrap();
    assert_eq!(report.verdict, "inconclusive");
    assert_eq!(reports(&world), [FAILED]);
    assert_eq!(world.recorded(BeforeAllowTraffic), recorded);
}

#[tokio::test(start_paused = true)]
async fn a_late_duplicate_leaves_the_other_events_record_alone() {
    let world = world();
    run(&world, Verdict::Passed).await.unwrap();
    world.codedeploy.call_hook(World::DEPLOYMENT, AfterAllowTraffic, "another-token");
    run(&world, failed()).await.unwrap();
    let hook = world.hook(AfterAllowTraffic);
    let event = json!({"DeploymentId": World::DEPLOYMENT, "LifecycleEventHookExecutionId": "another-token"});
    run_hook(&hook, World::invocation_with(event), |_| async { Verdict::Passed }).await.unwrap();
    run(&world, failed()).await.unwrap();
    assert_eq!(reports(&world), [SUCCEEDED, (AfterAllowTraffic, HookStatus::Succeeded)]);
    assert_eq!(world.recorded(BeforeAllowTraffic).unwrap().verdict, "passed");
    assert_eq!(world.recorded(AfterAllowTraffic).unwrap().verdict, "passed");
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_a_lost_report_replaces_the_record() {
    let mut world = world();
    world.deployments = world.deployments.failing(REPORT, [Fault::Unavailable; 5]);
    run(&world, failed()).await.unwrap_err();
    assert_eq!(world.recorded(BeforeAllowTraffic).unwrap().verdict, "failed");
    run(&world, Verdict::Passed).await.unwrap();
    assert_eq!(reports(&world), [SUCCEEDED]);
    assert_eq!(world.recorded(BeforeAllowTraffic).unwrap().verdict, "passed");
}

#[test_case(Fault::Denied; "denied")]
#[test_case(Fault::Hangs; "hangs")]
#[test_case(Fault::Panics; "panics")]
#[test_case(Fault::Slow(Duration::from_secs(30)); "slow")]
#[tokio::test(start_paused = true)]
async fn recording_never_stops_or_delays_the_report(fault: Fault) {
    let mut world = world();
    world.ledger = world.ledger.failing("PutItem", [fault]);
    let began = Instant::now();
    run(&world, Verdict::Passed).await.unwrap();
    assert_eq!(reports(&world), [SUCCEEDED]);
    assert!(began.elapsed() <= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_verdict_is_recorded_before_it_is_reported() {
    let mut world = world();
    world.deployments = world.deployments.failing(REPORT, [Fault::Slow(Duration::from_secs(1))]);
    world.ledger = world.ledger.failing("PutItem", [Fault::Slow(Duration::from_secs(1))]);
    let hook = world.hook(BeforeAllowTraffic);
    let running =
        tokio::spawn(async move { run_hook(&hook, World::invocation(), |_| async { Verdict::Passed }).await });
    sleep(Duration::from_millis(1500)).await;
    assert!(world.recorded(BeforeAllowTraffic).is_some());
    assert!(reports(&world).is_empty());
    running.await.unwrap().unwrap();
    assert_eq!(reports(&world), [SUCCEEDED]);
}

#[tokio::test(start_paused = true)]
async fn evidence_names_every_check() {
    let world = world();
    let hook = world.hook(BeforeAllowTraffic);
    let checks = |case: Case<_>| async move {
        let differing = Finding::compared("health", &json!({"status": "ok"}), &json!({"status": "sick"}));
        case.run("health", async { differing }).await;
        case.notebook.note(CheckOutcome { name: "version".into(), finding: Finding::Passed, duration: Duration::ZERO });
        judge(&case.notebook.evidence().outcomes)
    };
    run_hook(&hook, World::invocation(), checks).await.unwrap();
    let record = world.recorded(BeforeAllowTraffic).unwrap();
    assert_eq!(record.reasons, [r#"check "health": status: expected "ok", got "sick""#]);
    let checks: Vec<_> = record.checks.iter().map(|check| (check.name.as_str(), check.outcome.as_str())).collect();
    assert_eq!(checks, [("health", "failed"), ("version", "passed")]);
}

#[tokio::test(start_paused = true)]
async fn a_hook_answers_in_the_place_of_one_that_never_ran() {
    let world = world();
    let record = json!({
        "requestContext": {
            "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:CodeDeployHook_shop_pre-traffic:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": World::invocation().payload,
        "responsePayload": {"errorType": "Runtime.InvalidEntrypoint", "errorMessage": "exec format error"},
    });
    let hook = world.hook(AfterAllowTraffic);
    run_hook(&hook, World::invocation_with(record), |_| async { Verdict::Passed }).await.unwrap();
    assert_eq!(reports(&world), [FAILED]);
    let recorded = world.recorded(BeforeAllowTraffic).unwrap();
    assert_eq!(recorded.verdict, "errored");
    assert_eq!(
        recorded.reasons,
        ["the hook CodeDeployHook_shop_pre-traffic failed 3 times and was given up (RetriesExhausted): \
             Runtime.InvalidEntrypoint: exec format error"]
    );
}

//! What pre-traffic tells CodeDeploy about a version, in a small world.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use pre_traffic::handle;
use serde_json::{Value, json};
use slipway_shared::fakes::{Fault, Faulty, Functions, World};
use slipway_shared::hook::LifecycleEvent::BeforeAllowTraffic;
use slipway_shared::hook::{Answer, HookStatus, InvokeVersion, Record};

fn suite() -> Value {
    json!({"checks": [
        {"name": "health answers ok", "event": {"rawPath": "/health"}, "expect": {"statusCode": 200, "body": {"status": "ok"}}},
        {"name": "list answers", "event": {"rawPath": "/contacts"}, "expect": {"statusCode": 200}},
    ]})
}

fn world() -> World {
    World::calling(BeforeAllowTraffic)
}

/// Status reported, and the record.
async fn judged<X: InvokeVersion + Send + Sync + 'static>(world: &World, functions: X) -> (HookStatus, Record) {
    handle(&world.hook(BeforeAllowTraffic, functions), World::invocation()).await.unwrap();
    let reports = world.codedeploy.reports(World::DEPLOYMENT);
    assert_eq!(reports.len(), 1);
    (reports[0].1, world.recorded(BeforeAllowTraffic).unwrap())
}

fn api_answer(status: u16, body: &str) -> Value {
    json!({"statusCode": status, "headers": {"content-type": "application/json"}, "body": body})
}

#[tokio::test(start_paused = true)]
async fn a_version_that_answers_as_expected_passes() {
    let functions = Functions::default();
    functions.answers("fn", "2", &api_answer(200, r#"{"status":"ok","uptime":3}"#));
    let (status, record) = judged(&world().with_suite(&suite()), functions.clone()).await;
    assert_eq!(status, HookStatus::Succeeded);
    assert_eq!(record.verdict, "passed");
    assert_eq!(record.checks.len(), 2);
    let invocations = functions.invocations();
    assert_eq!(invocations[0], ("fn".into(), "2".into(), json!({"rawPath": "/health"})));
    assert!(invocations.iter().all(|(_, version, _)| version == "2"), "only the target version is invoked");
}

#[tokio::test(start_paused = true)]
async fn a_version_that_answers_wrongly_fails_and_the_reason_is_exact() {
    let functions = Functions::default();
    functions.answers("fn", "2", &api_answer(200, r#"{"status":"sick"}"#));
    functions.answers("fn", "2", &api_answer(200, "[]"));
    let (status, record) = judged(&world().with_suite(&suite()), functions).await;
    assert_eq!(status, HookStatus::Failed);
    assert_eq!(record.verdict, "failed");
    assert_eq!(record.reasons, [r#"check "health answers ok": body.status: expected "ok", got "sick""#]);
}

#[tokio::test(start_paused = true)]
async fn a_function_error_fails_with_its_message() {
    let functions = Functions::default();
    functions.fails("fn", "2", &json!({"errorType": "Table", "errorMessage": "no such table"}));
    let (status, record) = judged(&world().with_suite(&suite()), functions).await;
    assert_eq!(status, HookStatus::Failed);
    assert_eq!(record.verdict, "failed");
    assert_eq!(record.reasons[0], r#"check "health answers ok": the function failed (Unhandled): no such table"#);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_json_fails() {
    let functions = Functions::default();
    functions.push("fn", "2", Answer { payload: b"<html>".to_vec(), function_error: None, executed_version: None });
    let (status, record) = judged(&world().with_suite(&suite()), functions).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "failed"));
    assert_eq!(record.reasons[0], r#"check "health answers ok": the answer is not JSON"#);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_version_proves_nothing() {
    let functions = Functions::default();
    let payload = api_answer(200, r#"{"status":"ok"}"#).to_string().into_bytes();
    functions.push("fn", "2", Answer { payload, function_error: None, executed_version: Some("1".into()) });
    let (status, record) = judged(&world().with_suite(&suite()), functions).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
}

#[tokio::test(start_paused = true)]
async fn a_version_that_may_not_be_invoked_is_an_error_of_the_gate() {
    let functions = Faulty::new(Functions::default()).failing("Invoke", [Fault::Denied, Fault::Throttled]);
    let (status, record) = judged(&world().with_suite(&suite()), functions).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
    assert_eq!(record.reasons.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_never_answers_fails_in_time() {
    let functions = Faulty::new(Functions::default()).failing("Invoke", [Fault::Hangs]);
    let (status, record) = judged(&world().with_suite(&suite()), functions).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
}

#[tokio::test(start_paused = true)]
async fn a_missing_suite_is_an_error_of_the_gate() {
    let (status, record) = judged(&world(), Functions::default()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
    assert!(record.reasons[0].starts_with("there is no suite at /slipway/slipway/production/suites/fn"), "{record:?}");
}

#[tokio::test(start_paused = true)]
async fn an_empty_suite_is_an_error_of_the_gate() {
    let functions = Functions::default();
    let (status, record) = judged(&world().with_suite(&json!({"checks": []})), functions.clone()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
    assert!(functions.invocations().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_suite_that_cannot_be_read_is_an_error_of_the_gate() {
    let suite = json!({"checks": [{"name": "a", "event": {}, "expects": {}}]});
    let (status, record) = judged(&world().with_suite(&suite), Functions::default()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
    let mut denied = world().with_suite(&json!({}));
    denied.parameters = denied.parameters.failing("GetParameter", [Fault::Denied]);
    let (status, record) = judged(&denied, Functions::default()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
    assert!(record.reasons[0].starts_with("cannot read the suite"), "{record:?}");
}

//! The status that pre-traffic reports to CodeDeploy about a version, in a small world.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use std::time::Duration;

use pre_traffic::run_checks;
use serde_json::{Value, json};
use slipway_shared::call::CallError;
use slipway_shared::fakes::{Fault, Faulty, Functions, World};
use slipway_shared::hook::LifecycleEvent::BeforeAllowTraffic;
use slipway_shared::hook::{Alarm, Answer, Configuration, HookStatus, InvokeVersion, run_hook};
use slipway_shared::identity::{FunctionName, FunctionVersion};
use slipway_shared::ledger::Entry;
use slipway_shared::objects::ObjectLocation;
use slipway_shared::overrides::{AlarmOverride, WriteOverride as _};
use test_case::test_case;
use tokio::time::{Instant, sleep};

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
async fn judged<X: InvokeVersion + Send + Sync + 'static>(world: &World, functions: X) -> (HookStatus, Entry) {
    let hook = world.hook_with(BeforeAllowTraffic, world.ports().with_functions(functions));
    run_hook(&hook, World::invocation(), run_checks).await.unwrap();
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
    functions.push("fn", "2", Answer { payload: b"<html>".to_vec(), ..Answer::default() });
    let (status, record) = judged(&world().with_suite(&suite()), functions).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "failed"));
    assert_eq!(record.reasons[0], r#"check "health answers ok": the answer is not JSON"#);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_version_proves_nothing() {
    let functions = Functions::default();
    let payload = api_answer(200, r#"{"status":"ok"}"#).to_string().into_bytes();
    functions.push("fn", "2", Answer { payload, executed_version: Some("1".into()), ..Answer::default() });
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

fn sequence() -> Value {
    json!({"checks": [
        {"name": "create", "event": {"method": "POST"}, "expect": {"statusCode": 201}, "capture": {"id": "/body/id"}},
        {"name": "read", "event": {"rawPath": "/contacts/${id}"}, "expect": {"statusCode": 200, "body": {"id": "${id}"}}},
        {"name": "delete", "event": {"method": "DELETE", "rawPath": "/contacts/${id}"}, "expect": {"statusCode": 204}, "always": true},
    ]})
}

fn paths(functions: &Functions) -> Vec<Option<String>> {
    let path = |event: &Value| Some(event.get("rawPath")?.as_str()?.to_owned());
    functions.invocations().iter().map(|(_, _, event)| path(event)).collect()
}

fn outcomes(record: &Entry) -> Vec<&str> {
    record.checks.iter().map(|check| check.outcome.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_sequence_reads_and_removes_what_it_created() {
    let functions = Functions::default();
    functions.answers("fn", "2", &api_answer(201, r#"{"id":"01J"}"#));
    functions.answers("fn", "2", &api_answer(200, r#"{"id":"01J"}"#));
    functions.answers("fn", "2", &json!({"statusCode": 204}));
    let (status, record) = judged(&world().with_suite(&sequence()), functions.clone()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Succeeded, "passed"));
    assert_eq!(paths(&functions), [None, Some("/contacts/01J".into()), Some("/contacts/01J".into())]);
}

#[tokio::test(start_paused = true)]
async fn what_was_created_wrongly_is_removed_and_nothing_else_is_asked_of_it() {
    let functions = Functions::default();
    functions.answers("fn", "2", &api_answer(200, r#"{"id":"01J"}"#));
    functions.answers("fn", "2", &json!({"statusCode": 204}));
    let (status, record) = judged(&world().with_suite(&sequence()), functions.clone()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "failed"));
    assert_eq!(record.reasons[0], r#"check "create": statusCode: expected 201, got 200"#);
    assert_eq!(outcomes(&record), ["failed", "skipped", "passed"]);
    assert_eq!(paths(&functions), [None, Some("/contacts/01J".into())]);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_fails_in_mid_sequence_leaves_nothing_behind() {
    let functions = Functions::default();
    functions.answers("fn", "2", &api_answer(201, r#"{"id":"01J"}"#));
    functions.fails("fn", "2", &json!({"errorMessage": "oops"}));
    functions.answers("fn", "2", &json!({"statusCode": 204}));
    let (_, record) = judged(&world().with_suite(&sequence()), functions).await;
    assert_eq!(outcomes(&record), ["passed", "failed", "passed"]);
    assert_eq!(record.reasons, [r#"check "read": the function failed (Unhandled): oops"#]);
}

#[tokio::test(start_paused = true)]
async fn without_a_captured_value_there_is_nothing_to_remove() {
    let functions = Functions::default();
    functions.answers("fn", "2", &api_answer(201, "{}"));
    let (_, record) = judged(&world().with_suite(&sequence()), functions.clone()).await;
    assert_eq!(outcomes(&record), ["failed", "skipped", "skipped"]);
    assert_eq!(
        record.reasons[0],
        r#"check "create": the answer has no text, number or truth value at /body/id to capture as "id""#
    );
    assert_eq!(functions.invocations().len(), 1);
}

/// Hangs when it is asked for a path that is not there to be removed.
#[derive(Debug, Clone, Default)]
struct HangsOnRead(Functions);

impl InvokeVersion for HangsOnRead {
    async fn invoke_version(
        &self,
        function: &FunctionName,
        version: &FunctionVersion,
        event: &Value,
    ) -> Result<Answer, CallError> {
        if event.get("method").is_none() {
            return std::future::pending().await;
        }
        self.0.invoke_version(function, version, event).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_hangs_in_mid_sequence_leaves_nothing_behind() {
    let functions = HangsOnRead::default();
    functions.0.answers("fn", "2", &api_answer(201, r#"{"id":"01J"}"#));
    functions.0.answers("fn", "2", &json!({"statusCode": 204}));
    let (status, record) = judged(&world().with_suite(&sequence()), functions.clone()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
    assert_eq!(record.reasons, [r#"check "read": no whole answer before the hook's end"#]);
    assert_eq!(outcomes(&record), ["passed", "unfinished", "passed"]);
    assert_eq!(functions.0.invocations().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_sequence_that_cannot_work_is_refused_before_anything_is_asked() {
    let suite = json!({"checks": [{"name": "read", "event": {"rawPath": "/contacts/${id}"}, "expect": {}}]});
    let functions = Functions::default();
    let (_, record) = judged(&world().with_suite(&suite), functions.clone()).await;
    assert_eq!(
        record.reasons,
        [r#"the suite cannot be used: /checks/0/event/rawPath: uses ${id}, which no check before it captures"#]
    );
    assert!(functions.invocations().is_empty());
}

/// Answers after 50 ms.
#[derive(Debug, Clone)]
struct Slow(Functions);

impl InvokeVersion for Slow {
    async fn invoke_version(
        &self,
        function: &FunctionName,
        version: &FunctionVersion,
        event: &Value,
    ) -> Result<Answer, CallError> {
        sleep(Duration::from_millis(50)).await;
        self.0.invoke_version(function, version, event).await
    }
}

fn slow() -> Slow {
    let functions = Functions::default();
    functions.answers("fn", "2", &json!({"statusCode": 200}));
    Slow(functions)
}

#[tokio::test(start_paused = true)]
async fn a_hundred_checks_of_fifty_milliseconds_end_in_less_than_four_hundred() {
    let check =
        |number| json!({"name": format!("check {number}"), "event": {"n": number}, "expect": {"statusCode": 200}});
    let checks: Vec<Value> = (0..100).map(check).collect();
    let began = Instant::now();
    let (status, record) = judged(&world().with_suite(&json!({"checks": checks})), slow()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Succeeded, "passed"));
    assert!(began.elapsed() < Duration::from_millis(400), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_check_that_is_slower_than_it_may_be_fails_and_stops_no_other() {
    let suite = json!({"checks": [
        {"name": "quick", "event": {}, "expect": {"statusCode": 200}, "timeout": "20ms"},
        {"name": "slow", "event": {}, "expect": {"statusCode": 200}},
    ]});
    let (_, record) = judged(&world().with_suite(&suite), slow()).await;
    assert_eq!(record.reasons, [r#"check "quick": no whole answer within 20ms"#]);
    assert_eq!(outcomes(&record), ["failed", "passed"]);
}

#[tokio::test(start_paused = true)]
async fn a_check_is_attempted_again_only_as_often_as_it_says() {
    for (retries, verdict) in [(0, "failed"), (1, "failed"), (2, "passed")] {
        let functions = Functions::default();
        for status in [500, 500, 200] {
            functions.answers("fn", "2", &json!({"statusCode": status}));
        }
        let suite = json!({"checks": [{"name": "a", "event": {}, "expect": {"statusCode": 200}, "retries": retries}]});
        let (_, record) = judged(&world().with_suite(&suite), functions.clone()).await;
        assert_eq!((record.verdict.as_str(), functions.invocations().len()), (verdict, retries + 1));
    }
}

#[tokio::test(start_paused = true)]
async fn the_cold_start_is_measured_first_and_the_log_is_read_last() {
    let report = |extra: &str| format!("REPORT RequestId: r\tDuration: 10.00 ms\tBilled Duration: 10 ms{extra}\t\n");
    let functions = Functions::default();
    let answer = |log_tail: String| Answer { payload: b"{}".to_vec(), log_tail, ..Answer::default() };
    functions.push("fn", "2", answer(report("\tInit Duration: 700.00 ms")));
    functions.push("fn", "2", answer(format!("ERROR no table\n{}", report(""))));
    let suite = json!({"checks": [
        {"name": "quiet", "kind": "logs"},
        {"name": "asked", "event": {}, "expect": {}},
        {"name": "fast", "kind": "latency", "event": {}, "calls": 3, "p95": "20ms", "coldStart": "500ms"},
    ]});
    let (_, record) = judged(&world().with_suite(&suite), functions).await;
    assert_eq!(
        record.reasons,
        [
            r#"check "quiet": 1 log lines are errors, and 0 are let pass: ERROR no table"#,
            r#"check "fast": the cold start: 710 ms, and 500 ms are allowed"#,
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn alarms_that_burn_and_settings_that_differ_are_found() {
    let world = world();
    world.codedeploy.set_group_alarms(World::DEPLOYMENT, &["errors"]);
    world.alarms.add(Alarm { name: "errors".into(), burns: true, since: None });
    world.functions.configured("1", Configuration { memory: Some("128 MB".into()), ..Configuration::default() });
    world.functions.configured("2", Configuration { memory: Some("256 MB".into()), ..Configuration::default() });
    let suite = json!({"checks": [{"name": "same", "kind": "drift"}, {"name": "calm", "kind": "alarms"}]});
    let (_, record) = judged(&world.with_suite(&suite), Functions::default()).await;
    assert_eq!(
        record.reasons,
        [
            r#"check "same": memory differs: 128 MB became 256 MB"#,
            r#"check "calm": alarm errors burned already before the deployment began: "#,
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_alarm_that_is_overridden_blocks_nothing_until_the_override_expires() {
    for (until, verdict) in [("2999-01-01T00:00:00Z", "passed"), ("2020-01-01T00:00:00Z", "failed")] {
        let world = world();
        world.alarms.add(Alarm { name: "errors".into(), burns: true, since: None });
        let act = AlarmOverride {
            alarm: "errors".into(),
            resource: None,
            until: until.parse().unwrap(),
            reason: "the fix".into(),
            by: "arn:aws:iam::111122223333:user/ann".into(),
            at: "2020-01-01T00:00:00Z".parse().unwrap(),
        };
        world.kept.write_override(&act).await.unwrap();
        let suite = json!({"checks": [{"name": "calm", "kind": "alarms", "names": ["errors"]}]});
        let (_, record) = judged(&world.with_suite(&suite), Functions::default()).await;
        assert_eq!(record.verdict, verdict);
    }
}

fn stored(world: World, address: &str, text: &str) -> World {
    let location = ObjectLocation::new("artifacts", "m.json");
    let _ = world.objects.clone().with(&location, text.as_bytes().to_vec());
    let name = world.names("production").suite(World::FUNCTION);
    let _ = world.store.clone().with(&name, address);
    world
}

#[test_case("s3://artifacts/m.json", &suite(); "an object")]
#[test_case("s3://artifacts/m.json#Api", &json!({"application": "shop", "functions": {"Api": {"suite": {"checks": [
    {"name": "health answers ok", "kind": "invoke", "event": {"rawPath": "/health"}, "expect": {"statusCode": 200}}]}}}}); "the manifest of a release")]
#[tokio::test(start_paused = true)]
async fn a_suite_may_lie_in(address: &str, text: &Value) {
    let functions = Functions::default();
    functions.answers("fn", "2", &api_answer(200, r#"{"status":"ok"}"#));
    let (status, record) = judged(&stored(world(), address, &text.to_string()), functions.clone()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Succeeded, "passed"));
    assert_eq!(functions.invocations()[0].2, json!({"rawPath": "/health"}));
}

#[test_case("s3://artifacts/gone.json", "{}", "there is no suite at s3://artifacts/gone.json"; "an object that is gone")]
#[test_case("s3://artifacts/m.json#Api", r#"{"application":"a","functions":{"B":{"suite":{}}}}"#,
    "the suite cannot be used: the manifest s3://artifacts/m.json does not name Api"; "another function's manifest")]
#[test_case("s3://artifacts/m.json", "\u{0}", "the suite cannot be used: "; "no suite")]
#[test_case("s3://artifacts", "{}", "the suite cannot be used: \"s3://artifacts\" is no address of an S3 object"; "no address")]
#[tokio::test(start_paused = true)]
async fn a_suite_that_is_nowhere_is_an_error(address: &str, text: &str, says: &str) {
    let (status, record) = judged(&stored(world(), address, text), Functions::default()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
    assert!(record.reasons[0].starts_with(says), "{record:?}");
}

#[tokio::test(start_paused = true)]
async fn alarms_that_nobody_watches_prove_nothing() {
    let suite = json!({"checks": [{"name": "calm", "kind": "alarms"}]});
    let (status, record) = judged(&world().with_suite(&suite), Functions::default()).await;
    assert_eq!((status, record.verdict.as_str()), (HookStatus::Failed, "errored"));
}

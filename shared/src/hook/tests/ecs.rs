//! The hooks of ECS's own deployments: the event, the answer, and suites that take longer than one call.

use std::future::pending;
use std::time::Duration;

use serde_json::{Value, json};
use test_case::test_case;
use tokio::time::sleep;

use crate::fakes::World;
use crate::hook::LifecycleEvent::BeforeAllowTraffic;
use crate::hook::{
    Case, CheckOutcome, Deployed, EcsAnswer, EcsEvent, Finding, HookPorts, LifecycleEvent, Reason, Verdict, judge,
    run_ecs_hook,
};
use crate::ledger::Entry;

const GREEN: &str = "arn:aws:ecs:us-west-2:123456789012:service-revision/my-cluster/my-service/9313423515462893900";
const BLUE: &str = "arn:aws:ecs:us-west-2:123456789012:service-revision/my-cluster/my-service/1920498462936580504";

fn event(stage: &str, test: &Value, production: &Value) -> Value {
    json!({
        "executionId": "e8d5a28f-eb01-4f3c-9454-a30ba6dc54bc",
        "lifecycleStage": stage,
        "resourceArn": "arn:aws:ecs:us-west-2:123456789012:service-deployment/my-cluster/my-service/EZe5RNVLH6PPzHXINuP28",
        "executionDetails": {
            "serviceArn": "arn:aws:ecs:us-west-2:123456789012:service/my-cluster/my-service",
            "targetServiceRevisionArn": GREEN,
            "testTrafficWeights": test,
            "productionTrafficWeights": production,
        },
    })
}

fn tested() -> Value {
    event("POST_TEST_TRAFFIC_SHIFT", &json!({}), &json!({}))
}

async fn answered(world: &World, payload: Value, verdict: Verdict) -> Value {
    let event = EcsEvent::read(&payload).unwrap();
    let hook = world.hook(BeforeAllowTraffic);
    let answer = run_ecs_hook(&hook, &event, World::invocation_with(payload), |_| async { verdict }).await;
    serde_json::to_value(answer).unwrap()
}

fn recorded(world: &World, stage: LifecycleEvent) -> Option<Entry> {
    world.kept.entry("EZe5RNVLH6PPzHXINuP28", stage)
}

#[tokio::test(start_paused = true)]
async fn the_answer_is_what_is_returned() {
    let world = World::calling(BeforeAllowTraffic);
    assert_eq!(answered(&world, tested(), Verdict::Passed).await, json!({ "hookStatus": "SUCCEEDED" }));
    let record = recorded(&world, LifecycleEvent::PostTestTrafficShift).unwrap();
    assert_eq!((record.function.as_str(), record.verdict.as_str()), ("my-service", "passed"));
    assert_eq!(answered(&world, tested(), Verdict::inconclusive("nothing")).await, json!({ "hookStatus": "FAILED" }));
}

#[tokio::test(start_paused = true)]
async fn details_at_the_top_are_read_too() {
    let mut payload = tested();
    let details = payload.as_object_mut().unwrap().remove("executionDetails").unwrap();
    payload.as_object_mut().unwrap().extend(details.as_object().unwrap().clone());
    assert_eq!(answered(&World::default(), payload, Verdict::Passed).await["hookStatus"], "SUCCEEDED");
}

#[test_case(json!({ "executionDetails": {} }); "no service")]
#[test_case(json!({ "executionDetails": { "serviceArn": "web" } }); "a service that is no arn")]
#[test_case(json!({ "executionDetails": "x", "targetServiceRevisionArn": 7 }); "other types")]
#[tokio::test(start_paused = true)]
async fn an_event_that_names_no_service_fails(payload: Value) {
    assert_eq!(answered(&World::default(), payload, Verdict::Passed).await, json!({ "hookStatus": "FAILED" }));
}

#[test]
fn codedeploys_events_are_not_of_ecs() {
    assert_eq!(EcsEvent::read(&World::invocation().payload), None);
    assert_eq!(EcsEvent::read(&json!([])), None);
}

#[test_case("PRODUCTION_TRAFFIC_SHIFT", 0, 100 => "SUCCEEDED"; "a rollback")]
#[test_case("PRODUCTION_TRAFFIC_SHIFT", 100, 0 => "FAILED"; "the shift itself")]
#[test_case("PRODUCTION_TRAFFIC_SHIFT", 10, 90 => "FAILED"; "a step")]
#[test_case("PRE_PRODUCTION_TRAFFIC_SHIFT", 0, 100 => "FAILED"; "before the first step")]
#[tokio::test(start_paused = true)]
async fn a_rollback_is_let_through_without_a_check(stage: &str, green: u32, blue: u32) -> String {
    let payload = event(stage, &json!({}), &json!({ GREEN: green, BLUE: blue }));
    let answer = answered(&World::default(), payload, Verdict::errored("the suite is broken")).await;
    answer["hookStatus"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn weights_may_be_texts() {
    let payload = event("TEST_TRAFFIC_SHIFT", &json!({ GREEN: "0", BLUE: "100.0" }), &json!({}));
    assert_eq!(answered(&World::default(), payload, Verdict::errored("broken")).await["hookStatus"], "SUCCEEDED");
}

/// Checks of 20 seconds each, of which an earlier call's are left out.
async fn three_slow_checks<P: HookPorts>(case: Case<P>) -> Verdict {
    assert!(matches!(case.subject.deployed, Deployed::Service(_)));
    for name in ["a", "b", "c"].into_iter().filter(|name| !case.passed.contains(*name)) {
        let slow = async {
            sleep(Duration::from_secs(20)).await;
            Finding::Passed
        };
        let limited = tokio::time::timeout_at(case.until - Duration::from_secs(1), slow).await;
        let finding = limited.unwrap_or_else(|_| Finding::Unfinished(Reason::new("no time")));
        case.notebook.note(CheckOutcome { name: name.into(), finding, duration: Duration::ZERO });
    }
    judge(&case.notebook.evidence().outcomes)
}

async fn call(payload: Value) -> EcsAnswer {
    let world = World::default();
    let event = EcsEvent::read(&payload).unwrap();
    run_ecs_hook(&world.hook(BeforeAllowTraffic), &event, World::invocation_with(payload), three_slow_checks).await
}

#[tokio::test(start_paused = true)]
async fn a_long_suite_goes_on_in_the_next_call() {
    let first = call(tested()).await;
    assert_eq!((first.hook_status, first.call_back_delay), ("IN_PROGRESS", Some(5)));
    let mut payload = tested();
    payload["hookDetails"] = first.hook_details.unwrap();
    let progress =
        json!({ "deployment": "EZe5RNVLH6PPzHXINuP28", "stage": "POST_TEST_TRAFFIC_SHIFT", "passed": ["a", "b"] });
    assert_eq!(payload["hookDetails"], json!({ "slipway": progress }));
    assert_eq!(call(payload.clone()).await.hook_status, "SUCCEEDED");
    payload["hookDetails"]["slipway"]["deployment"] = json!("another");
    assert_eq!(call(payload).await.hook_status, "IN_PROGRESS", "another deployment's checks are not this one's");
}

#[tokio::test(start_paused = true)]
async fn a_suite_that_comes_no_further_fails() {
    let payload = tested();
    let event = EcsEvent::read(&payload).unwrap();
    let hook = World::default().hook(BeforeAllowTraffic);
    let answer = run_ecs_hook(&hook, &event, World::invocation_with(payload), |_| pending::<Verdict>()).await;
    assert_eq!(answer.hook_status, "FAILED");
}

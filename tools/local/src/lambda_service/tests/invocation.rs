//! `Invoke`: types, limits, weights, throttles and metrics.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use test_case::test_case;

use super::World;
use super::world::until;

fn payload(text: &str) -> Value {
    STANDARD.encode(text).into()
}

#[tokio::test]
async fn an_empty_payload_is_an_empty_object() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let reply = world.done("Invoke", json!({ "FunctionName": "fn" })).await;
    assert_eq!((&reply["StatusCode"], &reply["Payload"]), (&json!(200), &payload("{}")));
    assert_eq!(reply.get("LogResult"), None);
    assert_eq!(reply.get("FunctionError"), None);
}

#[tokio::test]
async fn a_dry_run_runs_nothing() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let dry = |name: &str| json!({ "FunctionName": name, "InvocationType": "DryRun" });
    assert_eq!(world.done("Invoke", dry("fn")).await, json!({ "StatusCode": 204 }));
    assert_eq!(world.refused("Invoke", dry("fn:9")).await, ("ResourceNotFoundException".to_owned(), 404));
    assert!(world.hub.processes.is_empty());
}

#[test_case("RequestResponse", 6_291_456; "synchronous")]
#[test_case("Event", 1_048_576; "asynchronous")]
#[tokio::test]
async fn an_event_over_the_limit_is_refused(kind: &str, most: usize) {
    let world = World::new();
    world.create("fn", json!({})).await;
    let large = format!("\"{}\"", "x".repeat(most - 1));
    let input = json!({ "FunctionName": "fn", "InvocationType": kind, "Payload": payload(&large) });
    assert_eq!(world.refused("Invoke", input).await, ("RequestTooLargeException".to_owned(), 413));
}

#[tokio::test]
async fn an_event_that_is_no_json_is_refused() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let input = json!({ "FunctionName": "fn", "Payload": payload("{no") });
    assert_eq!(world.refused("Invoke", input).await, ("InvalidRequestContentException".to_owned(), 400));
}

#[tokio::test]
async fn the_client_context_and_the_callers_qualifier_reach_the_function() {
    let world = World::new();
    world.create("fn", json!({ "Publish": true })).await;
    world.done("CreateAlias", json!({ "FunctionName": "fn", "Name": "live", "FunctionVersion": "1" })).await;
    let input = json!({
        "FunctionName": "fn", "Qualifier": "live", "ClientContext": STANDARD.encode("{\"custom\":{}}"),
        "Payload": payload("{\"do\":\"context\"}"),
    });
    let reply = world.done("Invoke", input).await;
    let seen: Value = serde_json::from_slice(&STANDARD.decode(reply["Payload"].as_str().unwrap()).unwrap()).unwrap();
    assert_eq!(reply["ExecutedVersion"], "1");
    assert_eq!(seen["headers"]["lambda-runtime-client-context"], "{\"custom\":{}}");
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:fn:live";
    assert_eq!(seen["headers"]["lambda-runtime-invoked-function-arn"], arn);
}

#[test_case(0.0, 0..=0; "none")]
#[test_case(0.1, 15..=48; "a tenth, within four standard deviations")]
#[test_case(1.0, 300..=300; "all")]
#[tokio::test]
async fn invocations_follow_the_weights(weight: f64, expected: std::ops::RangeInclusive<usize>) {
    let world = World::new();
    world.create("fn", json!({ "Publish": true })).await;
    world.done("UpdateFunctionConfiguration", json!({ "FunctionName": "fn", "Timeout": 31 })).await;
    world.done("PublishVersion", json!({ "FunctionName": "fn" })).await;
    let alias = json!({
        "FunctionName": "fn", "Name": "live", "FunctionVersion": "1",
        "RoutingConfig": { "AdditionalVersionWeights": { "2": weight } },
    });
    world.done("CreateAlias", alias).await;
    let mut second = 0;
    for _ in 0..300 {
        let reply = world.done("Invoke", json!({ "FunctionName": "fn:live" })).await;
        assert_eq!(reply.get("FunctionError"), None);
        second += usize::from(reply["ExecutedVersion"] == "2");
    }
    assert!(expected.contains(&second), "{second} of 300");
}

#[tokio::test]
async fn metrics_are_recorded_by_function_resource_and_executed_version() {
    let world = World::new();
    world.create("fn", json!({ "Publish": true })).await;
    world.done("CreateAlias", json!({ "FunctionName": "fn", "Name": "live", "FunctionVersion": "1" })).await;
    world.invoke("fn:live", json!({})).await;
    world.invoke("fn:live", json!({ "do": "fail" })).await;
    world.invoke("fn:1", json!({})).await;
    let errors = until("three invocations are recorded", async || {
        let errors = world.metric("Errors");
        (errors.get("FunctionName=fn").map_or(0, Vec::len) == 3).then_some(errors)
    })
    .await;
    let one_in = |set: &str| (errors[set].len(), errors[set].iter().sum::<f64>());
    assert_eq!(one_in("FunctionName=fn"), (3, 1.0));
    assert_eq!(one_in("FunctionName=fn,Resource=fn:live"), (2, 1.0));
    assert_eq!(one_in("FunctionName=fn,Resource=fn:live,ExecutedVersion=1"), (2, 1.0));
    assert_eq!(errors["FunctionName=fn,Resource=fn:1"], [0.0]);
    assert_eq!(errors[""].len(), 3);
    assert_eq!(errors.len(), 5);
    assert_eq!(world.metric("Invocations")["FunctionName=fn,Resource=fn:live"], [1.0, 1.0]);
    assert!(world.metric("Duration")["FunctionName=fn"].iter().all(|millis| *millis > 0.0));
    assert_eq!(world.metric("ConcurrentExecutions")["FunctionName=fn"], [1.0, 1.0, 1.0]);
}

#[tokio::test]
async fn reserved_concurrency_throttles() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let reserve = |n: i64| json!({ "FunctionName": "fn", "ReservedConcurrentExecutions": n });
    world.done("PutFunctionConcurrency", reserve(0)).await;
    let refused = world.refused("Invoke", json!({ "FunctionName": "fn" })).await;
    assert_eq!(refused, ("TooManyRequestsException".to_owned(), 429));
    let throttles =
        until("the throttle is recorded", async || world.metric("Throttles").remove("FunctionName=fn")).await;
    assert_eq!(throttles, [1.0]);
    world.done("PutFunctionConcurrency", reserve(1)).await;
    for _ in 0..2 {
        assert!(!world.invoke("fn", json!({})).await.failed(), "a finished invocation frees its place");
    }
}

#[tokio::test]
async fn an_invocation_goes_on_when_its_caller_hangs_up() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let place = world.path("meeting");
    std::fs::create_dir(&place).unwrap();
    let event = json!({ "do": "meet", "place": place, "count": 2 });
    {
        let mut call = Box::pin(world.invoke("fn", event));
        let arrived = until("the function is in", async || {
            assert!(futures::poll!(call.as_mut()).is_pending());
            std::fs::read_dir(&place).unwrap().next()
        });
        drop(arrived.await);
    }
    std::fs::write(place.join("the other"), "").unwrap();
    let log = until("the invocation ends", async || Some(world.log("fn").await).filter(|log| log.len() == 4)).await;
    assert!(log[3].starts_with("REPORT") && !log[3].contains("Status"), "{log:?}");
}

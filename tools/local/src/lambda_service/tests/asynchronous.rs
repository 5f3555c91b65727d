//! Asynchronous invocations end to end, in plane time a thousand times as fast as real time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::World;
use super::world::until;

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:failures";

async fn send(world: &World, event: Value) {
    let payload = STANDARD.encode(event.to_string());
    let input = json!({ "FunctionName": "fn", "InvocationType": "Event", "Payload": payload });
    assert_eq!(world.done("Invoke", input).await, json!({ "StatusCode": 202 }));
}

#[tokio::test]
async fn a_failing_event_is_tried_three_times_with_one_request_id_and_its_record_delivered() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let destination = json!({ "FunctionName": "fn", "DestinationConfig": { "OnFailure": { "Destination": TOPIC } } });
    world.done("PutFunctionEventInvokeConfig", destination).await;
    let event = json!({ "do": "fail", "because": "bad day" });
    send(&world, event.clone()).await;
    let input = until("the record is published", async || world.topics.inputs("Publish").pop()).await;
    assert_eq!(input["TopicArn"], TOPIC);
    let record: Value = serde_json::from_str(input["Message"].as_str().unwrap()).unwrap();
    assert_eq!(record["version"], "1.0");
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 3);
    assert_eq!(record["requestContext"]["functionArn"], "arn:aws:lambda:us-east-1:000000000000:function:fn:$LATEST");
    assert_eq!(record["requestPayload"], event);
    let context = json!({ "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" });
    assert_eq!(record["responseContext"], context);
    assert_eq!(record["responsePayload"]["errorMessage"], "bad day");
    let request_id = record["requestContext"]["requestId"].as_str().unwrap();
    let start = format!("START RequestId: {request_id} Version: $LATEST");
    until("three starts are logged", async || {
        (world.log("fn").await.iter().filter(|line| **line == start).count() == 3).then_some(())
    })
    .await;
    assert_eq!(world.topics.asked().len(), 1, "a record is delivered once");
}

#[tokio::test]
async fn a_successful_event_reaches_the_bus_that_wants_to_know() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let bus = "arn:aws:events:us-east-1:000000000000:event-bus/results";
    let destination = json!({ "FunctionName": "fn", "DestinationConfig": { "OnSuccess": { "Destination": bus } } });
    world.done("PutFunctionEventInvokeConfig", destination).await;
    send(&world, json!({ "id": 7 })).await;
    let input = until("the record is on the bus", async || world.bus.inputs("PutEvents").pop()).await;
    let entry = &input["Entries"][0];
    assert_eq!(entry["DetailType"], "Lambda Function Invocation Result - Success");
    assert_eq!((&entry["EventBusName"], &entry["Source"]), (&json!(bus), &json!("lambda")));
    let record: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
    assert_eq!(record["responsePayload"], json!({ "id": 7 }));
}

#[tokio::test]
async fn a_record_can_go_to_another_function() {
    let world = World::new();
    world.create("fn", json!({})).await;
    world.create("next", json!({})).await;
    let next = "arn:aws:lambda:us-east-1:000000000000:function:next";
    let destination = json!({ "FunctionName": "fn", "DestinationConfig": { "OnSuccess": { "Destination": next } } });
    world.done("PutFunctionEventInvokeConfig", destination).await;
    send(&world, json!({})).await;
    until("the next function has run", async || {
        world.log("next").await.iter().any(|line| line.starts_with("REPORT")).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_throttled_event_waits_for_a_place() {
    let world = World::new();
    world.create("fn", json!({})).await;
    let place = world.path("meeting");
    std::fs::create_dir(&place).unwrap();
    world.done("PutFunctionConcurrency", json!({ "FunctionName": "fn", "ReservedConcurrentExecutions": 1 })).await;
    send(&world, json!({ "do": "meet", "place": place, "count": 2 })).await;
    until("the first event runs", async || std::fs::read_dir(&place).unwrap().next()).await.unwrap();
    send(&world, json!({ "do": "say", "lines": ["second"] })).await;
    until("the second one is throttled", async || {
        world.metric("Throttles").get("FunctionName=fn").filter(|values| values.contains(&1.0)).map(drop)
    })
    .await;
    std::fs::write(place.join("the other"), "").unwrap();
    until("the second event runs", async || world.log("fn").await.contains(&"second".to_owned()).then_some(())).await;
}

#[tokio::test]
async fn an_event_of_a_stopped_function_goes_to_the_dead_letter_topic_at_once() {
    let world = World::new();
    world.create("fn", json!({ "DeadLetterConfig": { "TargetArn": TOPIC } })).await;
    world.done("PutFunctionConcurrency", json!({ "FunctionName": "fn", "ReservedConcurrentExecutions": 0 })).await;
    send(&world, json!({ "id": 1 })).await;
    let input = until("the event is published", async || world.topics.inputs("Publish").pop()).await;
    assert_eq!(input["Message"], "{\"id\":1}");
    until("the loss is recorded", async || world.metric("AsyncEventsDropped").remove("FunctionName=fn")).await;
}

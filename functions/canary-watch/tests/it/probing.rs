//! Requests of the watch's own, where users send too few.

use canary_watch::Did;
use serde_json::json;
use slipway_shared::objects::ObjectLocation;

use crate::world::{FUNCTION, Traffic, World, well};

fn with_suite() -> World {
    let mut world = World::with_canary();
    let suite = json!({"checks": [
        {"name": "a", "event": {"rawPath": "/a", "requestContext": {"http": {"method": "GET"}}}, "expect": {"statusCode": 200}},
        {"name": "b", "event": {"rawPath": "/b", "requestContext": {"http": {"method": "POST"}}}, "expect": {"statusCode": 201}},
    ]});
    world.parameters = world.parameters.clone().with(&world.settings.names.suite(FUNCTION), &suite.to_string());
    for version in ["1", "2"] {
        world.functions.answers(FUNCTION, version, &json!({"statusCode": 200}));
    }
    world
}

#[tokio::test]
async fn both_versions_are_asked_the_same_where_there_is_little_traffic() {
    let world = with_suite();
    world.traffic(0..10, well(9), well(1));
    assert_eq!(world.did(4).await, Did::Judged);
    let asked = world.functions.invocations();
    let of = |number: &str| asked.iter().filter(|(_, version, _)| version == number).count();
    assert!(of("1") == of("2") && of("1") > 5, "{asked:?}");
    assert!(
        asked
            .iter()
            .all(|(_, _, event)| event["rawPath"] == "/a" && event["headers"]["x-slipway-probe"] == "canary-watch")
    );
}

/// The parameter of a released application holds the address of the release's manifest, and not the suite.
#[tokio::test]
async fn the_suite_of_a_release_is_in_its_manifest() {
    let mut world = with_suite();
    let manifest = json!({"application": "shop", "functions": {"Shop": {"suite": {"checks": [
        {"name": "a", "kind": "invoke", "event": {"rawPath": "/m", "requestContext": {"http": {"method": "GET"}}},
         "expect": {"statusCode": 200}},
    ]}}}});
    let location = ObjectLocation::new("artifacts", "manifests/0.json");
    world.objects = world.objects.clone().with(&location, manifest.to_string().into_bytes());
    let name = world.settings.names.suite(FUNCTION);
    world.parameters = world.parameters.clone().with(&name, "s3://artifacts/manifests/0.json#Shop");
    world.traffic(0..10, well(9), well(1));
    assert_eq!(world.did(4).await, Did::Judged);
    let asked = world.functions.invocations();
    assert!(!asked.is_empty() && asked.iter().all(|(_, _, event)| event["rawPath"] == "/m"), "{asked:?}");
}

#[tokio::test]
async fn nobody_is_asked_where_users_ask_enough_or_nothing_is_known_yet() {
    let world = with_suite();
    assert_eq!(world.did(1).await, Did::Judged);
    world.traffic(0..10, well(900), well(100));
    assert_eq!(world.did(4).await, Did::Judged);
    assert!(world.functions.invocations().is_empty());
}

#[tokio::test]
async fn a_function_without_a_suite_is_not_probed() {
    let world = World::with_canary();
    world.traffic(0..10, well(9), well(1));
    assert_eq!(world.did(4).await, Did::Judged);
    assert!(world.functions.invocations().is_empty());
}

#[tokio::test]
async fn probes_make_evidence_and_the_verdict_says_how_much_of_it() {
    let world = World::with_canary();
    world.traffic(0..10, well(30), well(2));
    world.probed(3..9, well(16), well(16));
    assert_eq!(world.did(9).await, Did::Passed);
    let notes = world.entry().notes.join("; ");
    assert!(notes.contains("80 of the target's 96 requests were probes"), "{notes}");
}

#[tokio::test]
async fn a_target_that_fails_its_probes_is_stopped() {
    let world = World::with_canary();
    world.traffic(0..10, well(9), well(1));
    world.probed(3..9, well(16), Traffic { failures: 8, ..well(16) });
    assert_eq!(world.did(7).await, Did::Stopped);
}

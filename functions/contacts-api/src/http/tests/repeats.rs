//! Requests that are sent again.

use http::header::LOCATION;
use serde_json::json;

use super::api::{Api, delete, eve, get, named, post, put};

#[tokio::test]
async fn a_repeated_request_has_the_first_answer_and_no_second_contact() {
    let api = Api::new();
    let again = || post("/contacts", &named("Ada")).key("\"k1\"");
    let first = api.send(again()).await;
    api.pass(60_000);
    let second = api.send(again()).await;
    assert_eq!((second.status, &second.body, second.etag()), (first.status, &first.body, first.etag()));
    assert_eq!(second.header(LOCATION), first.header(LOCATION));
    assert_eq!(api.send(get("/contacts")).await.contacts(), ["Ada"]);

    // Also when the contact is another by now, or gone.
    api.send(put(first.header(LOCATION), &named("Augusta"))).await;
    assert_eq!(api.send(again()).await.body, first.body);
    api.send(delete(first.header(LOCATION))).await;
    assert_eq!(api.send(again()).await.body, first.body);
    assert_eq!(api.send(get("/contacts")).await.body["contacts"], json!([]));
}

#[tokio::test]
async fn a_key_with_another_payload_is_refused() {
    let api = Api::new();
    assert_eq!(api.status(post("/contacts", &named("Ada")).key("k1")).await, 201);
    assert_eq!(api.status(post("/contacts", &named("Eve")).key("k1")).await, 422);
    assert_eq!(api.status(post("/contacts", &named("Eve")).key("k2")).await, 201);
}

#[tokio::test]
async fn a_request_that_was_refused_can_be_mended_under_its_key() {
    let api = Api::new();
    assert_eq!(api.status(post("/contacts", &json!({})).key("k1")).await, 422);
    assert_eq!(api.status(post("/contacts", &named("Ada")).key("k1")).await, 201);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let api = Api::new();
    assert_eq!(api.status(post("/contacts", &named("Ada")).key("k1")).await, 201);
    api.pass(24 * 60 * 60 * 1_000 - 1);
    assert_eq!(api.status(post("/contacts", &named("Eve")).key("k1")).await, 422);
    // A store may count in whole seconds, as DynamoDB does for a time to live.
    api.pass(1_000);
    assert_eq!(api.status(post("/contacts", &named("Eve")).key("k1")).await, 201);
}

#[tokio::test]
async fn requests_without_a_key_are_each_their_own() {
    let api = Api::new();
    for _ in 0..2 {
        assert_eq!(api.status(post("/contacts", &named("Ada"))).await, 201);
    }
    assert_eq!(api.send(get("/contacts")).await.contacts(), ["Ada", "Ada"]);
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_refused() {
    let api = Api::new();
    for key in ["", "\"open", &"k".repeat(256)] {
        assert_eq!(api.status(post("/contacts", &named("Ada")).key(key)).await, 400);
    }
}

#[tokio::test]
async fn another_owners_key_is_another() {
    let api = Api::new();
    let first = api.send(post("/contacts", &named("Ada")).key("k1")).await;
    let other = api.send(post("/contacts", &named("Ada")).key("k1").of(eve())).await;
    assert_eq!(other.status.as_u16(), 201);
    assert_ne!(other.body["id"], first.body["id"]);
    assert_eq!(api.status(post("/contacts", &named("Eve")).key("k1").of(eve())).await, 422);
}

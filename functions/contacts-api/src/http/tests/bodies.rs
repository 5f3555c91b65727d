//! Bodies: media types, codings, sizes, JSON, faults.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::Method;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::json;
use test_case::test_case;

use super::api::{Api, Ask, ask, get, named, patch, post, put};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn names_every_fault_of_a_contact() {
    let body = json!({"names": {}, "emails": [{"address": "nowhere"}]});
    let answer = Api::new().send(post("/contacts", &body)).await;
    assert_eq!(answer.status.as_u16(), 422);
    assert_eq!(answer.body["errors"][0]["pointer"], "/names");
    assert_eq!(answer.body["errors"][1]["pointer"], "/emails/0/address");
}

#[tokio::test]
async fn says_where_a_body_stops_being_json() {
    let ask = ask(Method::POST, "/contacts").header(CONTENT_TYPE, "application/json; charset=utf-8");
    let answer = Api::new().send(ask.bytes("{\"secret\": tru")).await;
    assert_eq!(answer.status.as_u16(), 400);
    assert_eq!(answer.body["detail"], "the body is not JSON (line 1, column 14)");
}

#[tokio::test]
async fn each_method_takes_its_media_type_only() {
    let api = Api::new();
    let path = api.created("Ada").await;
    let no_type = |ask: Ask| ask.header(CONTENT_TYPE, "");
    for (ask, hint) in [
        (post("/contacts", &named("Ada")).header(CONTENT_TYPE, "text/plain"), "application/json"),
        (no_type(post("/contacts", &named("Ada"))), "application/json"),
        (put(&path, &named("Ada")).header(CONTENT_TYPE, "application/merge-patch+json"), "application/json"),
        (patch(&path, &named("Ada")).header(CONTENT_TYPE, "application/json"), "application/merge-patch+json"),
        (no_type(patch(&path, &named("Ada"))), "application/merge-patch+json"),
    ] {
        let answer = api.send(ask).await;
        assert_eq!(answer.status.as_u16(), 415);
        let hints = [answer.headers.get(ACCEPT), answer.headers.get("accept-patch")];
        assert_eq!(hints.into_iter().flatten().collect::<Vec<_>>(), [hint]);
    }
    assert_eq!(api.send(get(&path)).await.etag(), "\"1\"");
}

#[test_case("gzip")]
#[test_case("x-gzip")]
#[test_case("GZIP")]
#[tokio::test]
async fn takes_compressed_bodies(coding: &str) {
    let api = Api::new();
    let path = api.created("Ada").await;
    let compressed = |ask: Ask, body| ask.header(CONTENT_ENCODING, coding).bytes(gzip(body));
    let body = r#"{"names":{"given":"Augusta"}}"#;
    assert_eq!(api.status(compressed(post("/contacts", &json!(null)), body)).await, 201);
    assert_eq!(api.status(compressed(put(&path, &json!(null)), body)).await, 200);
    let patched = api.send(compressed(patch(&path, &json!(null)), r#"{"title":"Countess"}"#)).await;
    assert_eq!((&patched.body["names"]["given"], &patched.body["title"]), (&json!("Augusta"), &json!("Countess")));
}

#[tokio::test]
async fn takes_no_other_coding() {
    for coding in ["br", "gzip, gzip", "deflate"] {
        let answer = Api::new().send(post("/contacts", &named("Ada")).header(CONTENT_ENCODING, coding)).await;
        assert_eq!((answer.status.as_u16(), answer.header(ACCEPT_ENCODING)), (415, "gzip"));
    }
    let claims = post("/contacts", &named("Ada")).header(CONTENT_ENCODING, "gzip");
    assert_eq!(Api::new().status(claims).await, 400);
}

#[tokio::test]
async fn takes_no_more_than_a_contact_can_be() {
    let api = Api::new();
    let path = api.created("Ada").await;
    let text = named(&"x".repeat(300_000)).to_string();
    for ask in [post("/contacts", &json!(null)), put(&path, &json!(null)), patch(&path, &json!(null))] {
        assert_eq!(api.status(ask.clone().bytes(text.clone())).await, 413);
        // It is the plain size that counts: 300 bytes can become a gigabyte.
        let small = gzip(&text);
        assert!(small.len() < 1_000);
        assert_eq!(api.status(ask.header(CONTENT_ENCODING, "gzip").bytes(small)).await, 413);
    }
}

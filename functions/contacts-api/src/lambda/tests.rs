//! The events of `events/apigateway`, each as a request; and the suite of `template.yaml`, whose events are such ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use axum::body::Body;
use http::Request;
use http::header::COOKIE;
use http_body_util::BodyExt as _;
use serde_json::json;
use test_case::test_case;

use super::{HandlerError, HttpEvent, RequestError, handle};
use crate::domain::Owner;
use crate::http::Caller::{self, Known, Unnamed};
use crate::http::app;
use crate::settings::About;
use crate::store::Memory;

/// Every case of the directory; `request_of` reads no other.
const CASES: [&str; 7] = [
    "cookies-and-lambda-authorizer",
    "get-decoded-path",
    "get-without-body",
    "jwt-without-subject",
    "post-base64-body",
    "rest-api-payload-1",
    "suite-shortest",
];

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/apigateway")
}

fn event(case: &str) -> HttpEvent {
    assert!(CASES.contains(&case));
    serde_json::from_str(&fs::read_to_string(directory().join(case).with_extension("json")).unwrap()).unwrap()
}

fn request_of(case: &str) -> Request<Body> {
    event(case).into_request().unwrap()
}

fn router() -> axum::Router {
    app(Memory::default(), About { commit: "c".into(), release: "r".into(), function_version: "1".into() })
}

#[test]
fn every_event_has_a_test_and_an_origin() {
    let origins = fs::read_to_string(directory().join("ORIGINS.md")).unwrap();
    let files = fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
    let json: BTreeSet<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(json, CASES.map(str::to_owned).into());
    for case in CASES {
        assert!(origins.contains(&format!("`{case}.json`")), "{case} has no origin");
    }
}

#[test_case("get-without-body", "GET", "/", Known(Owner::everyone()))]
#[test_case("suite-shortest", "GET", "/health", Known(Owner::everyone()))]
#[test_case("post-base64-body", "POST", "/contacts", Known(Owner::subject("ada")))]
#[test_case(
    "get-decoded-path",
    "GET",
    "/contacts/ada%20lovelace%3F%23%C3%BC?cursor=a%20b&limit=2",
    Known(Owner::everyone())
)]
#[test_case("cookies-and-lambda-authorizer", "GET", "/my/path?Parameter1=value1&Parameter1=value2", Unnamed)]
#[test_case("jwt-without-subject", "GET", "/my/path?parameter1=value1&parameter1=value2&parameter2=value", Unnamed)]
fn makes_requests_of_events(case: &str, method: &str, uri: &str, caller: Caller) {
    let request = request_of(case);
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), (method, uri));
    assert_eq!(request.extensions().get::<Caller>(), Some(&caller));
}

#[tokio::test]
async fn decodes_bodies() {
    let body = request_of("post-base64-body").into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, r#"{"names":{"given":"Ada"}}"#);
    let body = request_of("get-without-body").into_body().collect().await.unwrap().to_bytes();
    assert!(body.is_empty());
}

#[test]
fn joins_cookies_and_keeps_headers() {
    let request = request_of("cookies-and-lambda-authorizer");
    assert_eq!(request.headers()[COOKIE], "cookie1; cookie2");
    assert_eq!(request.headers()["header2"], "value1,value2");
}

#[tokio::test]
async fn an_event_of_another_kind_is_an_error_of_the_function() {
    let error = handle(&router(), event("rest-api-payload-1")).await.unwrap_err();
    assert!(matches!(error, HandlerError::Request(RequestError::NotHttp)));
    assert_eq!(lambda_runtime::Diagnostic::from(error).error_type, "BadEvent");
}

#[tokio::test]
async fn what_a_user_sent_is_never_an_error_of_the_function() {
    for broken in [
        json!({"requestContext": {"http": {"method": "POST"}}, "isBase64Encoded": true, "body": "?"}),
        json!({"requestContext": {"http": {"method": "G E T"}}}),
        json!({"requestContext": {"http": {"method": "GET"}}, "headers": {"a b": "c"}}),
    ] {
        let reply = handle(&router(), serde_json::from_value(broken).unwrap()).await.unwrap();
        assert_eq!(serde_json::to_value(reply).unwrap()["statusCode"], 400);
    }
}

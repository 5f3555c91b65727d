//! The events of `events/apigateway`, `events/alb` and `events/function-url`, each as a request and with its answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use axum::body::Body;
use http::Request;
use http::header::COOKIE;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use test_case::test_case;

use super::{Form, HandlerError, HttpEvent, RequestError, handle};
use crate::domain::Owner;
use crate::http::Caller::{self, Known, Unnamed};
use crate::http::app;
use crate::settings::About;
use crate::store::Memory;

const API_GATEWAY: &str = "events/apigateway";
const ALB: &str = "events/alb";
const FUNCTION_URL: &str = "events/function-url";

/// Every case by its directory; `event` reads no other.
const CASES: [(&str, &[&str]); 3] = [
    (
        API_GATEWAY,
        &[
            "cookies-and-lambda-authorizer",
            "get-decoded-path",
            "get-without-body",
            "iam-cognito-identity",
            "jwt-named-stage",
            "jwt-without-subject",
            "lambda-authorizer-subject",
            "payload-1",
            "payload-1-named-stage",
            "post-base64-body",
            "rest-cognito-decoded-query",
            "rest-iam-custom-domain",
            "rest-lambda-authorizer",
            "rest-without-authorizer",
            "suite-shortest",
            "websocket-connect",
        ],
    ),
    (ALB, &["get", "get-encoded-query-with-oidc-headers", "get-multi-value", "health-check"]),
    (FUNCTION_URL, &["get-public", "get-signed"]),
];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn event(source: &str, case: &str) -> HttpEvent {
    assert!(CASES.iter().any(|(known, cases)| *known == source && cases.contains(&case)), "{source}/{case}");
    serde_json::from_str(&read(&format!("{source}/{case}.json"))).unwrap()
}

fn request_of(source: &str, case: &str) -> Request<Body> {
    event(source, case).into_request(Some("v1")).unwrap()
}

fn router() -> axum::Router {
    app(Memory::default(), About { commit: "c".into(), release: "r".into(), function_version: "1".into() })
}

async fn replied(source: &str, case: &str) -> Value {
    serde_json::to_value(handle(&router(), None, event(source, case)).await.unwrap()).unwrap()
}

#[test]
fn every_event_has_a_test_and_an_origin() {
    for (source, cases) in CASES {
        let origins = read(&format!("{source}/ORIGINS.md"));
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(source);
        let files: BTreeSet<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
            .collect();
        assert_eq!(files, cases.iter().map(|case| (*case).to_owned()).collect());
        for case in cases {
            assert!(origins.contains(&format!("`{case}.json`")), "{source}/{case} has no origin");
        }
    }
}

fn jwt(issuer: &str, subject: &str) -> Option<Caller> {
    Some(Known(Owner::subject(format!("jwt|{issuer}|{subject}"))))
}

fn iam(name: &str) -> Option<Caller> {
    Some(Known(Owner::subject(format!("iam|{name}"))))
}

fn authorizer(name: &str) -> Option<Caller> {
    Some(Known(Owner::subject(format!("authorizer|{name}"))))
}

#[test_case("get-without-body", "GET", "/", None)]
#[test_case("suite-shortest", "GET", "/health", None)]
#[test_case("post-base64-body", "POST", "/contacts", jwt("", "ada"))]
#[test_case("get-decoded-path", "GET", "/contacts/ada%20lovelace%3F%23%C3%BC?cursor=a%20b&limit=2", None)]
#[test_case("cookies-and-lambda-authorizer", "GET", "/my/path?Parameter1=value1&Parameter1=value2", Some(Unnamed))]
#[test_case(
    "jwt-without-subject",
    "GET",
    "/my/path?parameter1=value1&parameter1=value2&parameter2=value",
    Some(Unnamed)
)]
#[test_case("jwt-named-stage", "GET", "/contacts?limit=2", jwt("https://issuer.example.com/", "ada"))]
#[test_case("lambda-authorizer-subject", "GET", "/contacts", authorizer("ada"))]
#[test_case(
    "iam-cognito-identity",
    "GET",
    "/my/path?parameter1=value1&parameter1=value2&parameter2=value",
    Some(Known(Owner::subject("cognito-identity|us-east-1:3f291106-8703-466b-8f2b-3ecee1ca56ce")))
)]
fn makes_requests_of_payload_2(case: &str, method: &str, uri: &str, caller: Option<Caller>) {
    expect(API_GATEWAY, case, Form::Payload2, (method, uri, caller));
}

#[test_case("payload-1", "GET", "/my/path?parameter1=value1", None)]
#[test_case("payload-1-named-stage", "GET", "/contacts", jwt("https://issuer.example.com/", "ada"))]
#[test_case("rest-without-authorizer", "GET", "/test", None)]
#[test_case("rest-lambda-authorizer", "POST", "/hello/world?name=me&name=me2", authorizer("admin"))]
#[test_case(
    "rest-cognito-decoded-query",
    "GET",
    "/contacts?email=ada%2Btag%40example.com&tag=a%26b&tag=c%20d",
    jwt("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc", "ada")
)]
#[test_case("rest-iam-custom-domain", "GET", "/contacts", iam("AIDACKCEVSQ6C2EXAMPLE"))]
fn makes_requests_of_payload_1(case: &str, method: &str, uri: &str, caller: Option<Caller>) {
    expect(API_GATEWAY, case, Form::Payload1, (method, uri, caller));
}

#[test_case("get-public", "/contacts", None)]
#[test_case("get-signed", "/contacts/01ARZ3NDEKTSV4RRFFQ69G5FAV%20?a=%20b&a=c", iam("AIDACKCEVSQ6C2EXAMPLE"))]
fn makes_requests_of_function_urls(case: &str, uri: &str, caller: Option<Caller>) {
    expect(FUNCTION_URL, case, Form::Payload2, ("GET", uri, caller));
}

#[test_case("get", Form::LoadBalancer, "/?key=hello")]
#[test_case("health-check", Form::LoadBalancer, "/health")]
#[test_case("get-multi-value", Form::LoadBalancerMultiValue, "/?key=hello")]
#[test_case(
    "get-encoded-query-with-oidc-headers",
    Form::LoadBalancerMultiValue,
    "/contacts?email=ada%2Btag%40example.com&limit=2"
)]
fn makes_requests_of_load_balancers_and_believes_no_identity(case: &str, form: Form, uri: &str) {
    expect(ALB, case, form, ("GET", uri, None));
}

fn expect(source: &str, case: &str, form: Form, (method, uri, caller): (&str, &str, Option<Caller>)) {
    assert_eq!(event(source, case).form().unwrap(), form);
    let request = request_of(source, case);
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), (method, uri));
    assert_eq!(request.extensions().get::<Caller>(), caller.as_ref());
}

#[tokio::test]
async fn decodes_bodies() {
    let body = async |case| request_of(API_GATEWAY, case).into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body("post-base64-body").await, r#"{"names":{"given":"Ada"}}"#);
    assert!(body("get-without-body").await.is_empty());
    assert!(body("rest-without-authorizer").await.is_empty());
    assert_eq!(body("rest-lambda-authorizer").await, "{\r\n\t\"a\": 1\r\n}");
}

#[test]
fn joins_cookies_and_keeps_headers() {
    let request = request_of(API_GATEWAY, "cookies-and-lambda-authorizer");
    assert_eq!(request.headers()[COOKIE], "cookie1; cookie2");
    assert_eq!(request.headers()["header2"], "value1,value2");
    let request = request_of(API_GATEWAY, "rest-cognito-decoded-query");
    assert_eq!(request.headers().get_all("x-several").iter().collect::<Vec<_>>(), ["1", "2"]);
}

#[tokio::test]
async fn answers_everybody_in_their_own_form() {
    let payload_2 = replied(FUNCTION_URL, "get-signed").await;
    assert_eq!(payload_2["headers"]["content-type"], "application/problem+json");
    assert_eq!(payload_2.get("statusDescription"), None);
    let payload_1 = replied(API_GATEWAY, "rest-without-authorizer").await;
    assert_eq!(payload_1["multiValueHeaders"]["content-type"], json!(["application/problem+json"]));
    let balanced = replied(ALB, "health-check").await;
    assert_eq!((&balanced["statusCode"], &balanced["statusDescription"]), (&json!(200), &json!("200 OK")));
    assert_eq!(balanced["headers"]["content-type"], "application/json");
    let balanced = replied(ALB, "get-encoded-query-with-oidc-headers").await;
    assert_eq!((&balanced["statusCode"], &balanced["statusDescription"]), (&json!(401), &json!("401 Unauthorized")));
    assert_eq!(balanced["multiValueHeaders"]["content-type"], json!(["application/problem+json"]));
}

#[tokio::test]
async fn an_event_of_another_kind_is_an_error_of_the_function() {
    let error = handle(&router(), None, event(API_GATEWAY, "websocket-connect")).await.unwrap_err();
    assert!(matches!(error, HandlerError::Request(RequestError::NotHttp)));
    assert_eq!(lambda_runtime::Diagnostic::from(error).error_type, "BadEvent");
}

#[test_case(json!({"requestContext": {"http": {"method": "POST"}}, "isBase64Encoded": true, "body": "?"}); "body")]
#[test_case(json!({"requestContext": {"http": {"method": "G E T"}}}); "method")]
#[test_case(json!({"requestContext": {"http": {"method": "GET"}}, "headers": {"a b": "c"}}); "name of a header")]
#[test_case(json!({"requestContext": {"http": {"method": "GET"}}, "cookies": ["a\nb"]}); "cookie")]
#[test_case(json!({"httpMethod": "GET", "path": "/", "multiValueHeaders": {"a": ["b\u{0}"]}}); "value of a header")]
#[test_case(json!({"httpMethod": "", "path": "/", "requestContext": {"elb": {}}}); "no method")]
#[tokio::test]
async fn what_a_user_sent_is_never_an_error_of_the_function(broken: Value) {
    let reply = handle(&router(), None, serde_json::from_value(broken).unwrap()).await.unwrap();
    assert_eq!(reply.status(), 400);
}

/// Everything that a client may choose of a request, in each kind of event.
fn events(path: &str, query: &str, header: (&str, &str), body: &str, base64: bool) -> [Value; 4] {
    let (headers, lists) = (json!({ header.0: header.1 }), json!({ header.0: [header.1] }));
    let (one, many) = (json!({ query: body }), json!({ query: [body, path] }));
    [
        json!({
            "rawPath": path, "rawQueryString": query, "headers": headers, "cookies": [header.1], "body": body,
            "isBase64Encoded": base64, "requestContext": {"http": {"method": "POST"}, "stage": "prod"},
        }),
        json!({
            "path": path, "httpMethod": "POST", "multiValueHeaders": lists, "multiValueQueryStringParameters": many,
            "body": body, "isBase64Encoded": base64, "requestContext": {"path": path, "stage": "prod"},
        }),
        json!({
            "path": path, "httpMethod": "GET", "headers": headers, "queryStringParameters": one,
            "body": body, "isBase64Encoded": base64, "requestContext": {"elb": {}},
        }),
        json!({
            "path": path, "httpMethod": header.0, "multiValueHeaders": lists, "multiValueQueryStringParameters": many,
            "body": null, "requestContext": {"elb": {}},
        }),
    ]
}

proptest::proptest! {
    #[test]
    fn no_request_whatever_is_in_it_is_an_error_of_the_function(
        path: String, query: String, name: String, value: String, body: String, base64: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for event in events(&path, &query, (&name, &value), &body, base64) {
            let event: HttpEvent = serde_json::from_value(event).unwrap();
            let reply = runtime.block_on(handle(&router(), Some("v1"), event)).unwrap();
            assert!(reply.status().as_u16() < 500, "{}", reply.status());
        }
    }
}

//! The API through its router, over the store in memory.

use axum::body::Body;
use http::header::{ALLOW, CONTENT_TYPE, LOCATION, WWW_AUTHENTICATE};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use test_case::test_case;
use tower::ServiceExt as _;

use super::{Caller, app};
use crate::domain::Owner;
use crate::settings::About;
use crate::store::Memory;

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Value,
}

struct Api(axum::Router);

impl Api {
    fn new() -> Self {
        let about = About { commit: "c0ffee".into(), release: "sha256".into(), function_version: "7".into() };
        Self(app(Memory::default(), about))
    }

    async fn send(&self, caller: Option<Caller>, request: Request<Body>) -> Answer {
        let mut request = request;
        if let Some(caller) = caller {
            request.extensions_mut().insert(caller);
        }
        let (parts, body) = self.0.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.call_as(Owner::everyone(), method, path, body).await
    }

    async fn call_as(&self, owner: Owner, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder().method(method).uri(path).header(CONTENT_TYPE, "application/json");
        self.send(Some(Caller::Known(owner)), request.body(body).unwrap()).await
    }

    async fn created(&self, given: &str) -> String {
        let answer = self.call(Method::POST, "/contacts", Some(json!({"names": {"given": given}}))).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        format!("/contacts/{}", answer.body["id"].as_str().unwrap())
    }
}

#[tokio::test]
async fn creates_reads_replaces_and_removes_a_contact() {
    let api = Api::new();
    let body = json!({"names": {"given": "Ada"}, "emails": [{"address": "ada@example.com"}]});
    let created = api.call(Method::POST, "/contacts", Some(body)).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let path = created.headers[LOCATION].to_str().unwrap().to_owned();
    assert_eq!(created.body["createdAt"], created.body["updatedAt"]);

    let read = api.call(Method::GET, &path, None).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, &created.body));

    let mut changed = read.body.clone();
    changed["names"]["family"] = json!("Lovelace");
    changed["emails"] = json!([]);
    let replaced = api.call(Method::PUT, &path, Some(changed)).await;
    assert_eq!(replaced.status, StatusCode::OK);
    assert_eq!(replaced.body["names"], json!({"given": "Ada", "family": "Lovelace"}));
    assert_eq!(replaced.body["emails"], json!([]));
    assert_eq!((&replaced.body["id"], &replaced.body["createdAt"]), (&read.body["id"], &read.body["createdAt"]));

    assert_eq!(api.call(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(api.call(method, &path, None).await.status, StatusCode::NOT_FOUND);
    }
    let back = api.call(Method::PUT, &path, Some(json!({"names": {"given": "Ada"}}))).await;
    assert_eq!(back.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn lists_in_pages_until_there_is_no_next() {
    let api = Api::new();
    for given in ["a", "b", "c"] {
        api.created(given).await;
    }
    let first = api.call(Method::GET, "/contacts?limit=2", None).await;
    assert_eq!(first.body["contacts"].as_array().unwrap().len(), 2);
    let next = format!("/contacts?limit=2&cursor={}", first.body["next"].as_str().unwrap());
    let second = api.call(Method::GET, &next, None).await;
    assert_eq!(second.body["contacts"].as_array().unwrap().len(), 1);
    assert_eq!(second.body.get("next"), None);
}

#[test_case("limit=0"; "no page is empty")]
#[test_case("limit=101"; "no page is huge")]
#[test_case("limit=many"; "a limit is a number")]
#[test_case("cursor=nonsense"; "a cursor comes from a list")]
#[tokio::test]
async fn refuses_a_query_that_cannot_be_used(query: &str) {
    let answer = Api::new().call(Method::GET, &format!("/contacts?{query}"), None).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.headers[CONTENT_TYPE], "application/problem+json");
}

#[tokio::test]
async fn names_every_fault_of_a_contact() {
    let body = json!({"names": {}, "emails": [{"address": "nowhere"}]});
    let answer = Api::new().call(Method::POST, "/contacts", Some(body)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.body["errors"][0]["pointer"], "/names");
    assert_eq!(answer.body["errors"][1]["pointer"], "/emails/0/address");
}

#[tokio::test]
async fn says_where_a_body_stops_being_json() {
    let request = Request::post("/contacts").header(CONTENT_TYPE, "application/json; charset=utf-8");
    let answer =
        Api::new().send(Some(Caller::Known(Owner::everyone())), request.body("{\"secret\": tru".into()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.body["detail"], "the body is not JSON (line 1, column 14)");
}

#[tokio::test]
async fn takes_json_only_and_not_too_much_of_it() {
    let api = Api::new();
    let form = Request::post("/contacts").header(CONTENT_TYPE, "text/plain").body("{}".into()).unwrap();
    assert_eq!(api.send(Some(Caller::Known(Owner::everyone())), form).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let huge = json!({"names": {"given": "x".repeat(300_000)}});
    assert_eq!(api.call(Method::POST, "/contacts", Some(huge)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn answers_for_what_does_not_exist() {
    let api = Api::new();
    for path in ["/nowhere", "/contacts/00000000000000000000000000", "/contacts/not-a-ulid"] {
        let answer = api.call(Method::GET, path, None).await;
        assert_eq!((answer.status, &answer.body["status"]), (StatusCode::NOT_FOUND, &json!(404)));
    }
    let answer = api.call(Method::PATCH, "/contacts", None).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers[ALLOW], "GET,HEAD,POST");
    assert_eq!(answer.body["title"], "Method Not Allowed");
}

#[tokio::test]
async fn keeps_owners_apart() {
    let api = Api::new();
    let path = api.created("Ada").await;
    let eve = || Owner::subject("eve");
    let body = || Some(json!({"names": {"given": "Eve"}}));
    for (method, body) in [(Method::GET, None), (Method::PUT, body()), (Method::DELETE, None)] {
        assert_eq!(api.call_as(eve(), method, &path, body).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(api.call_as(eve(), Method::GET, "/contacts", None).await.body["contacts"], json!([]));
    assert_eq!(api.call(Method::GET, &path, None).await.body["names"]["given"], "Ada");
}

#[test_case(None => StatusCode::UNAUTHORIZED; "nobody")]
#[test_case(Some(Caller::Unnamed) => StatusCode::FORBIDDEN; "somebody without a name")]
#[tokio::test]
async fn reaches_no_contact_without_an_owner(caller: Option<Caller>) -> StatusCode {
    let answer = Api::new().send(caller, Request::get("/contacts").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers.contains_key(WWW_AUTHENTICATE), answer.status == StatusCode::UNAUTHORIZED);
    answer.status
}

#[tokio::test]
async fn says_what_is_running() {
    let answer = Api::new().call(Method::GET, "/version", None).await;
    assert_eq!(answer.body["commit"], "c0ffee");
    assert_eq!(answer.body["release"], "sha256");
    assert_eq!(answer.body["functionVersion"], "7");
}

#[tokio::test]
async fn answers_health_checks() {
    assert_eq!(Api::new().call(Method::GET, "/health", None).await.status, StatusCode::OK);
}

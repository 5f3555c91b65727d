//! The API and the requests of the tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::super::body::{JSON, MERGE_PATCH};
use super::super::state::{Api as State, Now};
use super::super::{ApiSettings, Caller, router};
use crate::domain::Owner;
use crate::settings::About;
use crate::store::{Memory, Store};

pub(super) fn ada() -> Owner {
    Owner::subject("ada")
}

pub(super) fn eve() -> Owner {
    Owner::subject("eve")
}

/// A request of Ada's, unless somebody else asks.
#[derive(Clone)]
pub(super) struct Ask {
    caller: Option<Caller>,
    method: Method,
    uri: String,
    headers: HeaderMap,
    body: Bytes,
}

pub(super) fn ask(method: Method, uri: &str) -> Ask {
    let caller = Some(Caller::Known(ada()));
    Ask { caller, method, uri: uri.to_owned(), headers: HeaderMap::new(), body: Bytes::new() }
}

pub(super) fn get(uri: &str) -> Ask {
    ask(Method::GET, uri)
}

pub(super) fn delete(uri: &str) -> Ask {
    ask(Method::DELETE, uri)
}

pub(super) fn post(uri: &str, body: &Value) -> Ask {
    ask(Method::POST, uri).json(JSON, body)
}

pub(super) fn put(uri: &str, body: &Value) -> Ask {
    ask(Method::PUT, uri).json(JSON, body)
}

pub(super) fn patch(uri: &str, body: &Value) -> Ask {
    ask(Method::PATCH, uri).json(MERGE_PATCH, body)
}

/// The body of the smallest contact: a given name.
pub(super) fn named(given: &str) -> Value {
    json!({"names": {"given": given}})
}

impl Ask {
    fn json(self, media_type: &'static str, body: &Value) -> Self {
        self.header(CONTENT_TYPE, media_type).bytes(body.to_string())
    }

    pub(super) fn bytes(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.insert(name, HeaderValue::from_str(value).unwrap());
        self
    }

    pub(super) fn key(self, key: &str) -> Self {
        self.header(HeaderName::from_static("idempotency-key"), key)
    }

    pub(super) fn of(self, owner: Owner) -> Self {
        self.by(Some(Caller::Known(owner)))
    }

    pub(super) fn by(self, caller: Option<Caller>) -> Self {
        Self { caller, ..self }
    }
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) bytes: Bytes,
    /// The body, if it is JSON.
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn header(&self, name: impl Into<HeaderName>) -> &str {
        self.headers.get(name.into()).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn etag(&self) -> &str {
        self.header(ETAG)
    }

    pub(super) fn contacts(&self) -> Vec<&str> {
        let contacts = self.body["contacts"].as_array().unwrap();
        contacts.iter().map(|contact| contact["names"]["given"].as_str().unwrap()).collect()
    }
}

/// The API, and the time it is there.
pub(super) struct Api {
    router: Router,
    milliseconds: Arc<AtomicI64>,
}

impl Api {
    pub(super) fn new() -> Self {
        Self::over(Memory::default())
    }

    pub(super) fn over(store: impl Store + Clone + Send + Sync + 'static) -> Self {
        Self::with(store, |_| {})
    }

    pub(super) fn with(
        store: impl Store + Clone + Send + Sync + 'static,
        change: impl FnOnce(&mut ApiSettings),
    ) -> Self {
        let about = About { commit: "c0ffee".into(), release: "sha256".into(), function_version: "7".into() };
        let mut settings = ApiSettings::from(about);
        change(&mut settings);
        let milliseconds = Arc::new(AtomicI64::new(1_700_000_000_123));
        let clock = Arc::clone(&milliseconds);
        let now = Now::new(move || Timestamp::from_millisecond(clock.load(Ordering::Relaxed)).unwrap());
        Self { router: router(State { store, now }, settings), milliseconds }
    }

    pub(super) fn pass(&self, milliseconds: i64) {
        self.milliseconds.fetch_add(milliseconds, Ordering::Relaxed);
    }

    pub(super) async fn send(&self, ask: Ask) -> Answer {
        let mut request = Request::builder().method(ask.method).uri(ask.uri).body(Body::from(ask.body)).unwrap();
        *request.headers_mut() = ask.headers;
        if let Some(caller) = ask.caller {
            request.extensions_mut().insert(caller);
        }
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        let answer = Answer { status: parts.status, headers: parts.headers, bytes, body };
        if answer.status.is_client_error() || answer.status.is_server_error() {
            assert_is_a_problem(&answer);
        }
        answer
    }

    /// The status of the answer.
    pub(super) async fn status(&self, ask: Ask) -> u16 {
        self.send(ask).await.status.as_u16()
    }

    /// The path of a new contact of Ada's.
    pub(super) async fn created(&self, given: &str) -> String {
        let answer = self.send(post("/contacts", &named(given))).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        format!("/contacts/{}", answer.body["id"].as_str().unwrap())
    }
}

/// RFC 9457, for every answer that is not a success; to HEAD it has no body.
fn assert_is_a_problem(answer: &Answer) {
    assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json");
    if !answer.bytes.is_empty() {
        assert_eq!(answer.body["status"], answer.status.as_u16());
        assert_eq!(answer.body["title"], answer.status.canonical_reason().unwrap());
        assert!(!answer.body["detail"].as_str().unwrap().is_empty());
    }
}

//! The store's failures, as the client hears them; and writers that meet.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::response::IntoResponse as _;
use http::header::{IF_MATCH, RETRY_AFTER};
use serde_json::json;
use slipway_shared::call::CallError;
use test_case::test_case;

use super::super::ApiError;
use super::api::{Api, Ask, delete, get, named, patch, post, put};
use crate::domain::{Contact, ContactId, Fields, Listing, Owner, Page};
use crate::store::{
    CreateContact, Created, ListContacts, Memory, Once, ReadContact, RemoveContact, ReplaceContact, StoreError,
    WriteError,
};

/// A store in which another request comes first, so often.
#[derive(Clone, Default)]
struct Contested {
    inner: Memory,
    rivals: Arc<AtomicU8>,
}

impl Contested {
    fn by(rivals: u8) -> Self {
        Self { inner: Memory::default(), rivals: Arc::new(AtomicU8::new(rivals)) }
    }

    async fn overtake(&self, contact: &Contact) -> Result<(), WriteError> {
        let left = self.rivals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        let Ok(_) = left else { return Ok(()) };
        let current = self.inner.read(&contact.owner, contact.id).await?.unwrap();
        let fields = Fields { title: Some("Rival".to_owned()), ..current.fields.clone() };
        self.inner.replace(&current, &current.revised(fields, current.updated_at)).await
    }
}

impl ReadContact for Contested {
    async fn read(&self, owner: &Owner, id: ContactId) -> Result<Option<Contact>, StoreError> {
        self.inner.read(owner, id).await
    }
}

impl CreateContact for Contested {
    async fn create(&self, contact: &Contact, once: Option<&Once>) -> Result<Created, WriteError> {
        self.inner.create(contact, once).await
    }
}

impl ReplaceContact for Contested {
    async fn replace(&self, before: &Contact, after: &Contact) -> Result<(), WriteError> {
        self.overtake(before).await?;
        self.inner.replace(before, after).await
    }
}

impl RemoveContact for Contested {
    async fn remove(&self, before: &Contact) -> Result<(), WriteError> {
        self.overtake(before).await?;
        self.inner.remove(before).await
    }
}

impl ListContacts for Contested {
    async fn list(&self, owner: &Owner, listing: &Listing) -> Result<Page, StoreError> {
        self.inner.list(owner, listing).await
    }
}

#[tokio::test]
async fn a_patch_that_was_overtaken_keeps_what_the_other_wrote() {
    let api = Api::over(Contested::by(2));
    let path = api.created("Ada").await;
    let patched = api.send(patch(&path, &json!({"company": "Analytical Engines"}))).await;
    assert_eq!((patched.status.as_u16(), patched.etag()), (200, "\"4\""));
    assert_eq!((&patched.body["title"], &patched.body["company"]), (&json!("Rival"), &json!("Analytical Engines")));
    assert_eq!(api.send(get(&path)).await.body, patched.body);
}

#[tokio::test]
async fn a_replacement_or_a_removal_that_was_overtaken_happens_after_all() {
    let api = Api::over(Contested::by(1));
    let path = api.created("Ada").await;
    assert_eq!(api.status(put(&path, &named("Augusta"))).await, 200);
    let api = Api::over(Contested::by(1));
    let path = api.created("Ada").await;
    assert_eq!(api.status(delete(&path)).await, 204);
    assert_eq!(api.status(get(&path)).await, 404);
}

#[tokio::test]
async fn who_demands_a_state_loses_to_whoever_changed_it_meanwhile() {
    for change in 0..3 {
        let api = Api::over(Contested::by(1));
        let path = api.created("Ada").await;
        let asks = [put(&path, &named("A")), patch(&path, &named("A")), delete(&path)];
        assert_eq!(api.status(asks[change].clone().header(IF_MATCH, "\"1\"")).await, 412);
        let left = api.send(get(&path)).await;
        assert_eq!((&left.body["title"], left.etag()), (&json!("Rival"), "\"2\""));
    }
}

#[tokio::test]
async fn who_is_overtaken_again_and_again_is_told() {
    let api = Api::over(Contested::by(u8::MAX));
    let path = api.created("Ada").await;
    for ask in [put(&path, &named("A")), patch(&path, &named("A")), delete(&path)] {
        assert_eq!(api.status(ask).await, 409);
    }
}

/// A store that fails each time, as `failure` says.
#[derive(Clone)]
struct Failing(fn() -> CallError);

impl Failing {
    fn error(&self) -> StoreError {
        StoreError::Call(self.0())
    }
}

impl ReadContact for Failing {
    async fn read(&self, _: &Owner, _: ContactId) -> Result<Option<Contact>, StoreError> {
        Err(self.error())
    }
}

impl CreateContact for Failing {
    async fn create(&self, _: &Contact, _: Option<&Once>) -> Result<Created, WriteError> {
        Err(self.error().into())
    }
}

impl ReplaceContact for Failing {
    async fn replace(&self, _: &Contact, _: &Contact) -> Result<(), WriteError> {
        Err(self.error().into())
    }
}

impl RemoveContact for Failing {
    async fn remove(&self, _: &Contact) -> Result<(), WriteError> {
        Err(self.error().into())
    }
}

impl ListContacts for Failing {
    async fn list(&self, _: &Owner, _: &Listing) -> Result<Page, StoreError> {
        Err(self.error())
    }
}

fn throttled() -> CallError {
    CallError::Throttled { operation: "GetItem", source: "ProvisionedThroughputExceededException: table".into() }
}

fn unavailable() -> CallError {
    CallError::Unavailable { operation: "GetItem", source: "no route to table".into() }
}

fn denied() -> CallError {
    CallError::Denied { operation: "GetItem", source: "AccessDeniedException: table".into() }
}

#[test_case(throttled, 503, "1"; "throttled")]
#[test_case(unavailable, 503, "1"; "unavailable")]
#[test_case(denied, 500, ""; "denied")]
#[tokio::test]
async fn a_store_that_fails_is_our_fault_and_says_no_more(failure: fn() -> CallError, status: u16, retry: &str) {
    let api = Api::over(Failing(failure));
    let path = "/contacts/00000000000000000000000000";
    let asks: [Ask; 6] = [
        get("/contacts"),
        post("/contacts", &named("A")),
        get(path),
        put(path, &named("A")),
        patch(path, &named("A")),
        delete(path),
    ];
    for ask in asks {
        let answer = api.send(ask).await;
        assert_eq!((answer.status.as_u16(), answer.header(RETRY_AFTER)), (status, retry));
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("table"));
    }
}

/// Two identities of one millisecond can meet, in theory.
#[tokio::test]
async fn a_contact_that_exists_already_is_a_conflict() {
    let answer = ApiError::from(WriteError::Exists).into_response();
    assert_eq!(answer.status().as_u16(), 409);
}

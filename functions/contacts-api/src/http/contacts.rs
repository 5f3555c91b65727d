//! `/contacts` and `/contacts/{id}`.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;

use super::error::ApiError;
use super::input::{Draft, PageQuery, PathId};
use super::output::{Answer, json};
use crate::domain::{Contact, Owner};
use crate::store::{CreateContact, ListContacts, ReadContact, RemoveContact, ReplaceContact};

pub(super) async fn list<S: ListContacts>(State(store): State<S>, owner: Owner, query: PageQuery) -> Answer {
    json(StatusCode::OK, &store.list(&owner, &query.0).await?)
}

pub(super) async fn create<S: CreateContact>(State(store): State<S>, owner: Owner, Draft(fields): Draft) -> Answer {
    let contact = Contact::new(owner, fields, now());
    store.create(&contact, None).await?;
    let mut response = json(StatusCode::CREATED, &contact)?;
    if let Ok(location) = HeaderValue::try_from(format!("/contacts/{}", contact.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

pub(super) async fn read<S: ReadContact>(State(store): State<S>, owner: Owner, PathId(id): PathId) -> Answer {
    let contact = store.read(&owner, id).await?.ok_or(ApiError::NoSuchContact)?;
    json(StatusCode::OK, &contact)
}

pub(super) async fn replace<S: ReadContact + ReplaceContact>(
    State(store): State<S>,
    owner: Owner,
    PathId(id): PathId,
    Draft(fields): Draft,
) -> Answer {
    let before = store.read(&owner, id).await?.ok_or(ApiError::NoSuchContact)?;
    let after = before.revised(fields, now());
    store.replace(&before, &after).await?;
    json(StatusCode::OK, &after)
}

pub(super) async fn remove<S: ReadContact + RemoveContact>(
    State(store): State<S>,
    owner: Owner,
    PathId(id): PathId,
) -> Result<Response, ApiError> {
    let before = store.read(&owner, id).await?.ok_or(ApiError::NoSuchContact)?;
    store.remove(&before).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Now, to the millisecond: as fine as an identity's time.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

//! `/contacts`: all contacts of an owner.

use axum::extract::State;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::body::Creation;
use super::output::{Answer, contact, json};
use super::query::ListingQuery;
use super::state::Api;
use crate::domain::{Contact, Owner};
use crate::store::{CreateContact, Created, ListContacts};

pub(super) async fn list<S: ListContacts>(
    State(api): State<Api<S>>,
    owner: Owner,
    ListingQuery(listing): ListingQuery,
) -> Answer {
    json(StatusCode::OK, &api.store.list(&owner, &listing).await?)
}

/// A request that was done before is answered as it was then, whatever became of the contact.
pub(super) async fn create<S: CreateContact>(State(api): State<Api<S>>, owner: Owner, creation: Creation) -> Answer {
    let new = Contact::new(owner, creation.fields, api.now());
    let once = creation.repeat.map(|repeat| repeat.remembered_from(new.created_at));
    let created = match api.store.create(&new, once.as_ref()).await? {
        Created::New => new,
        Created::Replayed(first) => *first,
    };
    let mut response = contact(StatusCode::CREATED, &created)?;
    if let Ok(location) = HeaderValue::try_from(format!("/contacts/{}", created.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

//! Changing a contact: read it, judge what the client demands of it, and write only if it is still what was read.
//!
//! Without `If-Match` a client does not care which state its change meets: a change that another request overtook is made again, of
//! the newer state. With `If-Match` the newer state does not match, and the second round says so.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::error::ApiError;
use super::preconditions::{Preconditions, Verdict};
use super::state::Api;
use crate::domain::{Contact, ContactId, Fields, Owner};
use crate::store::{ReadContact, RemoveContact, ReplaceContact, WriteError};

/// Each round that fails means that another request succeeded: whoever is overtaken so often is told.
const ROUNDS: u8 = 5;

/// The contact that a request is about, and the preconditions that the request sets.
pub(super) struct Target {
    owner: Owner,
    id: ContactId,
    pub(super) preconditions: Preconditions,
}

impl<S: Sync> FromRequestParts<S> for Target {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let owner = Owner::from_request_parts(parts, state).await?;
        // The identity is the end of the path; what is none cannot be a contact's.
        let last = parts.uri.path().rsplit('/').next().unwrap_or_default();
        let id = last.parse().map_err(|_| ApiError::NoSuchContact)?;
        Ok(Self { owner, id, preconditions: Preconditions::of(&parts.headers)? })
    }
}

impl Target {
    /// The contact, if the owner has it.
    pub(super) async fn find(&self, store: &impl ReadContact) -> Result<Contact, ApiError> {
        store.read(&self.owner, self.id).await?.ok_or(ApiError::NoSuchContact)
    }

    /// The contact, if the client wants it changed as it is.
    async fn find_to_change(&self, store: &impl ReadContact) -> Result<Contact, ApiError> {
        let found = self.find(store).await?;
        match self.preconditions.judge_write(found.revision) {
            Verdict::Proceed => Ok(found),
            Verdict::NotModified | Verdict::Failed => Err(ApiError::PreconditionFailed),
        }
    }
}

/// Makes of the contact what `next` makes of its fields, and answers with what it is then.
pub(super) async fn change<S: ReadContact + ReplaceContact>(
    api: &Api<S>,
    target: &Target,
    next: impl Fn(&Contact) -> Result<Fields, ApiError>,
) -> Result<Contact, ApiError> {
    let mut rounds = ROUNDS;
    loop {
        let before = target.find_to_change(&api.store).await?;
        let after = before.revised(next(&before)?, api.now());
        match api.store.replace(&before, &after).await {
            Ok(()) => return Ok(after),
            Err(error) => rounds = again(error, rounds)?,
        }
    }
}

/// Removes the contact, if the client wants it removed as it is.
pub(super) async fn remove<S: ReadContact + RemoveContact>(api: &Api<S>, target: &Target) -> Result<(), ApiError> {
    let mut rounds = ROUNDS;
    loop {
        let before = target.find_to_change(&api.store).await?;
        match api.store.remove(&before).await {
            Ok(()) => return Ok(()),
            Err(error) => rounds = again(error, rounds)?,
        }
    }
}

/// The number of rounds left, if the error is one that another round can mend.
fn again(error: WriteError, rounds: u8) -> Result<u8, ApiError> {
    match (error, rounds.checked_sub(1)) {
        (WriteError::Conflict, Some(left @ 1..)) => Ok(left),
        (error, _) => Err(error.into()),
    }
}

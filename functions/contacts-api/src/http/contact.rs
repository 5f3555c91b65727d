//! `/contacts/{id}`: one contact.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::body::{Draft, MergePatch};
use super::change::{Target, change, remove as removed};
use super::error::ApiError;
use super::output::{Answer, contact, not_modified};
use super::preconditions::Verdict;
use super::state::Api;
use crate::store::{ReadContact, RemoveContact, ReplaceContact};

pub(super) async fn read<S: ReadContact>(State(api): State<Api<S>>, target: Target) -> Answer {
    let found = target.find(&api.store).await?;
    match target.preconditions.judge_read(found.revision) {
        Verdict::Proceed => contact(StatusCode::OK, &found),
        Verdict::NotModified => Ok(not_modified(&found)),
        Verdict::Failed => Err(ApiError::PreconditionFailed),
    }
}

pub(super) async fn replace<S: ReadContact + ReplaceContact>(
    State(api): State<Api<S>>,
    target: Target,
    Draft(fields): Draft,
) -> Answer {
    contact(StatusCode::OK, &change(&api, &target, |_| Ok(fields.clone())).await?)
}

/// RFC 7396: what the patch says is merged into the contact as it is shown, and the outcome is validated as a whole.
pub(super) async fn patch<S: ReadContact + ReplaceContact>(
    State(api): State<Api<S>>,
    target: Target,
    patch: MergePatch,
) -> Answer {
    contact(StatusCode::OK, &change(&api, &target, |before| patch.merged_into(before)).await?)
}

pub(super) async fn remove<S: ReadContact + RemoveContact>(
    State(api): State<Api<S>>,
    target: Target,
) -> Result<Response, ApiError> {
    removed(&api, &target).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

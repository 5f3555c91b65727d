//! `GET /health`: the process answers; with `?deep=true` the store does, too. The answer's text is the suite's to check, not
//! a unit test's.

use std::time::Duration;

use axum::extract::State;
use http::{StatusCode, Uri};
use serde_json::json;

use super::error::ApiError;
use super::output::{Answer, json};
use crate::domain::{ContactId, Owner};
use crate::store::ReadContact;

const STATUS: &str = "ok";
/// Whoever asks does not wait longer, and neither does the store's own patience count: a store that takes a second is not well.
const LIMIT: Duration = Duration::from_secs(1);
/// The owner of nothing: no authorizer names anybody so.
const NOBODY: &str = "health";

pub(super) async fn health<S: ReadContact>(State(store): State<S>, uri: Uri) -> Answer {
    if is_deep(&uri) {
        ask(&store).await?;
    }
    json(StatusCode::OK, &json!({ "status": STATUS }))
}

fn is_deep(uri: &Uri) -> bool {
    uri.query().unwrap_or_default().split('&').any(|pair| pair == "deep=true")
}

/// One signed read of an item that is not there.
async fn ask<S: ReadContact>(store: &S) -> Result<(), ApiError> {
    let owner = Owner::subject(NOBODY);
    match tokio::time::timeout(LIMIT, store.read(&owner, ContactId::from_bytes([0; 16]))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(ApiError::Unwell(Some(error))),
        Err(_) => Err(ApiError::Unwell(None)),
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use slipway_shared::call::CallError;
    use test_case::test_case;

    use super::*;
    use crate::domain::Contact;
    use crate::store::StoreError;

    /// A store in some state.
    enum Store {
        Well,
        Denied,
        Hanging,
    }

    impl ReadContact for Store {
        async fn read(&self, _owner: &Owner, _id: ContactId) -> Result<Option<Contact>, StoreError> {
            match self {
                Self::Well => Ok(None),
                Self::Denied => {
                    Err(StoreError::Call(CallError::Denied { operation: "GetItem", source: "AccessDenied".into() }))
                }
                Self::Hanging => std::future::pending().await,
            }
        }
    }

    #[test_case(Store::Denied; "that refuses")]
    #[test_case(Store::Hanging; "that hangs")]
    #[tokio::test(start_paused = true)]
    async fn a_store_is_not_well(store: Store) {
        let answer = health(State(store), Uri::from_static("/health?deep=true")).await.unwrap_err().into_response();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }

    #[tokio::test]
    async fn a_store_that_answers_is_well() {
        let answer = health(State(Store::Well), Uri::from_static("/health?a=b&deep=true")).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }

    #[test_case("/health"; "no query")]
    #[test_case("/health?deep=false"; "another value")]
    #[tokio::test]
    async fn the_store_is_asked_only_by_who_wants_it(uri: &'static str) {
        assert_eq!(health(State(Store::Hanging), Uri::from_static(uri)).await.unwrap().status(), StatusCode::OK);
    }
}

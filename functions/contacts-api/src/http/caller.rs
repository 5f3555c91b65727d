//! The caller of the API, as the authorizer names it.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::error::ApiError;
use crate::domain::Owner;

/// The caller, as the authorizer in front of the API said: whoever calls the router puts it into the request's extensions. A request
/// without one was seen by no authorizer: its caller has shown no credentials, and reaches no contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The authorizer named the subject, who owns the contacts that the request is about.
    Known(Owner),
    /// The authorizer let somebody through whom it does not name.
    Unnamed,
}

/// The owner that a request is about. There is no default: it would open every contact to everybody.
impl<S: Sync> FromRequestParts<S> for Owner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        match parts.extensions.get::<Caller>() {
            Some(Caller::Known(owner)) => Ok(owner.clone()),
            Some(Caller::Unnamed) => Err(ApiError::NoOwner),
            None => Err(ApiError::NoCredentials),
        }
    }
}

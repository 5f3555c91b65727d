//! What handlers need of a request: the identity, the query, the body.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Request};
use serde_json::Value;

use super::error::ApiError;
use crate::domain::{BadCursor, ContactId, Fields, Listing, Order, validate};

/// A contact at its limits is far smaller; API Gateway alone would let 10 MB through.
const BODY_LIMIT: usize = 256 * 1024;
const DEFAULT_PAGE: u16 = 25;
const LARGEST_PAGE: u16 = 100;

/// The identity at the end of the path; what is none cannot be a contact's.
pub(super) struct PathId(pub(super) ContactId);

impl<S: Sync> FromRequestParts<S> for PathId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let last = parts.uri.path().rsplit('/').next().unwrap_or_default();
        last.parse().map(PathId).map_err(|_| ApiError::NoSuchContact)
    }
}

/// `?limit=…&cursor=…`.
pub(super) struct PageQuery(pub(super) Listing);

impl<S: Sync> FromRequestParts<S> for PageQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let (mut limit, mut after) = (DEFAULT_PAGE, None);
        // Neither a number nor a cursor has a character that a query must escape.
        for (name, value) in parts.uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "limit" => limit = page_limit(value)?,
                "cursor" => after = Some(value.parse().map_err(bad_cursor)?),
                _ => {}
            }
        }
        Listing::new(None, Order::default(), after, limit).map(Self).map_err(bad_cursor)
    }
}

fn page_limit(text: &str) -> Result<u16, ApiError> {
    let limit = text.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    limit.ok_or(ApiError::BadParameter { name: "limit", reason: "must be a number from 1 to 100" })
}

const fn bad_cursor(_: BadCursor) -> ApiError {
    ApiError::BadParameter { name: "cursor", reason: "is not a cursor of this list" }
}

/// A contact's fields, read from the body and validated.
pub(super) struct Draft(pub(super) Fields);

impl<S: Sync> FromRequest<S> for Draft {
    type Rejection = ApiError;

    async fn from_request(request: Request<Body>, _state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::UnsupportedMediaType);
        }
        let body = axum::body::to_bytes(request.into_body(), BODY_LIMIT).await.map_err(|_| ApiError::TooLarge)?;
        let value: Value = serde_json::from_slice(&body).map_err(ApiError::NotJson)?;
        validate(&value).map(Draft).map_err(ApiError::Invalid)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

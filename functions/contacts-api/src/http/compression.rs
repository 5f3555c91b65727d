//! Compressed answers, for clients that accept gzip.
//!
//! Only answers without an entity tag are compressed: a strong tag names one sequence of bytes (RFC 9110, section 8.8.1), so that the
//! compressed contact would need another tag, which `If-Match` could not match. One contact is small anyway; lists are not.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower::{Layer as _, ServiceExt as _};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};

use super::error::ApiError;

/// Below this, gzip saves less than a packet, and Lambda has to write the bytes as base64, a third longer.
const WORTHWHILE: u64 = 1_400;

type Untagged = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// Compresses what a route that only reads answers. For such routes only: the layer refuses a request whose codings it cannot serve
/// (`identity;q=0`) after it was done.
pub(super) async fn apply(request: Request, next: Next) -> Response {
    let untagged: Untagged = |_, _, headers, _| !headers.contains_key(header::ETAG);
    let layer = CompressionLayer::new().compress_when(SizeAbove::new(WORTHWHILE).and(untagged));
    let response = layer.layer(next).oneshot(request).await.into_response();
    if response.status() == StatusCode::NOT_ACCEPTABLE {
        ApiError::NotAcceptable { available: "compressed by gzip, or as it is" }.into_response()
    } else {
        response
    }
}

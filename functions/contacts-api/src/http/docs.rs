//! `GET /openapi.json` and `GET /docs`: the API's document, and the page that is made from it.

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

const DOCUMENT: &str = include_str!("../../openapi.json");
const PAGE: &str = include_str!("../../docs.html");

/// Both change with a release only; an hour is soon enough to see it.
const AN_HOUR: &str = "public, max-age=3600";
/// The page has styles of its own and nothing else.
const STYLES_ONLY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

pub(super) async fn document() -> Response {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, AN_HOUR)], DOCUMENT).into_response()
}

pub(super) async fn page() -> Response {
    let headers =
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CACHE_CONTROL, AN_HOUR), (CONTENT_SECURITY_POLICY, STYLES_ONLY)];
    (headers, PAGE).into_response()
}

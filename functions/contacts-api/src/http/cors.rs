//! Cross-origin requests, for the origins that the settings name. Browsers send no cookies with them: who asks is said by the
//! `Authorization` header.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCEPT_ENCODING, ALLOW, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_MATCH,
    IF_NONE_MATCH, LINK, LOCATION, RETRY_AFTER,
};
use http::{HeaderName, Method, header};
use tower::{Layer as _, ServiceExt as _};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::settings::AllowedOrigins;

/// The time for which a browser may remember the answer to a preflight; none remembers longer than two hours.
const REMEMBERED: Duration = Duration::from_secs(7_200);

/// The rights of `origins`: everything that the API can.
pub(super) fn layer(origins: AllowedOrigins) -> CorsLayer {
    let origins = match origins {
        AllowedOrigins::Any => AllowOrigin::any(),
        AllowedOrigins::Listed(origins) => AllowOrigin::list(origins),
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            CONTENT_ENCODING,
            IF_MATCH,
            IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([ETAG, LOCATION, LINK, CONTENT_DISPOSITION, RETRY_AFTER, ALLOW, ACCEPT_ENCODING])
        .max_age(REMEMBERED)
}

/// Answers preflights, and says in every other answer who may read it. `CorsLayer` takes each `OPTIONS` for a preflight; one that
/// does not announce a method asks what the resource allows, and is the router's.
pub(super) async fn apply(State(layer): State<CorsLayer>, request: Request, next: Next) -> Response {
    let announces = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if *request.method() == Method::OPTIONS && !announces {
        return next.run(request).await;
    }
    layer.layer(next).oneshot(request).await.into_response()
}

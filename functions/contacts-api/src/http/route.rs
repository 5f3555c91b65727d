//! The route that answered, for whoever counts: the answer carries its [`axum::extract::MatchedPath`].

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

/// Puts the request's route, if there is one, into the answer's extensions.
pub(super) async fn remember(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

//! Downloads of packages: the `Code.Location` of a function, and the door behind it.
//!
//! On AWS the location is a link into a bucket of Lambda's own that is good for ten minutes. Here its last part is a key that
//! nobody can guess, and it is good for as long as a version has the package.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::routing::get;
use http::{Response, StatusCode, header};
use serde_json::json;

use super::code::Code;
use super::errors::not_found;
use super::state::Lambda;
use crate::core::{Hub, Input, Reply};
use crate::operations::Operation;

/// The door's way to the zip of a package.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] =
    &[Operation::private("LocatePackage", |lambda: &Arc<Lambda>, request| lambda.locate_package(&request.input))];

impl Lambda {
    fn locate_package(&self, input: &Input) -> Reply {
        let code = self.code.by_key(input.opt_str("Key").unwrap_or_default());
        let code = code.ok_or_else(|| not_found("The specified key does not exist."))?;
        Ok(json!({ "Path": code.zip }))
    }
}

/// The link to a package.
pub(super) fn location(hub: &Hub, code: &Code) -> String {
    format!("{}{}/{}", hub.endpoint, directory(hub), code.key)
}

/// The door behind the links to packages.
pub fn package_router(hub: &Arc<Hub>) -> Router {
    Router::new().route(&format!("{}/{{key}}", directory(hub)), get(serve)).with_state(Arc::clone(hub))
}

/// The path of Lambda's own bucket, and of the account's packages in it.
fn directory(hub: &Hub) -> String {
    format!("/awslambda-{}-tasks/snapshots/{}", hub.identity.region, hub.identity.account)
}

/// The zip of a package.
pub(super) async fn serve(State(hub): State<Arc<Hub>>, Path(key): Path<String>) -> Response<Body> {
    let located = hub.call("lambda", "LocatePackage", json!({ "Key": key })).await;
    let path = located.as_ref().ok().and_then(|located| located["Path"].as_str());
    let bytes = match path {
        Some(path) => tokio::fs::read(path).await.ok(),
        None => None,
    };
    let (status, body) = match bytes {
        Some(bytes) => (StatusCode::OK, Body::from(bytes)),
        None => (StatusCode::NOT_FOUND, Body::empty()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/zip"));
    response
}

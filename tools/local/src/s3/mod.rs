//! S3: the protocol and the file store are libraries (`s3s`, `s3s-fs`); this is the one place that knows them.
//!
//! Clients may sign with any credentials, so the signature is taken off before the library sees a request. Objects lie
//! as plain files under the plane's data directory.

mod chunked;
mod store;

use std::path::Path;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use s3s::service::{S3Service, S3ServiceBuilder};

use crate::core::ObjectStore;

/// The largest object part that a client may send in one request.
const PART_LIMIT: usize = 1024 * 1024 * 1024;

/// The S3 endpoint of the plane.
#[derive(Clone)]
pub(crate) struct S3Endpoint {
    service: S3Service,
}

impl S3Endpoint {
    /// Opens the store in `root`, which must exist.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub(crate) fn open(root: &Path) -> std::io::Result<Self> {
        let files = s3s_fs::FileSystem::new(root)
            .map_err(|error| std::io::Error::other(format!("{}: {error:?}", root.display())))?;
        Ok(Self { service: S3ServiceBuilder::new(files).build() })
    }

    /// The same store for the services of the plane.
    pub(crate) fn objects(&self) -> Arc<dyn ObjectStore> {
        Arc::new(store::Objects::new(self.service.clone()))
    }

    /// Answers one client request.
    pub(crate) async fn answer(&self, mut parts: Parts, body: Body) -> Response {
        let body = match to_bytes(body, PART_LIMIT).await {
            Ok(body) => body,
            Err(error) => return (StatusCode::PAYLOAD_TOO_LARGE, error.to_string()).into_response(),
        };
        let framed =
            parts.headers.get("x-amz-content-sha256").is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
        let body = if framed {
            match chunked::decode(&body) {
                Some(body) => body,
                None => return (StatusCode::BAD_REQUEST, "the aws-chunked body is cut short").into_response(),
            }
        } else {
            body
        };
        unsign(&mut parts, framed, body.len());
        let request = http::Request::from_parts(parts, s3s::Body::from(body));
        match self.service.call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:?}")).into_response(),
        }
    }
}

/// Takes the signature off: the header, or the query parameters of a presigned URL, and the framing that goes with it.
fn unsign(parts: &mut Parts, framed: bool, length: usize) {
    for name in ["authorization", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-date"]
    {
        parts.headers.remove(name);
    }
    if framed {
        // What is left of `Content-Encoding: gzip,aws-chunked` is the object's own.
        let encoding = parts.headers.remove(header::CONTENT_ENCODING);
        let own = encoding.as_ref().and_then(|v| v.to_str().ok()).map(|v| {
            v.split(',').map(str::trim).filter(|e| *e != "aws-chunked" && !e.is_empty()).collect::<Vec<_>>().join(",")
        });
        if let Some(value) = own.filter(|v| !v.is_empty()).and_then(|v| HeaderValue::from_str(&v).ok()) {
            parts.headers.insert(header::CONTENT_ENCODING, value);
        }
        parts.headers.remove(header::TRANSFER_ENCODING);
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    let query = parts.uri.query().unwrap_or_default();
    if query.contains("X-Amz-Signature") {
        let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("X-Amz-")).collect();
        let path = if kept.is_empty() {
            parts.uri.path().to_owned()
        } else {
            format!("{}?{}", parts.uri.path(), kept.join("&"))
        };
        if let Ok(uri) = path.parse() {
            parts.uri = uri;
        }
    }
}

//! S3 for the services of the plane: the same endpoint, asked in process.

use axum::body::Bytes;
use futures::future::BoxFuture;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::service::S3Service;

use crate::core::{ObjectStore, ServiceError, StoredObject};

/// What a key keeps as it is in a path.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The prefix of a user's own metadata headers.
const METADATA: &str = "x-amz-meta-";

/// Objects through the S3 endpoint itself.
pub(super) struct Objects {
    service: S3Service,
}

impl Objects {
    pub(super) fn new(service: S3Service) -> Self {
        Self { service }
    }

    async fn send(&self, request: http::request::Builder, body: Bytes) -> Result<Response<Bytes>, ServiceError> {
        let request = request
            .header(http::header::HOST, "localhost")
            .header(http::header::CONTENT_LENGTH, body.len())
            .body(s3s::Body::from(body))
            .map_err(|error| ServiceError::validation(format!("not an S3 name: {error}")))?;
        let response =
            self.service.call(request).await.map_err(|error| ServiceError::internal(format!("S3: {error:?}")))?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| ServiceError::internal(format!("S3: {error}")))?.to_bytes();
        if parts.status.is_success() { Ok(Response::from_parts(parts, body)) } else { Err(error(parts.status, &body)) }
    }
}

/// The error of an S3 answer: code and message as S3's XML has them.
fn error(status: StatusCode, body: &[u8]) -> ServiceError {
    let text = String::from_utf8_lossy(body);
    let element = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        rest.split_once("</").map(|(value, _)| value.to_owned())
    };
    let code = element("Code").unwrap_or_else(|| status.to_string());
    ServiceError::new(code.clone(), element("Message").unwrap_or(code)).with_status(status.as_u16())
}

fn object(method: Method, bucket: &str, key: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("/{bucket}/{}", utf8_percent_encode(key, KEY)))
}

fn bucket_of(method: Method, bucket: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("/{bucket}"))
}

impl ObjectStore for Objects {
    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<StoredObject, ServiceError>> {
        Box::pin(async move {
            let found = match self.send(object(Method::GET, bucket, key), Bytes::new()).await {
                // The file store does not tell a missing bucket from a missing key.
                Err(error) if error.is("NoSuchKey") => {
                    let listing = Request::builder().uri(format!("/{bucket}?list-type=2&max-keys=1"));
                    self.send(listing, Bytes::new()).await?;
                    return Err(error);
                }
                other => other?,
            };
            let (parts, body) = found.into_parts();
            let metadata = parts
                .headers
                .iter()
                .filter_map(|(name, value)| {
                    Some((name.as_str().strip_prefix(METADATA)?.to_owned(), value.to_str().ok()?.to_owned()))
                })
                .collect();
            Ok(StoredObject { body, metadata })
        })
    }

    fn put<'a>(
        &'a self,
        bucket: &'a str,
        key: &'a str,
        stored: StoredObject,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let request = stored.metadata.iter().fold(object(Method::PUT, bucket, key), |request, (name, value)| {
                request.header(format!("{METADATA}{name}"), value)
            });
            self.send(request, stored.body).await.map(drop)
        })
    }

    fn create_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { self.send(bucket_of(Method::PUT, bucket), Bytes::new()).await.map(drop) })
    }

    fn delete_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let listing = Request::builder().uri(format!("/{bucket}?list-type=2&max-keys=1"));
            let listing = self.send(listing, Bytes::new()).await?;
            if String::from_utf8_lossy(listing.body()).contains("<Contents>") {
                return Err(
                    ServiceError::new("BucketNotEmpty", "the bucket you tried to delete is not empty").with_status(409)
                );
            }
            self.send(bucket_of(Method::DELETE, bucket), Bytes::new()).await.map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::S3Endpoint;
    use super::*;

    #[tokio::test]
    async fn objects_keep_bytes_and_metadata_and_errors_have_codes() {
        let root = tempfile::tempdir().unwrap();
        let objects = S3Endpoint::open(root.path()).unwrap().objects();
        objects.create_bucket("a-bucket").await.unwrap();
        let stored = StoredObject {
            body: Bytes::from_static(b"\x00bytes"),
            metadata: BTreeMap::from([("commit".to_owned(), "abc".to_owned())]),
        };
        objects.put("a-bucket", "some/key with space", stored.clone()).await.unwrap();
        let read = objects.get("a-bucket", "some/key with space").await.unwrap();
        assert_eq!((read.body, read.metadata), (stored.body, stored.metadata));
        assert_eq!(objects.get("a-bucket", "none").await.unwrap_err().code, "NoSuchKey");
        assert_eq!(objects.get("no-bucket", "none").await.unwrap_err().code, "NoSuchBucket");
        assert_eq!(objects.delete_bucket("a-bucket").await.unwrap_err().code, "BucketNotEmpty");
    }
}

//! S3 for the services of the plane: the same door, asked in process.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::future::BoxFuture;
use http::{Method, Request};
use http_body_util::BodyExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::answer::element;
use super::bucket::{FIRST_REGION, policy};
use super::endpoint::S3Endpoint;
use super::must_be_new::MustBeNew;
use super::store::Index;
use crate::core::{Caller, Content, Document, ObjectStore, Principal, ServiceError, StoredObject};

/// The characters of a key that are encoded in a path.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The prefix of a user's own metadata headers.
const METADATA: &str = "x-amz-meta-";

/// Objects through the door, asked by the plane or for somebody.
pub(super) struct Objects {
    endpoint: S3Endpoint,
    caller: Caller,
}

impl Objects {
    /// The objects of an endpoint, for the plane itself.
    pub(super) fn new(endpoint: S3Endpoint) -> Self {
        Self { endpoint, caller: Principal::Plane.into() }
    }

    /// The body of CreateBucket for a bucket in the plane's region. The first region has no name: its body is empty.
    fn location(&self) -> Bytes {
        match self.endpoint.context.identity().region {
            region if region == FIRST_REGION => Bytes::new(),
            region => {
                let location = json!({ "LocationConstraint": region });
                xml("CreateBucketConfiguration", &location).into()
            }
        }
    }

    async fn send(&self, request: http::request::Builder, body: Bytes) -> Result<Response<Bytes>, ServiceError> {
        let request = request
            .header(http::header::HOST, "127.0.0.1")
            .header(http::header::CONTENT_LENGTH, body.len())
            .body(())
            .map_err(|error| ServiceError::validation(format!("not an S3 name: {error}")))?;
        let caller = Ok(self.caller.clone());
        let response = self.endpoint.answer(request.into_parts().0, Body::from(body), caller).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(|error| ServiceError::internal(format!("S3: {error}")))?.to_bytes();
        if parts.status.is_success() {
            return Ok(Response::from_parts(parts, body));
        }
        let text = String::from_utf8_lossy(&body);
        let code = element(&text, "Code").unwrap_or_else(|| parts.status.to_string());
        let message = element(&text, "Message").unwrap_or_else(|| code.clone());
        Err(ServiceError::new(code, message).with_status(parts.status.as_u16()))
    }
}

fn object(method: Method, bucket: &str, key: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("/{bucket}/{}", utf8_percent_encode(key, KEY)))
}

fn bucket_of(method: Method, bucket: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("/{bucket}"))
}

/// A document as XML: members are elements, and a list is its element again and again.
fn xml(name: &str, value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(|item| xml(name, item)).collect(),
        Value::Object(members) => {
            let inside: String = members.iter().map(|(name, value)| xml(name, value)).collect();
            format!("<{name}>{inside}</{name}>")
        }
        Value::Null => String::new(),
        Value::String(text) => format!("<{name}>{}</{name}>", quick_xml::escape::escape(text.as_str())),
        other => format!("<{name}>{other}</{name}>"),
    }
}

impl ObjectStore for Objects {
    fn as_caller(self: Arc<Self>, caller: &Caller) -> Arc<dyn ObjectStore> {
        Arc::new(Self { endpoint: self.endpoint.clone(), caller: caller.clone() })
    }

    fn get<'a>(&'a self, bucket: &'a str, key: &'a str) -> BoxFuture<'a, Result<StoredObject, ServiceError>> {
        Box::pin(async move {
            let (parts, body) = self.send(object(Method::GET, bucket, key), Bytes::new()).await?.into_parts();
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

    fn create_bucket_with<'a>(
        &'a self,
        bucket: &'a str,
        headers: Vec<(&'static str, String)>,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let request = with_headers(bucket_of(Method::PUT, bucket).extension(MustBeNew), headers);
            self.send(request, self.location()).await.map(drop)
        })
    }

    fn delete_bucket<'a>(&'a self, bucket: &'a str) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move { self.send(bucket_of(Method::DELETE, bucket), Bytes::new()).await.map(drop) })
    }

    fn bucket_policy(&self, bucket: &str, caller: &Principal) -> Option<String> {
        let look = |index: &Index| policy::for_caller(index.bucket(bucket).ok()?, caller).map(str::to_owned);
        self.endpoint.context.store.look(look)
    }

    fn configure<'a>(
        &'a self,
        bucket: &'a str,
        subresource: &'a str,
        document: Option<Document>,
    ) -> BoxFuture<'a, Result<(), ServiceError>> {
        Box::pin(async move {
            let method = if document.is_some() { Method::PUT } else { Method::DELETE };
            let request = Request::builder().method(method).uri(format!("/{bucket}?{subresource}"));
            let Some(document) = document else { return self.send(request, Bytes::new()).await.map(drop) };
            let body = match document.content {
                Content::Nothing => String::new(),
                Content::Xml(root, members) => xml(root, &members),
                Content::Text(text) => text,
            };
            self.send(with_headers(request, document.headers), body.into()).await.map(drop)
        })
    }
}

fn with_headers(request: http::request::Builder, headers: Vec<(&'static str, String)>) -> http::request::Builder {
    headers.into_iter().fold(request, |request, (name, value)| request.header(name, value))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[tokio::test]
    async fn objects_keep_bytes_and_metadata_and_errors_have_codes() {
        let root = tempfile::tempdir().unwrap();
        let objects = S3Endpoint::open(root.path()).unwrap().objects();
        objects.create_bucket("a-bucket").await.unwrap();
        assert_eq!(objects.create_bucket("a-bucket").await.unwrap_err().code, "BucketAlreadyOwnedByYou");
        let stored = StoredObject {
            body: Bytes::from_static(b"\x00bytes"),
            metadata: BTreeMap::from([("commit".to_owned(), "abc".to_owned())]),
        };
        for key in ["some/key with space", "a//b", "/x", "a/../z", "p", "p/q", "dir/"] {
            objects.put("a-bucket", key, stored.clone()).await.unwrap();
            let read = objects.get("a-bucket", key).await.unwrap();
            assert_eq!((read.body, read.metadata), (stored.body.clone(), stored.metadata.clone()), "{key}");
        }
        assert_eq!(objects.get("a-bucket", "none").await.unwrap_err().code, "NoSuchKey");
        assert_eq!(objects.get("no-bucket", "none").await.unwrap_err().code, "NoSuchBucket");
        assert_eq!(objects.put("no-bucket", "none", stored).await.unwrap_err().code, "NoSuchBucket");
        assert_eq!(objects.delete_bucket("a-bucket").await.unwrap_err().code, "BucketNotEmpty");
    }

    #[tokio::test]
    async fn of_two_who_make_a_bucket_one_has_it() {
        let root = tempfile::tempdir().unwrap();
        let objects = S3Endpoint::open(root.path()).unwrap().objects();
        let made = futures::future::join_all((0..8).map(|_| objects.create_bucket("a-bucket"))).await;
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
    }

    #[tokio::test]
    async fn settings_are_checked_as_those_of_clients() {
        let root = tempfile::tempdir().unwrap();
        let objects = S3Endpoint::open(root.path()).unwrap().objects();
        objects.create_bucket("a-bucket").await.unwrap();
        let status = |status| Some(Document::xml("VersioningConfiguration", json!({ "Status": status })));
        objects.configure("a-bucket", "versioning", status("Enabled")).await.unwrap();
        let refused = objects.configure("a-bucket", "versioning", status("Perhaps")).await.unwrap_err();
        assert_eq!(refused.code, "MalformedXML");
    }
}

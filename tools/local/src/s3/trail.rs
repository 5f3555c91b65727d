//! The events of S3 for CloudTrail: every operation that was asked for, with its outcome.

use http::HeaderMap;
use serde_json::{Map, Value, json};

use super::answer::{Failed, Question};
use super::context::Context;
use crate::core::{Call, Reply, ServiceError};

/// Query parameters that say more than where: they are written with their values.
const SAID: [&str; 8] = ["prefix", "delimiter", "max-keys", "versionId", "uploadId", "partNumber", "list-type", "id"];

/// Takes down one request that was answered.
pub(super) fn record(context: &Context, question: &Question<'_>, sent: &Sent, failed: Option<Failed>) {
    let Some(hub) = context.hub() else { return };
    let Some(trail) = hub.trail().filter(|_| !question.asked.caller.is_plane()) else { return };
    let Some(operation) = question.asked.operation() else { return };
    let reply: Reply = match failed {
        Some(failed) => Err(ServiceError::new(failed.code, failed.message)),
        None => Ok(json!({ "x-amz-request-id": question.asked.request_id })),
    };
    let input = parameters(question.path, sent);
    trail.record(&Call { caller: &question.asked.caller, service: "s3", operation, input: &input, reply: &reply });
}

/// The parts of a request that a record needs, kept before the library takes it.
#[derive(Debug)]
pub(super) struct Sent {
    host: String,
    query: String,
}

impl Sent {
    pub(super) fn new(headers: &HeaderMap, uri: &http::Uri) -> Self {
        let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        Self { host: host.to_owned(), query: uri.query().unwrap_or_default().to_owned() }
    }
}

/// `bucketName`, `key`, `Host`, and the subresource under its own name.
fn parameters(path: &str, sent: &Sent) -> Value {
    let mut found = Map::new();
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    for (name, value) in [("bucketName", bucket), ("Host", sent.host.as_str()), ("key", key)] {
        if !value.is_empty() {
            found.insert(name.to_owned(), json!(value));
        }
    }
    for (name, value) in form_urlencoded::parse(sent.query.as_bytes()) {
        if value.is_empty() || SAID.contains(&&*name) {
            found.insert(name.into_owned(), json!(value));
        }
    }
    found.into()
}

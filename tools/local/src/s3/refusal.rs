//! The error of an S3 operation: a code, a status, a message and the members that S3 gives that error.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use s3s::{S3Error, S3ErrorCode};

/// A header between an operation and the door: the library's error has no room for further members.
pub(super) const MEMBERS: HeaderName = HeaderName::from_static("x-slipway-error-members");

/// An error answer, or `NotModified`, with the members of its XML and its headers.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub(super) struct Refusal {
    /// S3's error code, such as `NoSuchKey`.
    pub(super) code: &'static str,
    /// The text a person reads.
    pub(super) message: Cow<'static, str>,
    status: u16,
    members: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
}

impl Refusal {
    /// An error with a code, its HTTP status and a message.
    pub(super) fn new(code: &'static str, status: u16, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, status, message: message.into(), members: Vec::new(), headers: Vec::new() }
    }

    /// The same error with a further member of its XML.
    pub(super) fn with(mut self, member: &'static str, value: impl Into<String>) -> Self {
        self.members.push((member, value.into()));
        self
    }

    /// The same error with a header of the answer.
    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The HTTP status of the answer.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// The further members, in the order of the XML.
    pub(super) fn members(&self) -> &[(&'static str, String)] {
        &self.members
    }

    pub(super) fn no_such_bucket(bucket: &str) -> Self {
        Self::new("NoSuchBucket", 404, "The specified bucket does not exist").with("BucketName", bucket)
    }

    pub(super) fn no_such_key(key: &str) -> Self {
        Self::new("NoSuchKey", 404, "The specified key does not exist.").with("Key", key)
    }

    pub(super) fn no_such_version(key: &str, version: &str) -> Self {
        Self::new("NoSuchVersion", 404, "The specified version does not exist.")
            .with("Key", key)
            .with("VersionId", version)
    }

    pub(super) fn no_such_upload(upload: &str) -> Self {
        let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
        Self::new("NoSuchUpload", 404, message).with("UploadId", upload)
    }

    pub(super) fn argument(
        name: &'static str,
        value: impl Into<String>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new("InvalidArgument", 400, message).with("ArgumentName", name).with("ArgumentValue", value)
    }

    pub(super) fn request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("InvalidRequest", 400, message)
    }

    pub(super) fn malformed_xml() -> Self {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        Self::new("MalformedXML", 400, message)
    }

    pub(super) fn precondition(condition: &'static str) -> Self {
        let message = "At least one of the pre-conditions you specified did not hold";
        Self::new("PreconditionFailed", 412, message).with("Condition", condition)
    }

    pub(super) fn access_denied() -> Self {
        Self::new("AccessDenied", 403, "Access Denied")
    }

    /// Refuses an operation that the plane does not run, instead of pretending.
    pub(super) fn not_implemented(what: &str) -> Self {
        let message = format!("the local plane does not run s3:{what}; no work was done");
        Self::new("NotImplemented", 501, message)
    }

    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "the object store broke");
        Self::new("InternalError", 500, "We encountered an internal error. Please try again.")
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::internal(&error)
    }
}

impl From<Refusal> for S3Error {
    fn from(refusal: Refusal) -> Self {
        let code = S3ErrorCode::from_bytes(refusal.code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
        let mut error = Self::with_message(code, refusal.message);
        error.set_status_code(StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        let mut headers = HeaderMap::new();
        for (name, value) in refusal.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if let Ok(members) = serde_json::to_vec(&refusal.members)
            && let Ok(value) = HeaderValue::from_bytes(&members)
        {
            headers.insert(MEMBERS, value);
        }
        error.set_headers(headers);
        error
    }
}

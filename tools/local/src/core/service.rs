//! What a service is to the plane: a name, a protocol and operations over JSON values.

use futures::future::BoxFuture;
use serde_json::Value;

use super::{Input, ServiceError};

/// How a service's requests and answers are written on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `X-Amz-Target: Prefix.Operation`, JSON bodies.
    Json {
        /// The part of the target before the dot, such as `CodeDeploy_20141006`.
        target_prefix: &'static str,
        /// `1.0` or `1.1`.
        version: &'static str,
    },
    /// `Action=Operation` forms in, XML out.
    Query {
        /// The XML namespace of the answers.
        namespace: &'static str,
    },
    /// Operations by method and path, JSON bodies. See [`Service::routes`].
    RestJson {
        /// Members are written with a lower-case first letter (API Gateway) instead of as named.
        lower_camel: bool,
    },
}

/// One REST operation: where its members are found in the request and in the answer.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with `{Member}` for a path member.
    pub path: &'static str,
    /// The operation's name in the model.
    pub operation: &'static str,
    /// `(query parameter, member)`.
    pub query: &'static [(&'static str, &'static str)],
    /// `(request header, member)`.
    pub headers: &'static [(&'static str, &'static str)],
    /// The member that is the whole request body, as base64 in the input; otherwise the body is a JSON structure.
    pub body: Option<&'static str>,
    /// `(response header, member)`: moved from the output to the header.
    pub reply_headers: &'static [(&'static str, &'static str)],
    /// The member that is the whole answer body, as base64 in the output.
    pub reply_body: Option<&'static str>,
    /// The status of a success. An integer member `StatusCode` of the output overrides it and is not sent.
    pub status: u16,
}

impl Route {
    /// A route with JSON bodies and no query or header members.
    pub const fn new(method: &'static str, path: &'static str, operation: &'static str, status: u16) -> Self {
        Self {
            method,
            path,
            operation,
            query: &[],
            headers: &[],
            body: None,
            reply_headers: &[],
            reply_body: None,
            status,
        }
    }

    /// The same route with query members.
    #[must_use]
    pub const fn query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }
}

/// One operation asked of a service.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation's name in the service's model.
    pub operation: String,
    /// Its input, by the model's member names. Blobs are base64 text.
    pub input: Input,
    /// The access key that signed the request; empty inside the plane.
    pub access_key: String,
    /// Whether another service of the plane asks, not a client: some doors are open to the plane alone.
    pub inside: bool,
}

/// An operation's output, by the model's member names. Blobs are base64 text, timestamps epoch seconds on the JSON
/// protocols and ISO 8601 text on the query protocol. In query output a list named `entry` is written flat (how
/// the query protocol writes maps), every other list is wrapped in `member`.
pub type Reply = Result<Value, ServiceError>;

/// A service of the plane.
pub trait Service: Send + Sync {
    /// The name that requests are signed for: `lambda`, `codedeploy`, `monitoring`, `events` …
    fn name(&self) -> &'static str;

    /// How it is spoken to.
    fn protocol(&self) -> Protocol;

    /// The REST operations; empty for the other protocols.
    fn routes(&self) -> &'static [Route] {
        &[]
    }

    /// Runs an operation. One that is not run answers [`ServiceError::not_implemented`].
    fn call(&self, request: Request) -> BoxFuture<'_, Reply>;

    /// Ends what the service runs. Called once, in reverse order of registration.
    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

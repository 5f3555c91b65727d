//! The view that the plane has of a service: a name, and operations over JSON values.

use futures::future::BoxFuture;
use serde_json::Value;

use super::{Caller, Input, ServiceError};

/// One operation asked of a service.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation's name in the service's model.
    pub operation: String,
    /// Its input, by the model's member names: blobs are base64 text, times epoch seconds, maps objects.
    pub input: Input,
    /// The principal who asks, and the way of the request.
    pub caller: Caller,
    /// True if the request came over the wire. A service of the plane does not spell its requests as a client does: numbers and
    /// truth values may still be text, as templates have them.
    pub over_the_wire: bool,
}

impl Request {
    /// A client's request, which came over the wire.
    pub fn from_wire(operation: impl Into<String>, input: Value, caller: Caller) -> Self {
        Self { operation: operation.into(), input: input.into(), caller, over_the_wire: true }
    }

    /// A request of a service of the plane.
    pub fn within(operation: impl Into<String>, input: Value, caller: Caller) -> Self {
        Self { operation: operation.into(), input: input.into(), caller, over_the_wire: false }
    }
}

/// An operation's output, by the model's member names: blobs are base64 text, times epoch seconds, maps objects. The wire
/// writes each as the protocol and the model want it.
pub type Reply = Result<Value, ServiceError>;

/// An operation that a service runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The name in the model.
    pub operation: &'static str,
    /// The IAM actions that it needs; nothing where only a request can tell.
    pub actions: Vec<String>,
    /// The ARN of what it is done to, with `*` for what a request says; none where only a request can tell.
    pub resource: Option<String>,
    /// The members at the top of its input that are honoured, whole or in part.
    pub members: Vec<String>,
}

/// A service of the plane.
pub trait Service: Send + Sync {
    /// The name that requests are signed for: `lambda`, `codedeploy`, `monitoring`, `events` …
    fn name(&self) -> &'static str;

    /// Runs an operation. One that is not run answers [`ServiceError::not_implemented`].
    fn call(&self, request: Request) -> BoxFuture<'_, Reply>;

    /// The policy of a resource of this service, as a document, when it has one.
    fn resource_policy(&self, arn: &str) -> Option<String> {
        let _ = arn;
        None
    }

    /// The operations that it runs, with the members of each that it honours; none when it does not declare them.
    fn declared(&self) -> Vec<Declared> {
        Vec::new()
    }

    /// Ends what the service runs. Called once, in reverse order of registration.
    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

//! A DynamoDB that answers what a test says, and keeps what it was asked, under the SDK's real wire format.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use super::super::DynamoDb;

type Answer = dyn FnMut(&Request) -> (u16, Value) + Send;

/// One request, as it left the SDK.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) operation: String,
    pub(super) body: Value,
}

#[derive(Clone)]
pub(super) struct Wire {
    answer: Arc<Mutex<Box<Answer>>>,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Wire")
    }
}

impl Wire {
    /// Answers each request with a status and a body.
    pub(super) fn answering(answer: impl FnMut(&Request) -> (u16, Value) + Send + 'static) -> Self {
        Self { answer: Arc::new(Mutex::new(Box::new(answer))), seen: Arc::default() }
    }

    /// Answers with these, one after another, and with the last one again and again.
    pub(super) fn answering_in_turn(answers: Vec<(u16, Value)>) -> Self {
        let mut answers = answers.into_iter().peekable();
        let mut last = (418, json!({}));
        Self::answering(move |_| {
            if let Some(answer) = answers.next() {
                last = answer;
            }
            last.clone()
        })
    }

    pub(super) fn store(&self) -> DynamoDb {
        let connector = SharedHttpConnector::new(self.clone());
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        DynamoDb::new(Client::from_conf(config), "contacts")
    }

    pub(super) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap();
        let request = Request {
            operation: target.rsplit('.').next().unwrap().to_owned(),
            body: serde_json::from_slice(request.body().bytes().unwrap()).unwrap(),
        };
        let (status, body) = (self.answer.lock().unwrap())(&request);
        self.seen.lock().unwrap().push(request);
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()))))
    }
}

/// A transaction that was cancelled, with a reason for each of its items.
pub(super) fn cancelled(reasons: Value) -> (u16, Value) {
    let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    (400, json!({ "__type": kind, "Message": "Transaction cancelled", "CancellationReasons": reasons }))
}

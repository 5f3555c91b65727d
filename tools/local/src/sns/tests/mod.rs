//! The service as a client meets it.

mod endpoints;
mod publishing;
mod subscriptions;
mod topics;

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::service;
use crate::core::testing::{self, Fake, hub};
use crate::core::{Caller, Principal, Reply, Request, Service};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:app";

/// SNS with functions and logs that take everything; what functions get comes out of the receiver.
fn sns() -> (Arc<dyn Service>, mpsc::UnboundedReceiver<Value>, Arc<Fake>) {
    let hub = hub();
    let (lambda, payloads) = testing::functions();
    let logs = Fake::new("logs", |_, _| Ok(json!({})));
    testing::with(&hub, vec![lambda, Arc::clone(&logs) as Arc<dyn Service>]);
    (service(&hub), payloads, logs)
}

async fn ask(sns: &Arc<dyn Service>, operation: &str, input: Value) -> Reply {
    testing::ask(sns.as_ref(), operation, input).await
}

async fn done(sns: &Arc<dyn Service>, operation: &str, input: Value) -> Value {
    ask(sns, operation, input).await.unwrap()
}

/// Code, status and text of a refusal.
async fn refused(sns: &Arc<dyn Service>, operation: &str, input: Value) -> (String, u16, String) {
    let error = ask(sns, operation, input).await.unwrap_err();
    (error.code, error.status, error.message)
}

async fn topic(sns: &Arc<dyn Service>) -> String {
    done(sns, "CreateTopic", json!({ "Name": "news" })).await["TopicArn"].as_str().unwrap().to_owned()
}

async fn subscribed(sns: &Arc<dyn Service>, topic: &str, attributes: Value) -> String {
    let input = json!({ "TopicArn": topic, "Protocol": "lambda", "Endpoint": FUNCTION, "Attributes": attributes });
    done(sns, "Subscribe", input).await["SubscriptionArn"].as_str().unwrap().to_owned()
}

/// The request that an endpoint was posted.
#[derive(Debug)]
struct Posted {
    headers: http::HeaderMap,
    body: String,
}

impl Posted {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// An HTTP endpoint that takes everything; what it is posted comes out of the receiver.
async fn endpoint() -> (String, mpsc::UnboundedReceiver<Posted>) {
    let (sender, posts) = mpsc::unbounded_channel();
    let take = move |headers: http::HeaderMap, body: String| {
        sender.send(Posted { headers, body }).unwrap();
        async { "" }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(take);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, posts)
}

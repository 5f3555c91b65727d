//! APIs behind their doors: functions that answer as they are told, and the plane's own issuer.

mod access;
mod front_door;
mod operations;

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::BoxFuture;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::core::testing::Fake;
use crate::core::{Caller, Clock, Hub, Ids, PlaneIdentity, Reply, Request, Service, ServiceError};
use crate::issuer::{issuer_router, issuer_url};
use crate::s3::S3Endpoint;

const MIRROR: &str = "arn:aws:lambda:us-east-1:000000000000:function:mirror:live";
const AUTHORIZER: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:guard/invocations";

/// Lambda: every function answers with the event that it got unless told otherwise, and lets API Gateway call it.
#[derive(Default)]
struct Functions {
    answer: Mutex<Option<Reply>>,
    verdict: Mutex<Value>,
    source: Mutex<Option<String>>,
    invoked: Mutex<Vec<(String, Value)>>,
    asked_for_policies: Mutex<Vec<Value>>,
}

impl Functions {
    /// Sets the function's answer from now on: a payload, or Lambda's own error.
    fn answer(&self, answer: Result<Value, ServiceError>) {
        *self.answer.lock().unwrap() = Some(answer);
    }

    /// Sets the answer of the authorizer's function.
    fn authorize(&self, answer: Value) {
        *self.verdict.lock().unwrap() = answer;
    }

    /// Sets the source ARNs from which calls are let in.
    fn permit(&self, pattern: &str) {
        *self.source.lock().unwrap() = Some(pattern.to_owned());
    }

    fn invoked(&self) -> Vec<(String, Value)> {
        self.invoked.lock().unwrap().clone()
    }

    fn policy(&self, input: Value) -> Reply {
        self.asked_for_policies.lock().unwrap().push(input);
        let mut statement = json!({ "Effect": "Allow", "Principal": { "Service": "apigateway.amazonaws.com" }, "Action": "lambda:InvokeFunction" });
        if let Some(pattern) = self.source.lock().unwrap().clone() {
            statement["Condition"] = json!({ "ArnLike": { "AWS:SourceArn": pattern } });
        }
        Ok(json!({ "Policy": json!({ "Statement": [statement] }).to_string() }))
    }

    fn invoke(&self, name: &str, event: Value) -> Reply {
        self.invoked.lock().unwrap().push((name.to_owned(), event.clone()));
        let told = self.answer.lock().unwrap().clone();
        let answer = match told {
            _ if name.contains("guard") => self.verdict.lock().unwrap().clone(),
            Some(answer) => answer?,
            None => json!({ "statusCode": 200, "body": event.to_string() }),
        };
        Ok(json!({ "Payload": STANDARD.encode(answer.to_string()), "ExecutedVersion": "1" }))
    }
}

struct Lambda(Arc<Functions>);

impl Service for Lambda {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            if request.operation == "GetPolicy" {
                return self.0.policy(request.input.into_value());
            }
            let name = request.input.str("FunctionName").unwrap();
            if name.contains("slow") {
                return futures::future::pending().await;
            }
            let event = STANDARD.decode(request.input.str("Payload").unwrap()).unwrap();
            self.0.invoke(name, serde_json::from_slice(&event).unwrap())
        })
    }
}

/// CloudWatch Logs with one group, `access`, whose streams have to be made.
fn logs() -> Arc<Fake> {
    let made = Mutex::new(false);
    Fake::new("logs", move |operation, input| {
        let mut made = made.lock().unwrap();
        *made |= operation == "CreateLogStream";
        match input["logGroupName"] == "access" && *made {
            true => Ok(json!({})),
            false => Err(ServiceError::new("ResourceNotFoundException", "no")),
        }
    })
}

/// A hub with API Gateway, functions, logs, and an issuer on a port of its own.
struct World {
    hub: Arc<Hub>,
    functions: Arc<Functions>,
    logs: Arc<Fake>,
    issuer: String,
    server: AbortHandle,
    _files: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl World {
    async fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = issuer_router(&endpoint);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }).abort_handle();
        let identity = PlaneIdentity::default();
        let hub = Hub::new(Clock::scaled(1.0), Ids::seeded(1), identity, endpoint.clone(), files.path().to_owned());
        let (functions, logs) = (Arc::<Functions>::default(), logs());
        let services: Vec<Arc<dyn Service>> =
            vec![super::service(&hub), Arc::new(Lambda(Arc::clone(&functions))), Arc::clone(&logs) as Arc<dyn Service>];
        hub.register(services, S3Endpoint::open(files.path()).unwrap().objects());
        Self { hub, functions, logs, issuer: issuer_url(&endpoint), server, _files: files }
    }

    async fn call(&self, operation: &str, input: Value) -> Value {
        self.hub.call_as(&Caller::root(), "apigateway", operation, input).await.unwrap()
    }

    /// Code and status of the error that an operation ends in.
    async fn refused(&self, operation: &str, input: Value) -> ServiceError {
        self.hub.call_as(&Caller::root(), "apigateway", operation, input).await.unwrap_err()
    }

    /// An API with a stage of these settings, and its integration's target.
    async fn api(&self, stage: Value, payload: &str) -> (Value, String) {
        let api = self.call("CreateApi", json!({ "Name": "n", "ProtocolType": "HTTP" })).await;
        let mut settings = json!({ "ApiId": api["ApiId"], "StageName": "$default", "AutoDeploy": true });
        settings.as_object_mut().unwrap().extend(stage.as_object().unwrap().clone());
        self.call("CreateStage", settings).await;
        let target = self.integration(&api, json!({ "PayloadFormatVersion": payload })).await;
        (api, target)
    }

    /// The target of a new integration with the mirror.
    async fn integration(&self, api: &Value, change: Value) -> String {
        let mut input = json!({
            "ApiId": api["ApiId"], "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "IntegrationUri": MIRROR,
        });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let integration = self.call("CreateIntegration", input).await;
        format!("integrations/{}", integration["IntegrationId"].as_str().unwrap())
    }

    async fn route(&self, api: &Value, key: &str, target: &str) -> Value {
        self.call("CreateRoute", json!({ "ApiId": api["ApiId"], "RouteKey": key, "Target": target })).await
    }

    async fn authorizer(&self, api: &Value) -> Value {
        let input = json!({
            "ApiId": api["ApiId"], "Name": "tokens", "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": { "Issuer": self.issuer, "Audience": ["slipway"] },
        });
        self.call("CreateAuthorizer", input).await["AuthorizerId"].take()
    }

    /// An API whose `$default` route takes tokens, and whose `GET /open` takes anybody.
    async fn guarded(&self, scopes: &[&str], payload: &str) -> Value {
        let (api, target) = self.api(json!({}), payload).await;
        let authorizer = self.authorizer(&api).await;
        self.route(&api, "GET /open", &target).await;
        let guarded = json!({
            "ApiId": api["ApiId"], "RouteKey": "$default", "Target": target, "AuthorizationType": "JWT",
            "AuthorizerId": authorizer, "AuthorizationScopes": scopes,
        });
        self.call("CreateRoute", guarded).await;
        api
    }

    async fn token(&self, form: &str) -> String {
        let request = Client::new().post(format!("{}/token", self.issuer)).body(form.to_owned());
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }
}

async fn get(api: &Value, path: &str, authorization: Option<&str>) -> Response {
    let mut request = Client::new().get(format!("{}{path}", api["ApiEndpoint"].as_str().unwrap()));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    request.send().await.unwrap()
}

//! A hub with CodeDeploy, CloudWatch, a Lambda that only has aliases, and services that remember what they are asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Caller, Clock, Hub, Ids, PlaneIdentity, Reply, Request, Service, ServiceError};
use crate::s3::S3Endpoint;

/// A service that takes everything and remembers it.
pub(super) struct Recorder(&'static str, Mutex<Vec<Value>>);

impl Recorder {
    pub(super) fn inputs(&self) -> Vec<Value> {
        self.1.lock().unwrap().clone()
    }
}

impl Service for Recorder {
    fn name(&self) -> &'static str {
        self.0
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        self.1.lock().unwrap().push(request.input.into_value());
        async { Ok(json!({})) }.boxed()
    }
}

/// One function with the versions 1 and 2 and the alias `live`.
#[derive(Default)]
pub(super) struct Aliases {
    alias: Mutex<(String, Value, u64)>,
    pub(super) invoked: Mutex<Vec<Value>>,
}

impl Aliases {
    fn answer(&self, request: &Request) -> Reply {
        let input = &request.input;
        let mut alias = self.alias.lock().unwrap();
        match request.operation.as_str() {
            "GetFunctionConfiguration" if ["1", "2"].contains(&input.str("Qualifier")?) => Ok(json!({})),
            "GetAlias" => {
                let (version, weights, revision) = &*alias;
                Ok(json!({ "FunctionVersion": version, "RevisionId": revision.to_string(),
                    "RoutingConfig": { "AdditionalVersionWeights": weights } }))
            }
            "UpdateAlias" if input.opt_str("RevisionId") != Some(alias.2.to_string().as_str()) => {
                Err(ServiceError::new("PreconditionFailedException", "another revision").with_status(412))
            }
            "UpdateAlias" => {
                let weights = input.object("RoutingConfig").get("AdditionalVersionWeights").cloned();
                *alias = (input.str("FunctionVersion")?.to_owned(), weights.unwrap_or_default(), alias.2 + 1);
                Ok(json!({}))
            }
            "Invoke" => {
                let payload = STANDARD.decode(input.str("Payload")?).unwrap();
                let payload: Value = serde_json::from_slice(&payload).unwrap();
                let (function, kind) = (input.str("FunctionName")?, input.str("InvocationType")?);
                self.invoked.lock().unwrap().push(json!({ "function": function, "type": kind, "event": payload }));
                Ok(json!({ "StatusCode": 202 }))
            }
            _ => Err(ServiceError::new("ResourceNotFoundException", "no such version").with_status(404)),
        }
    }
}

struct Lambda(Arc<Aliases>);

impl Service for Lambda {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        let answer = self.0.answer(&request);
        async { answer }.boxed()
    }
}

pub(super) struct World {
    pub(super) hub: Arc<Hub>,
    pub(super) lambda: Arc<Aliases>,
    pub(super) events: Arc<Recorder>,
    pub(super) topics: Arc<Recorder>,
    _files: tempfile::TempDir,
}

impl World {
    /// A world with an application `app`, a group `group` of `settings`, and the alias on version 1.
    pub(super) async fn with_group(settings: Value) -> Self {
        let world = Self::new();
        world.done("CreateApplication", json!({ "applicationName": "app", "computePlatform": "Lambda" })).await;
        let mut group = json!({
            "applicationName": "app", "deploymentGroupName": "group",
            "serviceRoleArn": "arn:aws:iam::000000000000:role/deploy",
        });
        group.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        world.done("CreateDeploymentGroup", group).await;
        world
    }

    pub(super) fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let hub = Hub::new(
            Clock::scaled(1.0),
            Ids::seeded(1),
            PlaneIdentity::default(),
            "http://127.0.0.1:1".to_owned(),
            files.path().to_owned(),
        );
        let lambda = Arc::new(Aliases::default());
        *lambda.alias.lock().unwrap() = ("1".to_owned(), json!({}), 0);
        let recorder = |name| Arc::new(Recorder(name, Mutex::default()));
        let (events, topics) = (recorder("events"), recorder("sns"));
        let services: Vec<Arc<dyn Service>> = vec![
            super::super::service(&hub),
            crate::cloudwatch::service(&hub),
            Arc::new(Lambda(Arc::clone(&lambda))),
            Arc::clone(&events) as Arc<dyn Service>,
            Arc::clone(&topics) as Arc<dyn Service>,
        ];
        hub.register(services, S3Endpoint::open(files.path()).unwrap().objects());
        Self { hub, lambda, events, topics, _files: files }
    }

    pub(super) async fn call(&self, operation: &str, input: Value) -> Reply {
        self.hub.call("codedeploy", operation, input).await
    }

    pub(super) async fn done(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap()
    }

    /// Asks the way a client of the plane does.
    pub(super) async fn as_client(&self, operation: &str, input: Value) -> Reply {
        let request = Request::from_wire(operation, input, Caller::root());
        self.hub.service("codedeploy").unwrap().call(request).await
    }

    /// Begins a deployment from version 1 to 2 with hooks.
    pub(super) async fn deploy(&self, more: Value) -> Reply {
        let mut order = json!({
            "applicationName": "app", "deploymentGroupName": "group",
            "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": appspec() } },
        });
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let reply = self.call("CreateDeployment", order).await?;
        Ok(reply["deploymentId"].clone())
    }

    /// Lets plane time pass.
    pub(super) async fn pass(&self, seconds: u64) {
        self.hub.clock.sleep(Duration::from_secs(seconds)).await;
    }

    /// The last hook that was invoked reports.
    pub(super) async fn report(&self, status: &str) -> Reply {
        let event = self.lambda.invoked.lock().unwrap().last().unwrap()["event"].clone();
        let input = json!({
            "deploymentId": event["DeploymentId"],
            "lifecycleEventHookExecutionId": event["LifecycleEventHookExecutionId"],
            "status": status,
        });
        self.as_client("PutLifecycleEventHookExecutionStatus", input).await
    }

    pub(super) async fn info(&self, id: &Value) -> Value {
        self.done("GetDeployment", json!({ "deploymentId": id })).await["deploymentInfo"].clone()
    }

    pub(super) async fn target(&self, id: &Value) -> Value {
        let ids = self.done("ListDeploymentTargets", json!({ "deploymentId": id })).await["targetIds"].clone();
        let targets = self.done("BatchGetDeploymentTargets", json!({ "deploymentId": id, "targetIds": ids })).await;
        targets["deploymentTargets"][0]["lambdaTarget"].clone()
    }

    /// Version and weights of the alias.
    pub(super) fn alias(&self) -> (String, Value) {
        let alias = self.lambda.alias.lock().unwrap();
        (alias.0.clone(), alias.1.clone())
    }

    /// Names of the functions invoked.
    pub(super) fn invoked(&self) -> Vec<String> {
        let invoked = self.lambda.invoked.lock().unwrap();
        invoked.iter().map(|it| it["function"].as_str().unwrap().to_owned()).collect()
    }

    /// `(deployment, state)` of the events on the bus.
    pub(super) fn states(&self) -> Vec<(Value, Value)> {
        self.events
            .inputs()
            .iter()
            .filter(|input| input["Entries"][0]["Source"] == "aws.codedeploy")
            .map(|input| {
                let detail: BTreeMap<String, Value> =
                    serde_json::from_str(input["Entries"][0]["Detail"].as_str().unwrap()).unwrap();
                (detail["deploymentId"].clone(), detail["state"].clone())
            })
            .collect()
    }
}

pub(super) fn appspec() -> String {
    json!({
        "version": 0.0,
        "Resources": [{ "Api": { "Type": "AWS::Lambda::Function", "Properties": {
            "Name": "api", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2" } } }],
        "Hooks": [{ "BeforeAllowTraffic": "CodeDeployHook_pre" }, { "AfterAllowTraffic": "CodeDeployHook_post" }],
    })
    .to_string()
}

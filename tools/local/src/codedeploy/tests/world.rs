//! A hub with CodeDeploy, CloudWatch, IAM that decides, a Lambda that only has an alias, and fakes of the rest.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::lambda::Aliases;
use crate::cloudwatch;
use crate::core::testing::{Fake, ask, hub, with};
use crate::core::{Caller, Hub, Reply, Service};
use crate::sts::testing::decided;

/// The groups' role. AWS's own policy for Lambda is all that it has.
pub(super) const ROLE: &str = "arn:aws:iam::000000000000:role/deploy";
const POLICY: &str = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda";

pub(super) struct World {
    pub(super) hub: Arc<Hub>,
    pub(super) lambda: Arc<Aliases>,
    events: Arc<Fake>,
    topics: Arc<Fake>,
}

impl World {
    /// A world with an application `app`, a group `group` of `settings`, and the alias on version 1.
    pub(super) async fn with_group(settings: Value) -> Self {
        let world = Self::new().await;
        world.done("CreateApplication", json!({ "applicationName": "app", "computePlatform": "Lambda" })).await;
        world.group(settings).await.unwrap();
        world
    }

    /// Nothing but the role.
    pub(super) async fn new() -> Self {
        let hub = hub();
        let [iam, sts] = decided(&hub);
        let (lambda, lambda_service) = Aliases::service(&hub);
        let fake = |name| Fake::new(name, |_, _| Ok(json!({})));
        let (events, topics) = (fake("events"), fake("sns"));
        let services: Vec<Arc<dyn Service>> = vec![
            super::super::service(&hub),
            cloudwatch::service(&hub),
            iam,
            sts,
            lambda_service,
            Arc::clone(&events) as Arc<dyn Service>,
            Arc::clone(&topics) as Arc<dyn Service>,
        ];
        with(&hub, services);
        let world = Self { hub, lambda, events, topics };
        world.role("deploy", "codedeploy.amazonaws.com").await;
        world.iam("AttachRolePolicy", json!({ "RoleName": "deploy", "PolicyArn": POLICY })).await;
        world
    }

    /// Makes a role that trusts a service.
    pub(super) async fn role(&self, name: &str, service: &str) {
        let statement = json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" });
        let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        self.iam("CreateRole", json!({ "RoleName": name, "AssumeRolePolicyDocument": trust })).await;
    }

    /// Lets the role do more.
    pub(super) async fn grant(&self, action: &str, resource: &str) {
        self.state("Allow", action, resource).await;
    }

    /// Keeps the role from doing something.
    pub(super) async fn deny(&self, action: &str) {
        self.state("Deny", action, "*").await;
    }

    async fn state(&self, effect: &str, action: &str, resource: &str) {
        let statement = json!({ "Effect": effect, "Action": action, "Resource": resource });
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let input = json!({ "RoleName": "deploy", "PolicyName": "own", "PolicyDocument": document });
        self.iam("PutRolePolicy", input).await;
    }

    /// Sets the state of the alarm `errors`.
    pub(super) async fn alarm(&self, state: &str) {
        let definition = json!({
            "AlarmName": "errors", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "ignore",
        });
        self.hub.call("monitoring", "PutMetricAlarm", definition).await.unwrap();
        let set = json!({ "AlarmName": "errors", "StateValue": state, "StateReason": "a test" });
        self.hub.call("monitoring", "SetAlarmState", set).await.unwrap();
    }

    /// Asks the plane's IAM; the call must succeed.
    pub(super) async fn iam(&self, operation: &str, input: Value) -> Value {
        ask(&**self.hub.service("iam").unwrap(), operation, input).await.unwrap()
    }

    /// Asks as a client of the plane.
    pub(super) async fn call(&self, operation: &str, input: Value) -> Reply {
        ask(&**self.hub.service("codedeploy").unwrap(), operation, input).await
    }

    pub(super) async fn done(&self, operation: &str, input: Value) -> Value {
        self.call(operation, input).await.unwrap()
    }

    /// The code of a refusal.
    pub(super) async fn refused(&self, operation: &str, input: Value) -> String {
        self.call(operation, input).await.unwrap_err().code
    }

    /// Makes the group `group` of the application `app`, or what `settings` name in their place.
    pub(super) async fn group(&self, settings: Value) -> Reply {
        let mut group = json!({ "applicationName": "app", "deploymentGroupName": "group", "serviceRoleArn": ROLE });
        group.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        self.call("CreateDeploymentGroup", group).await
    }

    /// Begins a deployment from version 1 to 2 with hooks.
    pub(super) async fn deploy(&self, more: Value) -> Reply {
        let reply = self.call("CreateDeployment", order(more)).await?;
        Ok(reply["deploymentId"].clone())
    }

    /// The same, asked by somebody within the plane.
    pub(super) async fn deploy_as(&self, caller: &Caller) -> Value {
        let reply = self.hub.call_as(caller, "codedeploy", "CreateDeployment", order(json!({}))).await.unwrap();
        reply["deploymentId"].clone()
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
        self.call("PutLifecycleEventHookExecutionStatus", input).await
    }

    pub(super) async fn info(&self, id: &Value) -> Value {
        self.done("GetDeployment", json!({ "deploymentId": id })).await["deploymentInfo"].clone()
    }

    pub(super) async fn target(&self, id: &Value) -> Value {
        let ids = self.done("ListDeploymentTargets", json!({ "deploymentId": id })).await["targetIds"].clone();
        let targets = self.done("BatchGetDeploymentTargets", json!({ "deploymentId": id, "targetIds": ids })).await;
        targets["deploymentTargets"][0]["lambdaTarget"].clone()
    }

    /// Names of the functions invoked.
    pub(super) fn invoked(&self) -> Vec<String> {
        let invoked = self.lambda.invoked.lock().unwrap();
        invoked.iter().map(|it| it["function"].as_str().unwrap().to_owned()).collect()
    }

    /// The `Publish` calls that topics got.
    pub(super) fn published(&self) -> Vec<Value> {
        self.topics.inputs("Publish")
    }

    /// `(deployment, state)` of the events on the bus.
    pub(super) fn states(&self) -> Vec<(Value, Value)> {
        self.events
            .inputs("PutServiceEvents")
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

fn order(more: Value) -> Value {
    let mut order = json!({
        "applicationName": "app", "deploymentGroupName": "group",
        "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": appspec() } },
    });
    order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    order
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

//! Carrying out what the engine wants: asking Lambda and CloudWatch, calling hooks, telling others.
//!
//! A deployment acts as its group's service role. The look for the target version is the plane's own: AWS's roles do not
//! grant a call that would tell.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::actor::Actor;
use super::announce::announce;
use super::engine::{AliasCall, AliasShape, AliasState, CallFailure, Effect, Hook, Input, Plan};
use crate::core::ServiceError;

impl Actor {
    /// Carries out one effect.
    pub(super) fn act(self, effect: Effect) -> BoxFuture<'static, Vec<Input>> {
        async move {
            match effect {
                Effect::Alias { plan, call } => vec![self.alias(&plan, call).await],
                Effect::FindVersion { plan, call } => {
                    let answer = self.find_version(&plan).await;
                    vec![Input::VersionFound { deployment: plan.id, call, answer }]
                }
                Effect::InvokeHook { plan, hook } => {
                    let answer = self.invoke(&plan, &hook).await;
                    vec![Input::HookInvoked { deployment: plan.id, execution: hook.execution, answer }]
                }
                Effect::PollAlarms { plan, call } => {
                    let answer = self.active_alarms(&plan).await;
                    vec![Input::AlarmsPolled { deployment: plan.id, call, answer }]
                }
                Effect::Announce { deployment, milestone } => {
                    announce(&self, &deployment, milestone).await;
                    if milestone.is_last() {
                        self.sessions.end(&deployment.plan.id);
                    }
                    Vec::new()
                }
            }
        }
        .boxed()
    }

    /// Asks a service as the deployment's role.
    pub(super) async fn ask(
        &self,
        plan: &Plan,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, CallFailure> {
        let caller = self.sessions.of(&self.hub, plan).await?;
        self.hub.call_as(&caller, service, operation, input).await.map_err(failure)
    }

    async fn alias(&self, plan: &Plan, call: AliasCall) -> Input {
        let (deployment, shift) = (plan.id.clone(), &plan.shift);
        let mut input = json!({ "FunctionName": shift.function, "Name": shift.alias });
        match call {
            AliasCall::Read { call } => {
                let answer = self.ask(plan, "lambda", "GetAlias", input).await.map(|alias| state(&alias));
                Input::AliasRead { deployment, call, answer }
            }
            AliasCall::Update { call, shape, revision } => {
                let weights: BTreeMap<String, f64> = shape
                    .additional
                    .iter()
                    .map(|(version, percentage)| (version.clone(), f64::from(*percentage) / 100.0))
                    .collect();
                input["FunctionVersion"] = json!(shape.version);
                input["RoutingConfig"] = json!({ "AdditionalVersionWeights": weights });
                if let Some(revision) = revision {
                    input["RevisionId"] = json!(revision);
                }
                let answer = self.ask(plan, "lambda", "UpdateAlias", input).await.map(drop);
                Input::AliasUpdated { deployment, call, answer }
            }
        }
    }

    async fn find_version(&self, plan: &Plan) -> Result<(), CallFailure> {
        let input = json!({ "FunctionName": plan.shift.function, "Qualifier": plan.shift.target });
        self.hub.call("lambda", "GetFunctionConfiguration", input).await.map(drop).map_err(failure)
    }

    async fn invoke(&self, plan: &Plan, hook: &Hook) -> Result<(), CallFailure> {
        // These two members are all that a hook is told.
        let event = json!({ "DeploymentId": plan.id, "LifecycleEventHookExecutionId": hook.execution });
        let input = json!({
            "FunctionName": hook.function,
            "InvocationType": "Event",
            "Payload": STANDARD.encode(event.to_string()),
        });
        self.ask(plan, "lambda", "Invoke", input).await.map(drop)
    }

    /// The alarms that are in `ALARM`. One that does not exist cannot be read.
    async fn active_alarms(&self, plan: &Plan) -> Result<Vec<String>, CallFailure> {
        let names = &plan.alarms.names;
        let input = json!({ "AlarmNames": names, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"], "MaxRecords": 100 });
        let reply = self.ask(plan, "monitoring", "DescribeAlarms", input).await?;
        let found: BTreeMap<&str, &str> = ["MetricAlarms", "CompositeAlarms"]
            .iter()
            .filter_map(|member| reply[member].as_array())
            .flatten()
            .filter_map(|alarm| Some((alarm["AlarmName"].as_str()?, alarm["StateValue"].as_str()?)))
            .collect();
        let missing: Vec<&str> = names.iter().map(String::as_str).filter(|name| !found.contains_key(name)).collect();
        let active: Vec<String> =
            names.iter().filter(|name| found.get(name.as_str()) == Some(&"ALARM")).cloned().collect();
        if active.is_empty() && !missing.is_empty() {
            let message = format!("there is no alarm named {}", missing.join(", "));
            return Err(CallFailure { code: "ResourceNotFound".to_owned(), message, transient: false });
        }
        Ok(active)
    }
}

fn state(alias: &Value) -> AliasState {
    let revision = alias["RevisionId"].as_str().map(str::to_owned);
    let version = alias["FunctionVersion"].as_str().unwrap_or_default().to_owned();
    let weights = alias["RoutingConfig"]["AdditionalVersionWeights"].as_object();
    let weights: Vec<(&String, f64)> =
        weights.into_iter().flatten().map(|(version, weight)| (version, weight.as_f64().unwrap_or(-1.0))).collect();
    let shape = match weights[..] {
        [] => Some(AliasShape { version, additional: None }),
        [(other, weight)] => {
            percent(weight).map(|share| AliasShape { version, additional: Some((other.clone(), share)) })
        }
        _ => None,
    };
    AliasState { shape, revision }
}

/// The whole percents of a weight, if it is one that a deployment sets.
fn percent(weight: f64) -> Option<u8> {
    (0..=100).find(|share| (f64::from(*share) / 100.0 - weight).abs() < 1e-6)
}

fn failure(error: ServiceError) -> CallFailure {
    const TRANSIENT: [&str; 3] = ["TooManyRequestsException", "ThrottlingException", "ResourceConflictException"];
    let transient = TRANSIENT.contains(&error.code.as_str()) || (error.status >= 500 && error.status != 501);
    CallFailure { code: error.code, message: error.message, transient }
}

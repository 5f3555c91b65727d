//! The event with which CodeDeploy calls a hook: two ids and nothing else
//! (<https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html>).
//!
//! An event that is not of this form is still answered if both ids can be found in it, because an unanswered hook costs an hour.

use aws_lambda_events::codedeploy::CodeDeployLifecycleEvent;
use serde::Deserialize as _;
use serde_json::Value;

use crate::identity::{DeploymentId, HookExecutionId};

/// The address of an answer. The deployment id is as received: CodeDeploy, not this code, decides whether it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportAddress {
    /// `DeploymentId` of the event.
    pub deployment_id: String,
    /// `LifecycleEventHookExecutionId` of the event.
    pub execution_id: HookExecutionId,
}

/// The content of an event that can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookEvent {
    /// The address of the answer.
    pub address: ReportAddress,
    /// The deployment to judge, or why the event is not of CodeDeploy's form.
    pub deployment: Result<DeploymentId, Malformed>,
}

/// An event that is not of CodeDeploy's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The two members are not where they should be.
    #[error("the event is not of CodeDeploy's form")]
    Form,
    /// The deployment id is not of CodeDeploy's form.
    #[error("the event's DeploymentId is not of CodeDeploy's form")]
    DeploymentId,
}

/// An event that cannot be answered at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// The event has no `DeploymentId` that could be answered.
    #[error("the event holds no usable DeploymentId")]
    DeploymentId,
    /// The event has no `LifecycleEventHookExecutionId` that could be answered.
    #[error("the event holds no usable LifecycleEventHookExecutionId")]
    ExecutionId,
}

const DEPLOYMENT_ID: &str = "DeploymentId";
const EXECUTION_ID: &str = "LifecycleEventHookExecutionId";

impl HookEvent {
    /// Reads an event.
    ///
    /// # Errors
    /// Fails if one of the ids cannot be found, however leniently it is looked for.
    pub fn read(payload: &Value) -> Result<Self, Unanswerable> {
        let deployment_id = find(payload, DEPLOYMENT_ID).ok_or(Unanswerable::DeploymentId)?;
        let execution_id = find(payload, EXECUTION_ID)
            .and_then(|text| text.parse::<HookExecutionId>().ok())
            .ok_or(Unanswerable::ExecutionId)?;
        let deployment = match CodeDeployLifecycleEvent::deserialize(payload) {
            Ok(event) => event.deployment_id.parse().map_err(|_| Malformed::DeploymentId),
            Err(_) => Err(Malformed::Form),
        };
        Ok(Self { address: ReportAddress { deployment_id: deployment_id.to_owned(), execution_id }, deployment })
    }
}

/// By its exact name, else by any spelling of it (`deploymentId`, `deployment_id`), else one level deeper.
fn find<'a>(payload: &'a Value, name: &str) -> Option<&'a str> {
    let members = payload.as_object()?;
    let exact = members.get(name).and_then(usable);
    let spelt = || members.iter().filter(|(key, _)| same_word(key, name)).find_map(|(_, value)| usable(value));
    let deeper = || {
        let inner = members.values().filter_map(Value::as_object);
        inner.flatten().filter(|(key, _)| same_word(key, name)).find_map(|(_, value)| usable(value))
    };
    exact.or_else(spelt).or_else(deeper)
}

fn usable(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty())
}

fn same_word(key: &str, name: &str) -> bool {
    let letters = key.chars().filter(|each| each.is_ascii_alphanumeric()).map(|each| each.to_ascii_lowercase());
    letters.eq(name.chars().map(|each| each.to_ascii_lowercase()))
}

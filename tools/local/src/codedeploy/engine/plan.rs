//! The plan of a deployment, fixed when it is created.

use serde_json::Value;

use super::super::traffic::TrafficRouting;
use super::error_information::Fault;

/// The alias that is moved and the versions it moves between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::codedeploy) struct LambdaShift {
    /// The function's name.
    pub function: String,
    /// The alias' name.
    pub alias: String,
    /// The version that production traffic points to.
    pub current: String,
    /// The version that production traffic is to point to.
    pub target: String,
}

/// The work of a deployment on Lambda.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codedeploy) enum Kind {
    /// Shifts traffic by the configuration, between the hooks, under the alarms.
    Forward,
    /// Puts everything back at once: no hooks, no alarms (what AWS was seen to do).
    Rollback,
}

/// The alarms that stop a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::codedeploy) struct AlarmPolicy {
    /// Names; empty when the alarms are not enabled.
    pub names: Vec<String>,
    /// True if it goes on when their state cannot be read.
    pub ignore_poll_failure: bool,
}

/// The ends after which a deployment is rolled back by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::codedeploy) struct RollbackPolicy {
    /// `DEPLOYMENT_FAILURE`.
    pub on_failure: bool,
    /// `DEPLOYMENT_STOP_ON_ALARM`.
    pub on_alarm: bool,
    /// `DEPLOYMENT_STOP_ON_REQUEST`.
    pub on_request: bool,
}

/// A function that validates a lifecycle event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codedeploy) struct Hook {
    /// The function's name or ARN.
    pub function: String,
    /// The opaque `LifecycleEventHookExecutionId` that it reports with.
    pub execution: String,
}

/// The hooks around the shift.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::codedeploy) struct Hooks {
    /// `BeforeAllowTraffic`.
    pub before: Option<Hook>,
    /// `AfterAllowTraffic`.
    pub after: Option<Hook>,
}

/// Everything about a deployment that never changes.
#[derive(Clone, Debug)]
pub(in crate::codedeploy) struct Plan {
    /// `d-` and nine capitals or digits.
    pub id: String,
    /// The application's name.
    pub application: String,
    /// The deployment group's name.
    pub group: String,
    /// The deployment group's id.
    pub group_id: String,
    /// The group's service role, in which everything is done.
    pub role: String,
    /// The deployment configuration's name.
    pub config: String,
    /// The increments of that configuration.
    pub routing: TrafficRouting,
    /// Forward or back.
    pub kind: Kind,
    /// The alias and the versions that it moves between.
    pub shift: LambdaShift,
    /// The reason why it cannot begin: its AppSpec cannot be read, so nothing is known of the shift.
    pub unfit: Option<Fault>,
    /// The hooks before and after the shift.
    pub hooks: Hooks,
    /// The alarms that stop it.
    pub alarms: AlarmPolicy,
    /// The ends that are undone.
    pub rollback: RollbackPolicy,
    /// The `revision` member, shown as it was given.
    pub revision: Value,
    /// The revision that the group deployed last.
    pub previous_revision: Option<Value>,
    /// Free text of who made it.
    pub description: Option<String>,
    /// A `DeploymentCreator`.
    pub creator: String,
    /// `overrideAlarmConfiguration` as it was given.
    pub override_alarms: Option<Value>,
    /// `autoRollbackConfiguration` in force.
    pub auto_rollback: Option<Value>,
}

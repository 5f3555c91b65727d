//! CodeDeploy's deployments as somebody watches them: which are active, how far one has shifted, and how to stop it.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use crate::call::CallError;
use crate::hook::{LifecycleEvent, Shift};
use crate::identity::DeploymentId;

/// The statuses of a deployment that is not over
/// (<https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentInfo.html>).
pub const ACTIVE: &[&str] = &["Created", "Queued", "InProgress", "Baking", "Ready"];

/// The status of a deployment that somebody, or an alarm, has stopped.
pub const STOPPED: &[&str] = &["Stopped"];

/// The state of a deployment: `GetDeployment`, and the `AllowTraffic` event of its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftState {
    /// CodeDeploy's application.
    pub application: String,
    /// CodeDeploy's deployment group.
    pub group: String,
    /// The shift that it makes; none if its target does not tell.
    pub shift: Option<Shift>,
    /// CodeDeploy's status: `InProgress`, `Stopped` …
    pub status: String,
    /// The creator, such as `CloudFormation`; `codeDeployRollback` for a deployment that undoes another.
    pub creator: String,
    /// True if CodeDeploy names a deployment that this one undoes.
    pub undoes: bool,
    /// The deployment configuration, by which the traffic is routed.
    pub config: String,
    /// The time at which traffic began to shift; none before that.
    pub began: Option<Timestamp>,
    /// The time at which all traffic had shifted, or the shift was given up; none before that.
    pub ended: Option<Timestamp>,
    /// The lifecycle event whose hook has been called and has not answered, and the time since when.
    pub called: Option<(LifecycleEvent, Timestamp)>,
}

impl ShiftState {
    /// True if the deployment is not over.
    #[must_use]
    pub fn is_active(&self) -> bool {
        ACTIVE.contains(&self.status.as_str())
    }

    /// True if it undoes another deployment. Nothing may stop such a one.
    #[must_use]
    pub fn is_rollback(&self) -> bool {
        self.undoes || self.creator.to_ascii_lowercase().contains("rollback")
    }
}

/// The way in which a deployment configuration shifts traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrafficRouting {
    /// All traffic in one step.
    AllAtOnce,
    /// A part of the traffic, and after the interval the rest.
    Canary {
        /// The time between the two steps.
        interval: Duration,
    },
    /// Steps of one size.
    Linear {
        /// The share of each step, in per cent.
        percentage: u32,
        /// The time between two steps.
        interval: Duration,
    },
}

impl TrafficRouting {
    /// The time from the first step to the last. All traffic is on the target from then on.
    #[must_use]
    pub fn length(self) -> Duration {
        match self {
            Self::AllAtOnce => Duration::ZERO,
            Self::Canary { interval } => interval,
            Self::Linear { percentage, interval } => interval * (100_u32.div_ceil(percentage.clamp(1, 100)) - 1),
        }
    }
}

/// The answer to a request to stop a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It is stopped, or will be as soon as what is under way has ended.
    Accepted,
    /// It was over already.
    AlreadyOver,
}

/// `codedeploy:ListDeploymentGroups`, `codedeploy:ListDeployments`.
pub trait FindDeployments {
    /// The groups of an application.
    fn list_groups(&self, application: &str) -> impl Future<Output = Result<Vec<String>, CallError>> + Send;

    /// The deployments of a group that have one of these statuses and were created since then.
    fn list_deployments(
        &self,
        application: &str,
        group: &str,
        statuses: &[&str],
        since: Timestamp,
    ) -> impl Future<Output = Result<Vec<DeploymentId>, CallError>> + Send;
}

/// `codedeploy:GetDeployment`, `codedeploy:ListDeploymentTargets`, `codedeploy:BatchGetDeploymentTargets`,
/// `codedeploy:GetDeploymentConfig`.
pub trait ReadShift {
    /// The deployment's state now.
    fn read_shift(&self, id: &DeploymentId) -> impl Future<Output = Result<ShiftState, CallError>> + Send;

    /// The way in which a deployment configuration shifts traffic.
    fn read_routing(&self, config: &str) -> impl Future<Output = Result<TrafficRouting, CallError>> + Send;
}

/// `codedeploy:StopDeployment`.
pub trait StopDeployment {
    /// Stops a deployment and has it rolled back, whatever its group says of that: a Lambda alias that is left between two versions
    /// makes every later deployment fail
    /// (<https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-deployments-lambda.html>).
    fn stop_deployment(&self, id: &DeploymentId) -> impl Future<Output = Result<Stopped, CallError>> + Send;
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test_case(TrafficRouting::AllAtOnce => 0; "at once")]
    #[test_case(TrafficRouting::Canary { interval: 10 * MINUTE } => 10; "a canary")]
    #[test_case(TrafficRouting::Linear { percentage: 10, interval: MINUTE } => 9; "ten steps")]
    #[test_case(TrafficRouting::Linear { percentage: 30, interval: 3 * MINUTE } => 9; "a last step that is smaller")]
    #[test_case(TrafficRouting::Linear { percentage: 0, interval: MINUTE } => 99; "no share at all")]
    fn a_shift_lasts_from_its_first_step_to_its_last(routing: TrafficRouting) -> u64 {
        routing.length().as_secs() / 60
    }

    #[test_case("codeDeployRollback" => true)]
    #[test_case("CloudFormationRollback" => true)]
    #[test_case("CloudFormation" => false)]
    #[test_case("user" => false)]
    fn a_rollback_is_told_by_its_creator(creator: &str) -> bool {
        let state = ShiftState {
            application: String::new(),
            group: String::new(),
            shift: None,
            undoes: false,
            status: "InProgress".into(),
            creator: creator.into(),
            config: String::new(),
            began: None,
            ended: None,
            called: None,
        };
        state.is_rollback()
    }
}

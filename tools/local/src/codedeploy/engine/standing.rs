//! The standing of one deployment: its plan, its status and its next step.

use super::alarm_watch::AlarmWatch;
use super::alias_change::AliasChange;
use super::calls::{Attempts, CallNumbers};
use super::error_information::Fault;
use super::lifecycle::{Lifecycle, LifecycleEventName};
use super::plan::{Hook, Plan};
use crate::core::Timestamp;

/// A `DeploymentStatus` that a Lambda deployment can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codedeploy) enum Status {
    InProgress,
    Succeeded,
    Failed,
    Stopped,
}

impl Status {
    /// The status' name in the API.
    pub(in crate::codedeploy) fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }
}

/// The step that a deployment waits for.
#[derive(Clone, Debug)]
pub(super) enum Phase {
    /// The first look at the alarms.
    FirstPoll,
    /// The answer whether the target version exists.
    Version(Attempts),
    /// The answer whether the alias is as the AppSpec says; nothing is changed yet.
    Precondition(AliasChange),
    /// A hook's report.
    Hook { event: LifecycleEventName, hook: Hook, deadline: Timestamp },
    /// Increment `index` being made.
    Shifting { index: u32, change: AliasChange },
    /// Increment `index` being held.
    Holding { index: u32, until: Timestamp },
    /// A call about the alias is out; the deployment ends with its answer, so that nothing moves the alias afterwards.
    Ending { fault: Fault, change: AliasChange, call_limit: Timestamp, to: u8 },
    /// The deployment has ended and waits for nothing.
    Over,
}

/// One deployment: its plan, its state and its next step.
#[derive(Clone, Debug)]
pub(in crate::codedeploy) struct Deployment {
    /// The plan that it carries out.
    pub plan: Plan,
    /// Its status, as `GetDeployment` shows it.
    pub status: Status,
    /// The reason why it ended early.
    pub fault: Option<Fault>,
    /// The time at which it was created and began: the plane has no queue between the two.
    pub created: Timestamp,
    /// The time at which it ended.
    pub completed: Option<Timestamp>,
    /// The time of its last change.
    pub updated: Timestamp,
    /// Its lifecycle events with their times.
    pub lifecycle: Lifecycle,
    /// The target version's share, in percent.
    pub weight: u8,
    /// The deployment that rolls this one back.
    pub rolled_back_by: Option<String>,
    /// The deployment that this one rolls back.
    pub rolls_back: Option<String>,
    pub(super) phase: Phase,
    pub(super) alarms: AlarmWatch,
    pub(super) numbers: CallNumbers,
}

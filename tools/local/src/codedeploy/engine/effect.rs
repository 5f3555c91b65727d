//! The effects that the engine wants, and the answers that it hears.

use super::alias::{AliasCall, AliasState};
use super::calls::CallFailure;
use super::plan::{Hook, Plan};
use super::standing::Deployment;

/// An event in a deployment's life that others want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codedeploy) enum Milestone {
    /// It began.
    Start,
    /// It reached its end.
    Success,
    /// It failed.
    Failure,
    /// It was stopped by an alarm or a request.
    Stop,
    /// It was created to roll another back.
    Rollback,
}

impl Milestone {
    /// True if nothing follows.
    pub(in crate::codedeploy) fn is_last(self) -> bool {
        matches!(self, Self::Success | Self::Failure | Self::Stop)
    }
}

/// Something the engine wants done for one deployment.
#[derive(Clone, Debug)]
pub(in crate::codedeploy) enum Effect {
    /// A call about the alias.
    Alias { plan: Box<Plan>, call: AliasCall },
    /// Look for the target version; answered with [`Input::VersionFound`].
    FindVersion { plan: Box<Plan>, call: u64 },
    /// Invoke a hook asynchronously; answered with [`Input::HookInvoked`].
    InvokeHook { plan: Box<Plan>, hook: Hook },
    /// Read the alarms; answered with [`Input::AlarmsPolled`].
    PollAlarms { plan: Box<Plan>, call: u64 },
    /// Tell EventBridge and the group's triggers.
    Announce { deployment: Box<Deployment>, milestone: Milestone },
}

/// The answers of other services. A request to the engine has an answer of its own: [`super::Deployments::create`],
/// [`super::Deployments::stop`], [`super::Deployments::answer_hook`].
#[derive(Clone, Debug)]
pub(in crate::codedeploy) enum Input {
    /// A hook was invoked, or could not be.
    HookInvoked { deployment: String, execution: String, answer: Result<(), CallFailure> },
    /// `GetAlias` answered.
    AliasRead { deployment: String, call: u64, answer: Result<AliasState, CallFailure> },
    /// `UpdateAlias` answered.
    AliasUpdated { deployment: String, call: u64, answer: Result<(), CallFailure> },
    /// Lambda said whether the target version exists.
    VersionFound { deployment: String, call: u64, answer: Result<(), CallFailure> },
    /// CloudWatch said which of the alarms are in `ALARM`, or could not be read.
    AlarmsPolled { deployment: String, call: u64, answer: Result<Vec<String>, CallFailure> },
}

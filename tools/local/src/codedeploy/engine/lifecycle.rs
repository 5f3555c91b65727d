//! The lifecycle events of a Lambda deployment and how each went.

use crate::core::Timestamp;

/// A lifecycle event that a target shows. `Start` and `End` frame them in AWS's documentation, but `GetDeploymentTarget`
/// on AWS was seen to show exactly these three for Lambda.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "they are AWS's names")]
pub(in crate::codedeploy) enum LifecycleEventName {
    BeforeAllowTraffic,
    AllowTraffic,
    AfterAllowTraffic,
}

impl LifecycleEventName {
    /// The event's name in the API.
    pub(in crate::codedeploy) fn as_str(self) -> &'static str {
        match self {
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AllowTraffic => "AllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }
}

/// A `LifecycleEventStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::codedeploy) enum LifecycleStatus {
    Pending,
    InProgress,
    Succeeded,
    Failed,
    Skipped,
}

impl LifecycleStatus {
    /// The status' name in the API.
    pub(in crate::codedeploy) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
        }
    }
}

/// One event with its status and times.
#[derive(Clone, Debug)]
pub(in crate::codedeploy) struct LifecycleEvent {
    pub name: LifecycleEventName,
    pub status: LifecycleStatus,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
}

/// The events of one deployment, in order.
#[derive(Clone, Debug)]
pub(in crate::codedeploy) struct Lifecycle([LifecycleEvent; 3]);

impl Default for Lifecycle {
    fn default() -> Self {
        use LifecycleEventName::{AfterAllowTraffic, AllowTraffic, BeforeAllowTraffic};
        Self([BeforeAllowTraffic, AllowTraffic, AfterAllowTraffic].map(|name| LifecycleEvent {
            name,
            status: LifecycleStatus::Pending,
            started: None,
            ended: None,
        }))
    }
}

impl Lifecycle {
    /// The events in order.
    pub(in crate::codedeploy) fn events(&self) -> &[LifecycleEvent] {
        &self.0
    }

    /// An event begins at `now`.
    pub(super) fn begin(&mut self, name: LifecycleEventName, now: Timestamp) {
        for event in self.0.iter_mut().filter(|event| event.name == name) {
            event.status = LifecycleStatus::InProgress;
            event.started = Some(now);
        }
    }

    /// An event is done.
    pub(super) fn succeed(&mut self, name: LifecycleEventName, now: Timestamp) {
        for event in self.0.iter_mut().filter(|event| event.name == name) {
            event.status = LifecycleStatus::Succeeded;
            event.ended = Some(now);
        }
    }

    /// The deployment ends early: the running event failed, or the first when none ran yet; the rest is skipped.
    pub(super) fn fail(&mut self, now: Timestamp) {
        let open = |event: &&mut LifecycleEvent| {
            matches!(event.status, LifecycleStatus::Pending | LifecycleStatus::InProgress)
        };
        for (index, event) in self.0.iter_mut().filter(open).enumerate() {
            event.status = if index == 0 { LifecycleStatus::Failed } else { LifecycleStatus::Skipped };
            event.started = event.started.or(Some(now)).filter(|_| index == 0);
            event.ended = Some(now).filter(|_| index == 0);
        }
    }
}

//! Polling a deployment's alarms for as long as it lasts.

use std::time::Duration;

use super::calls::{ANSWER_LIMIT, CallFailure, CallNumbers};
use super::plan::AlarmPolicy;
use crate::core::Timestamp;

/// Time between polls. On AWS an alarm was seen to stop a deployment within 10 to 15 seconds.
pub(in crate::codedeploy) const POLL_INTERVAL: Duration = Duration::from_secs(10);

/// The meaning of a poll for the deployment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Watch {
    /// The poll tells nothing new.
    Quiet,
    /// No alarm is active.
    Clear,
    /// These alarms are active.
    Active(Vec<String>),
    /// The alarms cannot be read, and the deployment may not go on without.
    Unreadable(CallFailure),
}

/// The polling of one deployment's alarms.
#[derive(Clone, Debug)]
pub(super) struct AlarmWatch {
    policy: AlarmPolicy,
    outstanding: Option<u64>,
    due: Timestamp,
}

impl AlarmWatch {
    pub(super) fn new(policy: AlarmPolicy, now: Timestamp) -> Self {
        Self { policy, outstanding: None, due: now }
    }

    /// The time at which it wants to poll, or gives an answer up. None if there are no alarms.
    pub(super) fn due(&self) -> Option<Timestamp> {
        (!self.policy.names.is_empty()).then_some(self.due)
    }

    /// Time passed: the call to make, and what an answer that never came means.
    pub(super) fn look(&mut self, numbers: &mut CallNumbers, now: Timestamp) -> (Watch, Option<u64>) {
        if self.policy.names.is_empty() || now < self.due {
            return (Watch::Quiet, None);
        }
        let mut watch = Watch::Quiet;
        if self.outstanding.take().is_some() {
            let failure = CallFailure {
                code: "NoAnswer".to_owned(),
                message: "CloudWatch did not answer".to_owned(),
                transient: true,
            };
            watch = self.unreadable(failure);
            if matches!(watch, Watch::Unreadable(_)) {
                return (watch, None);
            }
        }
        let call = numbers.next();
        self.outstanding = Some(call);
        self.due = now + ANSWER_LIMIT;
        (watch, Some(call))
    }

    /// CloudWatch answered: the meaning for the deployment, if it is the answer that is waited for.
    pub(super) fn polled(&mut self, call: u64, answer: Result<Vec<String>, CallFailure>, now: Timestamp) -> Watch {
        if self.outstanding != Some(call) {
            return Watch::Quiet;
        }
        self.outstanding = None;
        self.due = now + POLL_INTERVAL;
        match answer {
            Ok(active) if active.is_empty() => Watch::Clear,
            Ok(active) => Watch::Active(active),
            Err(failure) => self.unreadable(failure),
        }
    }

    fn unreadable(&self, failure: CallFailure) -> Watch {
        if self.policy.ignore_poll_failure { Watch::Clear } else { Watch::Unreadable(failure) }
    }
}

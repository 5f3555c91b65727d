//! The answers of other services, and the deployment's next step after each.

use super::super::alias::{AliasCall, AliasShape, AliasState};
use super::super::alias_change::{AliasChange, Progress};
use super::super::calls::CallFailure;
use super::super::effect::Effect;
use super::super::error_information::Fault;
use super::super::lifecycle::LifecycleEventName;
use super::super::standing::{Deployment, Phase};
use crate::core::Timestamp;

impl Deployment {
    /// CloudWatch answered.
    pub(in super::super) fn alarms_polled(
        &mut self,
        call: u64,
        answer: Result<Vec<String>, CallFailure>,
        now: Timestamp,
    ) -> Vec<Effect> {
        if matches!(self.phase, Phase::Ending { .. } | Phase::Over) {
            return Vec::new();
        }
        let watch = self.alarms.polled(call, answer, now);
        self.heed(watch, now)
    }

    /// Lambda said whether the target version exists.
    pub(in super::super) fn version_found(
        &mut self,
        call: u64,
        answer: Result<(), CallFailure>,
        now: Timestamp,
    ) -> Vec<Effect> {
        let Phase::Version(attempts) = &mut self.phase else { return Vec::new() };
        if !attempts.take_answer(call) {
            return Vec::new();
        }
        match answer {
            Ok(()) => {
                let whole = AliasShape::whole(&self.plan.shift.current);
                let (change, call) = AliasChange::start(whole.clone(), Some(whole), &mut self.numbers, now);
                self.phase = Phase::Precondition(change);
                vec![self.alias(call)]
            }
            Err(failure) if failure.transient => {
                attempts.rest(now);
                Vec::new()
            }
            Err(failure) => self.fail(Fault::lambda(&self.plan, &failure).untouched(), now),
        }
    }

    /// Lambda answered `GetAlias`.
    pub(in super::super) fn alias_read(
        &mut self,
        call: u64,
        answer: Result<AliasState, CallFailure>,
        now: Timestamp,
    ) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Precondition(change) | Phase::Shifting { change, .. } => {
                let (progress, next) = change.read(call, answer, &mut self.numbers, now);
                self.advance_alias(progress, next, now)
            }
            Phase::Ending { change, .. } => {
                // The update that would follow is not made: reading has moved nothing.
                let _ = change.read(call, answer, &mut self.numbers.clone(), now);
                self.end(now)
            }
            _ => Vec::new(),
        }
    }

    /// Lambda answered `UpdateAlias`.
    pub(in super::super) fn alias_updated(
        &mut self,
        call: u64,
        answer: Result<(), CallFailure>,
        now: Timestamp,
    ) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Precondition(change) | Phase::Shifting { change, .. } => {
                let progress = change.updated(call, answer, now);
                self.advance_alias(progress, None, now)
            }
            Phase::Ending { change, to, .. } => {
                let done = change.updated(call, answer, now) == Progress::Done;
                let reached = *to;
                if change.in_flight() {
                    return Vec::new();
                }
                if done {
                    self.weight = reached;
                }
                self.end(now)
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn advance_alias(&mut self, progress: Progress, next: Option<AliasCall>, now: Timestamp) -> Vec<Effect> {
        let before_shift = matches!(self.phase, Phase::Precondition(_) | Phase::Shifting { index: 0, .. });
        match progress {
            Progress::Working => next.map(|call| self.alias(call)).into_iter().collect(),
            Progress::Done => match &self.phase {
                Phase::Shifting { index, .. } => {
                    let index = *index;
                    self.shifted(index, now)
                }
                _ => self.enter_hook(LifecycleEventName::BeforeAllowTraffic, now),
            },
            Progress::Unexpected if before_shift => self.fail(Fault::alias_mismatch(), now),
            Progress::Unexpected => self.fail(Fault::alias_moved(&self.plan.shift), now),
            Progress::Refused(failure) => {
                let fault = Fault::lambda(&self.plan, &failure);
                let checking = matches!(self.phase, Phase::Precondition(_));
                self.fail(if checking { fault.untouched() } else { fault }, now)
            }
        }
    }

    /// Tells whether a hook execution waits: none if it is not of this deployment, true if its report is still to come.
    pub(in super::super) fn waits_for_hook(&self, execution: &str) -> Option<bool> {
        let hooks = [&self.plan.hooks.before, &self.plan.hooks.after];
        hooks.into_iter().flatten().find(|hook| hook.execution == execution)?;
        let waiting = matches!(&self.phase, Phase::Hook { hook, .. } if hook.execution == execution);
        Some(waiting)
    }

    /// A hook reported: the deployment goes on or fails.
    pub(in super::super) fn hook_answered(&mut self, execution: &str, succeeded: bool, now: Timestamp) -> Vec<Effect> {
        if self.waits_for_hook(execution) != Some(true) {
            return Vec::new();
        }
        let Phase::Hook { event, .. } = self.phase else { return Vec::new() };
        if succeeded { self.leave_hook(event, now) } else { self.fail(Fault::hook_failed(), now) }
    }

    /// A hook was invoked, or could not be. A report may come before this answer.
    pub(in super::super) fn hook_invoked(
        &mut self,
        execution: &str,
        answer: Result<(), CallFailure>,
        now: Timestamp,
    ) -> Vec<Effect> {
        let Phase::Hook { hook, .. } = &self.phase else { return Vec::new() };
        if hook.execution != execution {
            return Vec::new();
        }
        match answer {
            Ok(()) => Vec::new(),
            Err(failure) => {
                let fault = Fault::hook_not_invoked(&self.plan, &hook.function, &failure);
                self.fail(fault, now)
            }
        }
    }
}

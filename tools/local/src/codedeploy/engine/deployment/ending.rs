//! The end of a deployment, which comes once, and the decision to undo it.

use super::super::effect::{Effect, Milestone};
use super::super::error_information::{EndedBy, Fault};
use super::super::plan::Kind;
use super::super::standing::{Deployment, Phase, Status};
use crate::core::Timestamp;

impl Deployment {
    /// Somebody asks to stop it.
    pub(in super::super) fn stop(&mut self, auto_rollback: Option<bool>, now: Timestamp) -> Vec<Effect> {
        if matches!(self.phase, Phase::Ending { .. } | Phase::Over) {
            return Vec::new();
        }
        self.fail(Fault::stopped(auto_rollback), now)
    }

    pub(super) fn fail(&mut self, fault: Fault, now: Timestamp) -> Vec<Effect> {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Shifting { index, change } if change.in_flight() => {
                let call_limit = change.due();
                let to = self.percentage_of(index);
                self.phase = Phase::Ending { fault, change, call_limit, to };
                Vec::new()
            }
            _ => self.close_failed(fault, now),
        }
    }

    pub(super) fn end(&mut self, now: Timestamp) -> Vec<Effect> {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Ending { fault, .. } => self.close_failed(fault, now),
            other => {
                self.phase = other;
                Vec::new()
            }
        }
    }

    fn close_failed(&mut self, fault: Fault, now: Timestamp) -> Vec<Effect> {
        let (status, milestone) = match fault.ended_by {
            EndedBy::Failure | EndedBy::Untouched => (Status::Failed, Milestone::Failure),
            EndedBy::Alarm | EndedBy::Request { .. } => (Status::Stopped, Milestone::Stop),
        };
        self.fault = Some(fault);
        self.lifecycle.fail(now);
        self.close(status, now);
        vec![self.announce(milestone)]
    }

    pub(super) fn close(&mut self, status: Status, now: Timestamp) {
        self.status = status;
        self.completed = Some(now);
        self.updated = now;
        self.phase = Phase::Over;
    }

    /// True if it is over in a way that its policy undoes.
    pub(in super::super) fn wants_rollback(&self) -> bool {
        let policy = &self.plan.rollback;
        match self.fault.as_ref().map(|fault| fault.ended_by) {
            _ if self.plan.kind == Kind::Rollback || !self.is_over() => false,
            None | Some(EndedBy::Untouched) => false,
            Some(EndedBy::Failure) => policy.on_failure,
            Some(EndedBy::Alarm) => policy.on_alarm,
            Some(EndedBy::Request { auto_rollback }) => auto_rollback.unwrap_or(policy.on_request),
        }
    }
}

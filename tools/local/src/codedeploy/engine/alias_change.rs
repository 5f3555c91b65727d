//! Moving an alias from the shape it is expected in to the shape it shall have: read, compare, update, and again
//! when an answer fails or never comes.

use super::alias::{AliasCall, AliasShape, AliasState};
use super::calls::{Attempts, CallFailure, CallNumbers, Due};
use crate::core::Timestamp;

/// The progress of a change.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Progress {
    /// The alias does not have the shape yet.
    Working,
    /// The alias has the shape.
    Done,
    /// Somebody else moved the alias.
    Unexpected,
    /// Lambda refused, for good.
    Refused(CallFailure),
}

/// One change of an alias.
#[derive(Clone, Debug)]
pub(super) struct AliasChange {
    goal: AliasShape,
    /// The shape it must be found in; any when none.
    expected: Option<AliasShape>,
    attempts: Attempts,
    last_failure: Option<CallFailure>,
}

impl AliasChange {
    /// Starts by reading the alias.
    pub(super) fn start(
        goal: AliasShape,
        expected: Option<AliasShape>,
        numbers: &mut CallNumbers,
        now: Timestamp,
    ) -> (Self, AliasCall) {
        let attempts = Attempts::first(numbers, now);
        let read = AliasCall::Read { call: attempts.number() };
        (Self { goal, expected, attempts, last_failure: None }, read)
    }

    /// True if a call is out whose answer is not known.
    pub(super) fn in_flight(&self) -> bool {
        self.attempts.outstanding()
    }

    /// The time at which it wants to be looked at.
    pub(super) fn due(&self) -> Timestamp {
        self.attempts.due()
    }

    /// Lambda answered a read.
    pub(super) fn read(
        &mut self,
        call: u64,
        answer: Result<AliasState, CallFailure>,
        numbers: &mut CallNumbers,
        now: Timestamp,
    ) -> (Progress, Option<AliasCall>) {
        if !self.attempts.take_answer(call) {
            return (Progress::Working, None);
        }
        let found = match answer {
            Ok(found) => found,
            Err(failure) => return (self.failed(failure, now), None),
        };
        if let Some(expected) = &self.expected {
            if found.shape.as_ref() == Some(&self.goal) {
                return (Progress::Done, None);
            }
            if found.shape.as_ref() != Some(expected) {
                return (Progress::Unexpected, None);
            }
        }
        // Where any shape will do, the goal is written even if it is found: the new revision makes an update that an
        // ended deployment left on its way fail.
        let call = self.attempts.follow(numbers, now);
        (Progress::Working, Some(AliasCall::Update { call, shape: self.goal.clone(), revision: found.revision }))
    }

    /// Lambda answered an update.
    pub(super) fn updated(&mut self, call: u64, answer: Result<(), CallFailure>, now: Timestamp) -> Progress {
        if !self.attempts.take_answer(call) {
            return Progress::Working;
        }
        match answer {
            Ok(()) => Progress::Done,
            // The alias changed between the read and the update: the next read says how.
            Err(failure) if failure.code == "PreconditionFailedException" => {
                self.last_failure = Some(failure);
                self.attempts.rest(now);
                Progress::Working
            }
            Err(failure) => self.failed(failure, now),
        }
    }

    /// Time passed.
    pub(super) fn look(&mut self, numbers: &mut CallNumbers, now: Timestamp) -> (Progress, Option<AliasCall>) {
        match self.attempts.look(numbers, now) {
            Due::No => (Progress::Working, None),
            Due::Make(call) => (Progress::Working, Some(AliasCall::Read { call })),
            Due::GiveUp => (Progress::Refused(self.last_failure.clone().unwrap_or_else(never_answered)), None),
        }
    }

    fn failed(&mut self, failure: CallFailure, now: Timestamp) -> Progress {
        if !failure.transient {
            return Progress::Refused(failure);
        }
        self.last_failure = Some(failure);
        self.attempts.rest(now);
        Progress::Working
    }
}

fn never_answered() -> CallFailure {
    CallFailure { code: "NoAnswer".to_owned(), message: "Lambda did not answer".to_owned(), transient: true }
}

//! Asking AWS services and hearing back, or not: calls are numbered, made again when they fail or are not answered,
//! and answers to anything but the latest call are ignored.

use std::time::Duration;

use crate::core::Timestamp;

/// The time that an answer is waited for. It is plane time, so it is generous: at a scale of 300 it is a second. A call
/// that is made again is safe, because every change reads the alias first and is bound to its revision.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(300);
/// The time for which a call that failed rests.
const REST: Duration = Duration::from_secs(5);
/// The number of times that a call is made in all.
pub(super) const ATTEMPTS: u32 = 10;

/// The code of a call that was not made, because its role cannot be assumed.
pub(in crate::codedeploy) const ROLE_MISSING: &str = "IAM_ROLE_MISSING";

/// The reason why a call to another service failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codedeploy) struct CallFailure {
    /// The error's code.
    pub code: String,
    /// The error's message.
    pub message: String,
    /// True if asking again may help (throttling, conflicts, faults of the service).
    pub transient: bool,
}

/// The numbers under which calls are made, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct CallNumbers(u64);

impl CallNumbers {
    pub(super) fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// The next step of a call that was looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It needs nothing yet.
    No,
    /// It must be made now, under this number.
    Make(u64),
    /// It has been made too often.
    GiveUp,
}

/// One call that is made until it is answered for good.
#[derive(Clone, Debug)]
pub(super) struct Attempts {
    number: u64,
    made: u32,
    outstanding: bool,
    due: Timestamp,
}

impl Attempts {
    /// The first attempt, made now.
    pub(super) fn first(numbers: &mut CallNumbers, now: Timestamp) -> Self {
        Self { number: numbers.next(), made: 1, outstanding: true, due: now + ANSWER_LIMIT }
    }

    /// The number that the outstanding call was made under.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// True if an answer to call `number` is waited for. The answer is taken: asking twice says no.
    pub(super) fn take_answer(&mut self, number: u64) -> bool {
        let taken = self.outstanding && self.number == number;
        if taken {
            self.outstanding = false;
        }
        taken
    }

    /// True if a call is out.
    pub(super) fn outstanding(&self) -> bool {
        self.outstanding
    }

    /// The answer was a failure: rests before the next attempt.
    pub(super) fn rest(&mut self, now: Timestamp) {
        self.outstanding = false;
        self.due = now + REST;
    }

    /// Starts the next call of the same attempt at once, such as the update after the read.
    pub(super) fn follow(&mut self, numbers: &mut CallNumbers, now: Timestamp) -> u64 {
        self.number = numbers.next();
        self.outstanding = true;
        self.due = now + ANSWER_LIMIT;
        self.number
    }

    /// The time at which it wants to be looked at again.
    pub(super) fn due(&self) -> Timestamp {
        self.due
    }

    /// Looks at the time: a call that rested long enough, or was never answered, is made again.
    pub(super) fn look(&mut self, numbers: &mut CallNumbers, now: Timestamp) -> Due {
        if now < self.due {
            Due::No
        } else if self.made >= ATTEMPTS {
            Due::GiveUp
        } else {
            self.made += 1;
            Due::Make(self.follow(numbers, now))
        }
    }
}

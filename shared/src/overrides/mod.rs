//! Overrides of alarms: for a time, an alarm does not decide whether a release goes on.
//!
//! An alarm that burns because of what is live would stop the release that mends it. A person may override it: releases that are
//! prepared until the override expires leave the alarm out of their deployment groups, and the first one after that puts it back.
//! Nothing is deleted: each override is an act, kept with who did it, when and why, and a later act on the same alarm counts instead
//! of an earlier one. An override is lifted by one that ends when it begins.

#[cfg(any(test, feature = "fakes"))]
pub mod contract;
#[cfg(feature = "dynamodb")]
mod dynamodb;
mod groups;

use std::collections::BTreeMap;
use std::future::Future;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::call::CallError;

pub use groups::leave_out;

/// A person's act: an alarm is overridden until a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmOverride {
    /// The alarm's name.
    pub alarm: String,
    /// The stack that made the alarm, and the alarm's logical id in it; none if no stack did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<AlarmResource>,
    /// The end of the override.
    pub until: Timestamp,
    /// The person's reason.
    pub reason: String,
    /// The ARN of who did it.
    pub by: String,
    /// The time of the act.
    pub at: Timestamp,
}

/// The place of an alarm in a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlarmResource {
    /// The stack's name.
    pub stack: String,
    /// The alarm's logical id.
    pub logical_id: String,
}

impl AlarmOverride {
    /// True as long as it has not expired.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// One sentence for people.
impl std::fmt::Display for AlarmOverride {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { alarm, until, by, reason, .. } = self;
        write!(formatter, "alarm {alarm} is overridden until {until} by {by}: {reason}")
    }
}

/// Those of the acts that are in force: the last one on each alarm, unless it has expired.
#[must_use]
pub fn in_force(acts: impl IntoIterator<Item = AlarmOverride>, now: Timestamp) -> Vec<AlarmOverride> {
    let mut last: BTreeMap<String, AlarmOverride> = BTreeMap::new();
    for act in acts {
        if last.get(&act.alarm).is_none_or(|earlier| earlier.at <= act.at) {
            last.insert(act.alarm.clone(), act);
        }
    }
    last.into_values().filter(|act| act.is_in_force(now)).collect()
}

/// `dynamodb:Query`.
pub trait ReadOverrides {
    /// All acts that are kept, in the order of their times.
    fn list_overrides(&self) -> impl Future<Output = Result<Vec<AlarmOverride>, CallError>> + Send;
}

/// `dynamodb:PutItem`.
pub trait WriteOverride {
    /// Keeps an act beside those before it.
    fn write_override(&self, act: &AlarmOverride) -> impl Future<Output = Result<(), CallError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(alarm: &str, at: i64, until: i64) -> AlarmOverride {
        let second = |second| Timestamp::from_second(second).unwrap();
        AlarmOverride {
            alarm: alarm.into(),
            resource: None,
            until: second(until),
            reason: "the fix".into(),
            by: "arn:aws:iam::111122223333:user/ann".into(),
            at: second(at),
        }
    }

    #[test]
    fn an_override_is_in_force_until_it_expires() {
        let now = |second| in_force([act("a", 0, 60)], Timestamp::from_second(second).unwrap()).len();
        assert_eq!((now(59), now(60)), (1, 0));
    }

    #[test]
    fn the_last_act_on_an_alarm_counts_in_whatever_order_they_come() {
        let lifted = act("a", 20, 20);
        let now = Timestamp::from_second(30).unwrap();
        assert_eq!(in_force([act("a", 10, 99), lifted.clone()], now), []);
        assert_eq!(in_force([lifted, act("a", 10, 99), act("b", 5, 99)], now), [act("b", 5, 99)]);
    }

    #[test]
    fn is_told_in_a_sentence() {
        let told = "alarm a is overridden until 1970-01-01T00:01:00Z by arn:aws:iam::111122223333:user/ann: the fix";
        assert_eq!(act("a", 0, 60).to_string(), told);
    }
}

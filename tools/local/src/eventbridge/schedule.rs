//! Schedule expressions: `rate(5 minutes)` and `cron(0 12 * * ? *)`, and the engine that fires them in plane time.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>

use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

use slipway_shared::cron::Cron;

use crate::core::{Engine, ServiceError, Timestamp};

/// A parsed `ScheduleExpression`: a rate or a cron expression.
#[derive(Clone, Debug)]
pub(super) enum Schedule {
    Rate(Duration),
    Cron(Cron),
}

impl FromStr for Schedule {
    type Err = ServiceError;

    fn from_str(text: &str) -> Result<Self, ServiceError> {
        let fault = || ServiceError::validation("Parameter ScheduleExpression is not valid.");
        if let Some(inside) = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
            let (count, unit) = inside.split_once(' ').ok_or_else(fault)?;
            let digits = count.bytes().all(|byte| byte.is_ascii_digit());
            let count: u64 = count.parse().ok().filter(|count| digits && *count > 0).ok_or_else(fault)?;
            let seconds = match (unit, count) {
                ("minute", 1) | ("minutes", 2..) => 60,
                ("hour", 1) | ("hours", 2..) => 3600,
                ("day", 1) | ("days", 2..) => 86_400,
                _ => return Err(fault()),
            };
            return count
                .checked_mul(seconds)
                .map(|seconds| Self::Rate(Duration::from_secs(seconds)))
                .ok_or_else(fault);
        }
        let inside = text.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(fault)?;
        inside.parse().map(Self::Cron).map_err(|_| fault())
    }
}

impl Schedule {
    /// The first time after `after` that the schedule names; none when it names no more.
    pub(super) fn next(&self, after: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Rate(every) => Some(after + *every),
            Self::Cron(cron) => {
                let after = jiff::Timestamp::from_millisecond(after.as_millis()).ok()?;
                let next = cron.next(after, &jiff::tz::TimeZone::UTC)?;
                Some(Timestamp::from_millis(next.as_millisecond()))
            }
        }
    }
}

/// A change to the scheduled rules.
#[derive(Debug)]
pub(super) enum Change {
    /// The rule is enabled with this schedule.
    Set(String, Schedule),
    /// The rule is gone, disabled or has no schedule.
    Remove(String),
}

/// A rule that is due.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) rule: String,
    pub(super) at: Timestamp,
}

/// Fires rules when they are due; a sleep over several occasions of a rule fires it once.
#[derive(Debug, Default)]
pub(super) struct Schedules(BTreeMap<String, (Schedule, Option<Timestamp>)>);

impl Engine for Schedules {
    type Input = Change;
    type Effect = Due;

    fn step(&mut self, input: Option<Change>, now: Timestamp) -> Vec<Due> {
        match input {
            Some(Change::Set(rule, schedule)) => {
                let next = schedule.next(now);
                self.0.insert(rule, (schedule, next));
            }
            Some(Change::Remove(rule)) => drop(self.0.remove(&rule)),
            None => {}
        }
        let mut due = Vec::new();
        for (rule, (schedule, next)) in &mut self.0 {
            if let Some(at) = next.filter(|at| *at <= now) {
                due.push(Due { rule: rule.clone(), at });
                *next = schedule.next(now);
            }
        }
        due
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.0.values().filter_map(|(_, next)| *next).min()
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::core::Simulation;

    /// The start of the tests: 2023-11-14T22:13:20Z, a Tuesday.
    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    #[test_case("rate(5 minutes)", "2023-11-14T22:18:20.000Z")]
    #[test_case("rate(1 day)", "2023-11-15T22:13:20.000Z")]
    #[test_case("cron(15 10 * * ? *)", "2023-11-15T10:15:00.000Z")]
    #[test_case("cron(0 18 ? * MON-FRI *)", "2023-11-15T18:00:00.000Z")]
    #[test_case("cron(0 8 ? * 2 *)", "2023-11-20T08:00:00.000Z"; "two is Monday")]
    #[test_case("cron(0 0 L * ? *)", "2023-11-30T00:00:00.000Z"; "last day of the month")]
    fn the_next_time(expression: &str, expected: &str) {
        let schedule: Schedule = expression.parse().unwrap();
        assert_eq!(schedule.next(START).unwrap().iso8601(), expected);
    }

    #[test_case("rate(10 seconds)")]
    #[test_case("rate(10 years)")]
    #[test_case("rate(1 minutes)")]
    #[test_case("rate(10 minute)")]
    #[test_case("rate()")]
    #[test_case("rate(10)")]
    #[test_case("rate(foo minutes)")]
    #[test_case("rate(0 minutes)")]
    #[test_case("rate(-10 minutes)")]
    #[test_case("rate(10 MINUTES)")]
    #[test_case("rate( 10 minutes )")]
    #[test_case(" rate(10 minutes)"; "a space before")]
    #[test_case("rate(18446744073709551615 days)"; "too many days")]
    #[test_case("cron(* * *)")]
    #[test_case("cron(0 1 * * * *)"; "both days")]
    #[test_case("cron(0 1 ? * ? *)"; "no day")]
    #[test_case("cron(? 1 * * ? *)"; "no minute")]
    #[test_case("cron(7 20 * * NOT *)")]
    #[test_case("cron(0 dummy ? * MON-FRI *)")]
    #[test_case("cron(71 8 1 * ? *)")]
    #[test_case("every day")]
    fn what_aws_refuses_is_refused(expression: &str) {
        let error = expression.parse::<Schedule>().unwrap_err();
        assert_eq!(error.message, "Parameter ScheduleExpression is not valid.");
    }

    #[test_case("cron(15 10 ? * 6L 2002-2005)"; "the last Friday of some years")]
    #[test_case("cron(0 2 ? * SAT#3 *)"; "the third Saturday")]
    #[test_case("cron(0/5 5 ? JAN 1-5 2022)"; "a month and a year")]
    #[test_case("cron(5,35 14 * * ? *)"; "a list")]
    #[test_case("cron(0/5 8-17 ? * MON-FRI *)"; "ranges")]
    #[test_case("cron(0 10 3W * ? *)"; "the nearest weekday")]
    fn what_aws_takes_is_taken(expression: &str) {
        assert!(expression.parse::<Schedule>().is_ok());
    }

    #[test_case("cron(0 0 30 2 ? *)"; "the thirtieth of February")]
    #[test_case("cron(0 0 1 1 ? 1999)"; "a year that has passed")]
    fn what_never_comes_is_never_due(expression: &str) {
        let schedule: Schedule = expression.parse().unwrap();
        assert_eq!(schedule.next(START), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(rate|cron)\\([-0-9A-Za-z?*/,#LW ]{0,30}\\)") {
            if let Ok(schedule) = text.parse::<Schedule>() {
                schedule.next(START);
            }
        }
    }

    #[test]
    fn a_day_of_a_five_minute_rate_fires_288_times_until_removed() {
        let mut simulation = Simulation::new(Schedules::default(), START);
        let day = Duration::from_secs(86_400);
        simulation.at(START, Change::Set("r".into(), "rate(5 minutes)".parse().unwrap()));
        simulation.at(START + day, Change::Remove("r".into()));
        let mut fired = 0;
        simulation.run_until(START + day * 2, |_, _| {
            fired += 1;
            Vec::new()
        });
        // The removal comes at the very moment of the last occasion, and first.
        assert_eq!(fired, 287);
    }
}

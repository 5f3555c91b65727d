//! The minutes of a shift: which of them are evidence, and which look is the last. Pure.

use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::metrics::Stretch;

/// The period of Lambda's metrics, and so of a look
/// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html>).
pub(crate) const PERIOD: Duration = Duration::from_secs(60);

/// The time for which a minute's data may still be coming in. What comes even later is read by a later run, which reads everything again.
const LATENESS: Duration = Duration::from_secs(60);

/// The last look at a shift that goes on is the one after which no other would come in time: a period before the end, and half of one for
/// what may be late.
const LAST_LOOK: Duration = Duration::from_secs(90);

/// The time before the shift from which the current version sets its thresholds.
const HISTORY: Duration = Duration::from_secs(3 * 60 * 60);

/// The time on either side of a shift all at once that is compared.
const BESIDE: Duration = Duration::from_secs(5 * 60);

/// The course of a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Course {
    /// The time of its first step.
    pub(crate) began: Timestamp,
    /// The time from which all traffic was on the target; none as long as it goes on.
    pub(crate) ended: Option<Timestamp>,
    /// The time for which traffic is shared, by the deployment's configuration; zero for a shift all at once.
    pub(crate) length: Duration,
}

/// A look at a shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// It goes on.
    Shared {
        /// True if no look after this one would come before all traffic is on the target.
        is_last: bool,
    },
    /// It has ended, and all of it is known.
    Whole,
}

/// The minutes that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Minutes {
    /// Those of the target version.
    pub(crate) target: Stretch,
    /// The time by which those of the current version are earlier; zero where both versions had traffic at once.
    pub(crate) back: Duration,
}

impl Minutes {
    /// All minutes of either version.
    pub(crate) fn all(&self) -> Stretch {
        Stretch { from: self.target.from.checked_sub(self.back).unwrap_or(Timestamp::UNIX_EPOCH), ..self.target }
    }
}

impl Course {
    /// True if both versions have traffic at once.
    pub(crate) const fn is_shared(&self) -> bool {
        !self.length.is_zero()
    }

    /// The look that is due at a time, if the look before was then; `None` if there is nothing to look at yet or any more.
    pub(crate) fn look(&self, now: Timestamp, before: Option<Timestamp>) -> Option<Look> {
        match self.ended {
            None if !self.is_shared() || now < self.began => None,
            None => Some(Look::Shared { is_last: self.is_last_look(now) }),
            Some(ended) => {
                let known = self.known_from(ended);
                (now >= known && before.is_none_or(|before| before < known)).then_some(Look::Whole)
            }
        }
    }

    /// The minutes that are compared at a time; `None` if none is complete yet.
    ///
    /// Of a shift that shares traffic they are the whole ones in which both versions had some: the minute in which it began was partly the
    /// current version's alone, and the one in which it ended partly the target's. A shift all at once shares none: the minutes after it
    /// are compared with as many before it.
    pub(crate) fn minutes(&self, now: Timestamp) -> Option<Minutes> {
        let known = floor(now.checked_sub(LATENESS).ok()?);
        let (from, to, back) = match (self.is_shared(), self.ended) {
            (true, ended) => (ceil(self.began), ended.map_or(known, |ended| known.min(floor(ended))), Duration::ZERO),
            (false, Some(ended)) => {
                let (before, after) = (floor(self.began), ceil(ended));
                (after, after.checked_add(BESIDE).ok()?, after.duration_since(before).unsigned_abs() + BESIDE)
            }
            (false, None) => return None,
        };
        (from < to && to <= known).then_some(Minutes { target: Stretch { from, to, period: PERIOD }, back })
    }

    /// The minutes from which the current version sets its thresholds: none of them are compared.
    pub(crate) fn history(&self) -> Stretch {
        let compared = if self.is_shared() { Duration::ZERO } else { BESIDE };
        let to = floor(self.began).checked_sub(compared).unwrap_or(Timestamp::UNIX_EPOCH);
        Stretch { from: to.checked_sub(HISTORY).unwrap_or(Timestamp::UNIX_EPOCH), to, period: PERIOD }
    }

    /// The time from which all minutes that are compared are known.
    fn known_from(&self, ended: Timestamp) -> Timestamp {
        let last = if self.is_shared() { Ok(floor(ended)) } else { ceil(ended).checked_add(BESIDE) };
        last.and_then(|last| last.checked_add(LATENESS)).unwrap_or(Timestamp::MAX)
    }

    fn is_last_look(&self, now: Timestamp) -> bool {
        let end = self.began.checked_add(self.length).unwrap_or(Timestamp::MAX);
        now >= end.checked_sub(LAST_LOOK).unwrap_or(self.began)
    }
}

fn floor(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(60)).unwrap_or(at)
}

fn ceil(at: Timestamp) -> Timestamp {
    let down = floor(at);
    if down == at { down } else { down.checked_add(PERIOD).unwrap_or(Timestamp::MAX) }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-20T{time}Z").parse().unwrap()
    }

    fn going_on(began: &str) -> Course {
        Course { began: at(began), ended: None, length: Duration::from_secs(600) }
    }

    #[test_case("10:00:20", "10:01:00" => None; "nothing is complete")]
    #[test_case("10:00:20", "10:02:59" => None; "a minute that may still get data")]
    #[test_case("10:00:20", "10:03:00" => Some(("10:01:00".into(), 1)); "the first whole minute")]
    #[test_case("10:00:00", "10:02:10" => Some(("10:00:00".into(), 1)); "a shift that begins with a minute")]
    #[test_case("10:00:00.250", "10:09:59" => Some(("10:01:00".into(), 7)); "part of a second late")]
    fn whole_and_complete_minutes_are_evidence(began: &str, now: &str) -> Option<(String, u64)> {
        let Minutes { target, back } = going_on(began).minutes(at(now))?;
        assert!(back.is_zero());
        let minutes = target.to.duration_since(target.from).unsigned_abs().as_secs() / 60;
        Some((target.from.strftime("%H:%M:%S").to_string(), minutes))
    }

    #[test]
    fn a_look_every_minute_has_a_last_one() {
        let (began, course) = (at("10:00:20"), going_on("10:00:20"));
        let is_last = |look: Timestamp| course.look(look, None) == Some(Look::Shared { is_last: true });
        for offset in 0..60 {
            let looks = (0..12).map(|minute| began + Duration::from_secs(offset + 60 * minute));
            let before_the_end: Vec<_> = looks.filter(|look| *look < began + course.length).collect();
            assert!(before_the_end.iter().any(|look| is_last(*look)), "{offset}");
            assert!(!is_last(before_the_end[7]), "{offset}");
        }
    }

    #[test_case("10:10:59", None => None; "not all is known")]
    #[test_case("10:10:59", Some("10:09:00") => None; "nor is there a look before")]
    #[test_case("10:11:00", Some("10:10:40") => Some(Look::Whole); "all is known")]
    #[test_case("10:13:00", None => Some(Look::Whole); "nobody has looked before")]
    #[test_case("10:13:00", Some("10:11:40") => None; "it was looked at whole")]
    fn a_shift_that_has_ended_is_looked_at_once_more(now: &str, before: Option<&str>) -> Option<Look> {
        let course = Course { ended: Some(at("10:10:25")), ..going_on("10:00:20") };
        let whole = course.minutes(at("10:30:00")).unwrap().target;
        assert_eq!((whole.from, whole.to), (at("10:01:00"), at("10:10:00")));
        course.look(at(now), before.map(at))
    }

    #[test]
    fn a_shift_all_at_once_is_compared_with_as_many_minutes_before_it() {
        let course = Course { began: at("10:00:20"), ended: Some(at("10:00:25")), length: Duration::ZERO };
        assert_eq!((course.look(at("10:06:59"), None), course.minutes(at("10:06:59"))), (None, None));
        assert_eq!(course.look(at("10:07:00"), None), Some(Look::Whole));
        let minutes = course.minutes(at("10:07:00")).unwrap();
        assert_eq!((minutes.target.from, minutes.target.to), (at("10:01:00"), at("10:06:00")));
        assert_eq!((minutes.all().from, minutes.back), (at("09:55:00"), Duration::from_secs(360)));
        assert_eq!(course.history().to, at("09:55:00"));
        assert_eq!(Course { ended: None, ..course }.look(at("10:07:00"), None), None);
    }

    #[test]
    fn thresholds_come_from_before_the_shift() {
        let stretch = going_on("10:00:20").history();
        assert_eq!((stretch.from, stretch.to), (at("07:00:00"), at("10:00:00")));
    }
}

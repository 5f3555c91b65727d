//! The minutes of a shift: which of them are evidence, and which look is the last. Pure.

use std::time::Duration;

use jiff::Timestamp;
use slipway_shared::metrics::Stretch;

/// The period of Lambda's metrics, and so of a look
/// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics.html>).
pub(crate) const PERIOD: Duration = Duration::from_secs(60);

/// The time for which a minute's data may still be coming in. What comes even later is read by a later run, which reads everything again.
const LATENESS: Duration = Duration::from_secs(60);

/// The last look is the one after which no other would come in time: a period before the end, and half of one for what may be late.
const LAST_LOOK: Duration = Duration::from_secs(90);

/// The time before the shift from which the current version sets its thresholds.
const HISTORY: Duration = Duration::from_secs(3 * 60 * 60);

/// The whole minutes in which both versions had traffic, up to the last one that is complete. `None` if there is none yet. The minute
/// in which the shift began is left out, since part of it was the current version's alone.
pub(crate) fn evidence(began: Timestamp, now: Timestamp) -> Option<Stretch> {
    let from = ceil(began);
    let to = floor(now.checked_sub(LATENESS).ok()?);
    (from < to).then_some(Stretch { from, to, period: PERIOD })
}

/// The minutes before the shift.
pub(crate) fn history(began: Timestamp) -> Stretch {
    let to = floor(began);
    Stretch { from: to.checked_sub(HISTORY).unwrap_or(Timestamp::UNIX_EPOCH), to, period: PERIOD }
}

/// True if no look after this one would come before all traffic is on the target.
pub(crate) fn is_last_look(began: Timestamp, length: Duration, now: Timestamp) -> bool {
    let end = began.checked_add(length).unwrap_or(Timestamp::MAX);
    now >= end.checked_sub(LAST_LOOK).unwrap_or(began)
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

    #[test_case("10:00:20", "10:01:00" => None; "nothing is complete")]
    #[test_case("10:00:20", "10:02:59" => None; "a minute that may still get data")]
    #[test_case("10:00:20", "10:03:00" => Some(("10:01:00".into(), 1)); "the first whole minute")]
    #[test_case("10:00:00", "10:02:10" => Some(("10:00:00".into(), 1)); "a shift that begins with a minute")]
    #[test_case("10:00:00.250", "10:09:59" => Some(("10:01:00".into(), 7)); "part of a second late")]
    fn whole_and_complete_minutes_are_evidence(began: &str, now: &str) -> Option<(String, u64)> {
        let stretch = evidence(at(began), at(now))?;
        let minutes = stretch.to.duration_since(stretch.from).unsigned_abs().as_secs() / 60;
        Some((stretch.from.strftime("%H:%M:%S").to_string(), minutes))
    }

    #[test]
    fn a_look_every_minute_has_a_last_one() {
        let (began, length) = (at("10:00:20"), Duration::from_secs(600));
        for offset in 0..60 {
            let looks = (0..12).map(|minute| began + Duration::from_secs(offset + 60 * minute));
            let before_the_end: Vec<_> = looks.filter(|look| *look < began + length).collect();
            assert!(before_the_end.iter().any(|look| is_last_look(began, length, *look)), "{offset}");
            assert!(!is_last_look(began, length, before_the_end[7]), "{offset}");
        }
    }

    #[test]
    fn thresholds_come_from_before_the_shift() {
        let stretch = history(at("10:00:20"));
        assert_eq!((stretch.from, stretch.to), (at("07:00:00"), at("10:00:00")));
    }
}

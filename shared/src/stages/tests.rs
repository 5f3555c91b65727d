//! Tests of the gate: days on which it opens and closes, and each minute against an oracle that looks at every one.

use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use test_case::test_case;

use super::*;

fn window((cron, zone, duration): (&str, &str, &str)) -> Window {
    Window {
        cron: cron.parse().unwrap(),
        time_zone: time_zone(zone).unwrap(),
        duration: Length::from_text(duration).unwrap(),
    }
}

fn freeze(from: &str, until: &str) -> Freeze {
    Freeze { from: from.parse().unwrap(), until: until.parse().unwrap(), reason: "the holidays".to_owned() }
}

/// The gate at an instant, in words.
fn told(windows: &[(&str, &str, &str)], freezes: &[(&str, &str)], at: &str) -> String {
    let windows: Vec<Window> = windows.iter().map(|written| window(*written)).collect();
    let freezes: Vec<Freeze> = freezes.iter().map(|(from, until)| freeze(from, until)).collect();
    match gate(&windows, &freezes, at.parse().unwrap()) {
        Gate::Open => "open".to_owned(),
        Gate::Closed { until: Some(until), reason } => format!("until {until}: {reason}"),
        Gate::Closed { until: None, reason } => format!("for ever: {reason}"),
    }
}

/// Working days in Berlin, from nine to four.
const OFFICE: (&str, &str, &str) = ("0 9 ? * MON-THU *", "Europe/Berlin", "7h");
const CLOSED: &str = "none of its windows is open";

#[test_case("2026-11-30T07:59:59Z" => format!("until 2026-11-30T08:00:00Z: {CLOSED}"); "just before")]
#[test_case("2026-11-30T08:00:00Z" => "open"; "from the beginning on")]
#[test_case("2026-11-30T14:59:59.999Z" => "open"; "as long as it lasts")]
#[test_case("2026-11-30T15:00:00Z" => format!("until 2026-12-01T08:00:00Z: {CLOSED}"); "and no longer")]
#[test_case("2026-12-03T18:00:00Z" => format!("until 2026-12-07T08:00:00Z: {CLOSED}"); "over the end of the week")]
#[test_case("2026-07-06T07:00:00Z" => "open"; "an hour earlier in summer")]
fn a_window_opens_in_its_time_zone(at: &str) -> String {
    told(&[OFFICE], &[], at)
}

#[test_case(&[] => "open"; "no windows")]
#[test_case(&[("0 0 1 1 ? 2020", "UTC", "1h")] => format!("for ever: {CLOSED}"); "a window of the past")]
#[test_case(&[("0 0 1 1 ? 2020", "UTC", "1h"), ("0 12 * * ? *", "UTC", "1h")] => "open"; "one of several")]
#[test_case(&[("0 13 28 * ? *", "UTC", "1h"), ("30 12 * * ? *", "UTC", "1h")] => format!("until 2026-11-28T12:30:00Z: {CLOSED}"); "the first of several")]
#[test_case(&[("0 12 26 * ? *", "UTC", "3d")] => "open"; "longer than a day")]
#[test_case(&[("0 * * * ? *", "UTC", "2h")] => "open"; "one into the other")]
fn windows_are_a_union(windows: &[(&str, &str, &str)]) -> String {
    told(windows, &[], "2026-11-28T12:10:00Z")
}

#[test_case(&[], &[("2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z")] => "until 2026-11-29T00:00:00Z: it is frozen until 2026-11-29T00:00:00Z: the holidays"; "no windows")]
#[test_case(&[OFFICE], &[("2026-11-28T00:00:00Z", "2026-11-30T10:00:00Z")] => "until 2026-11-30T10:00:00Z: it is frozen until 2026-11-30T10:00:00Z: the holidays"; "it ends within a window")]
#[test_case(&[OFFICE], &[("2026-11-28T00:00:00Z", "2026-11-29T10:00:00Z")] => "until 2026-11-30T08:00:00Z: it is frozen until 2026-11-29T10:00:00Z: the holidays"; "it ends before a window")]
#[test_case(&[OFFICE], &[("2026-11-30T07:00:00Z", "2026-11-30T16:00:00Z")] => format!("until 2026-12-01T08:00:00Z: {CLOSED}"); "a window within it does not count")]
#[test_case(&[], &[("2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"), ("2026-11-28T20:00:00Z", "2026-12-01T00:00:00Z")] => "until 2026-12-01T00:00:00Z: it is frozen until 2026-11-29T00:00:00Z: the holidays"; "one into the other")]
#[test_case(&[], &[("2026-11-27T00:00:00Z", "2026-11-28T12:10:00Z")] => "open"; "its end is no part of it")]
#[test_case(&[], &[("2026-11-28T12:10:00.001Z", "2026-11-29T00:00:00Z")] => "open"; "not yet")]
fn a_freeze_wins(windows: &[(&str, &str, &str)], freezes: &[(&str, &str)]) -> String {
    told(windows, freezes, "2026-11-28T12:10:00Z")
}

#[test]
fn no_time_zone_has_another_name() {
    assert!(["Europe/Berlin", "UTC", "Asia/Kolkata"].iter().all(|name| time_zone(name).is_some()));
    assert!(["Europe/Atlantis", "+01:00", "CET-1CEST", ""].iter().all(|name| time_zone(name).is_none()));
}

/// The days for which the oracle looks back and ahead.
const DAYS: i64 = 4;

fn windows() -> impl Strategy<Value = Vec<Window>> {
    let minute = prop::sample::select(vec!["0", "30", "0/20", "15,45"]);
    let hour = prop::sample::select(vec!["2", "9", "0/6", "1-3", "*"]);
    let days = prop::sample::select(vec!["* * ?", "? * MON-FRI", "? * SUN", "1/2 * ?"]);
    let zone = prop::sample::select(vec!["UTC", "Europe/Berlin", "Australia/Lord_Howe"]);
    let duration = prop::sample::select(vec!["1m", "25m", "2h", "26h"]);
    let one = (minute, hour, days, zone, duration).prop_map(|(minute, hour, days, zone, duration)| {
        window((&format!("{minute} {hour} {days} *"), zone, duration))
    });
    prop::collection::vec(one, 0..3)
}

fn freezes(around: Timestamp) -> impl Strategy<Value = Vec<Freeze>> {
    let one = (-2000i64..2000, 1i64..2000).prop_map(move |(from, minutes)| {
        let from = around + from.minutes();
        Freeze { from, until: from + minutes.minutes(), reason: "a".to_owned() }
    });
    prop::collection::vec(one, 0..3)
}

/// Minutes around the changes of clocks, with freezes around them.
fn minutes_and_freezes() -> impl Strategy<Value = (Timestamp, Vec<Freeze>)> {
    let changes = ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z"];
    (prop::sample::select(changes.to_vec()), -3000i64..3000).prop_flat_map(|(change, minutes)| {
        let at = change.parse::<Timestamp>().unwrap() + minutes.minutes();
        (Just(at), freezes(at))
    })
}

/// The minutes at which windows are open, found by going through all of them.
fn open_minutes(windows: &[Window], from: Timestamp, count: i64) -> Vec<bool> {
    let mut open = vec![windows.is_empty(); usize::try_from(count).unwrap()];
    for window in windows {
        let length = i64::try_from(window.duration.duration().as_secs() / 60).unwrap();
        let mut left = 0;
        for minute in -length..count {
            let at = from + minute.minutes();
            // It begins at a minute that is the next one of the minute before.
            if window.next_beginning(at - 1.minute()) == Some(at) {
                left = length;
            }
            if left > 0 && minute >= 0 {
                open[usize::try_from(minute).unwrap()] = true;
            }
            left -= 1;
        }
    }
    open
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_gate_is_open_at_the_minutes_of_the_oracle((at, freezes) in minutes_and_freezes(), windows in windows()) {
        let count = DAYS * 24 * 60;
        let frozen = |minute: i64| freezes.iter().any(|freeze| freeze.holds(at + minute.minutes()));
        let open = open_minutes(&windows, at, count);
        let is_open = |minute: &i64| open[usize::try_from(*minute).unwrap()] && !frozen(*minute);
        let first = (0..count).find(is_open).map(|minute| at + minute.minutes());
        match gate(&windows, &freezes, at) {
            Gate::Open => prop_assert_eq!(first, Some(at)),
            Gate::Closed { until, .. } => {
                prop_assert_ne!(first, Some(at));
                prop_assert_eq!(until.filter(|until| *until < at + count.minutes()), first);
            }
        }
    }
}

//! Tests of cron expressions: what is taken, and each time against an oracle that looks at every minute.

use jiff::ToSpan;
use jiff::civil::Weekday;
use proptest::prelude::*;
use test_case::test_case;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// The next two times, as clocks of the zone show them.
fn next_two(cron: &str, name: &str, after: &str) -> [String; 2] {
    let (cron, mut at): (Cron, Timestamp) = (cron.parse().unwrap(), after.parse().unwrap());
    [(); 2].map(|()| {
        at = cron.next(at, &zone(name)).unwrap();
        at.to_zoned(zone(name)).strftime("%Y-%m-%dT%H:%M%:z").to_string()
    })
}

const NEW_YORK: &str = "America/New_York";

#[test_case("30 2 * * ? *", NEW_YORK, "2026-03-07T12:00:00Z", ["2026-03-09T02:30-04:00", "2026-03-10T02:30-04:00"]; "a time that does not exist is left out")]
#[test_case("0/30 2 * * ? *", NEW_YORK, "2026-03-07T12:00:00Z", ["2026-03-09T02:00-04:00", "2026-03-09T02:30-04:00"]; "the whole hour is left out")]
#[test_case("30 1 * * ? *", NEW_YORK, "2026-11-01T04:00:00Z", ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"]; "a time that comes twice counts once")]
#[test_case("30 1 * * ? *", NEW_YORK, "2026-11-01T06:10:00Z", ["2026-11-02T01:30-05:00", "2026-11-03T01:30-05:00"]; "the second time is none")]
#[test_case("0 * * * ? *", NEW_YORK, "2026-11-01T04:59:00Z", ["2026-11-01T01:00-04:00", "2026-11-01T02:00-05:00"]; "every hour of the clock")]
#[test_case("0 12 * * ? *", "Pacific/Apia", "2011-12-29T12:00:00Z", ["2011-12-29T12:00-10:00", "2011-12-31T12:00+14:00"]; "a day that does not exist")]
#[test_case("0 8 ? * L *", "UTC", "2026-11-28T09:00:00Z", ["2026-12-05T08:00+00:00", "2026-12-12T08:00+00:00"]; "the last day of the week")]
#[test_case("0 8 ? * mon,L *", "UTC", "2026-11-28T09:00:00Z", ["2026-11-30T08:00+00:00", "2026-12-05T08:00+00:00"]; "the last day of the week, and another")]
#[test_case("0 8 ? * 3#2 *", "UTC", "2026-11-28T09:00:00Z", ["2026-12-08T08:00+00:00", "2027-01-12T08:00+00:00"]; "the second Tuesday")]
#[test_case("15 10 ? * 6L 2026-2027", "UTC", "2026-12-01T00:00:00Z", ["2026-12-25T10:15+00:00", "2027-01-29T10:15+00:00"]; "the last Friday")]
#[test_case("0 9 1W * ? *", "UTC", "2026-07-31T12:00:00Z", ["2026-08-03T09:00+00:00", "2026-09-01T09:00+00:00"]; "the nearest weekday stays in its month")]
fn the_times_of_a_zone(cron: &str, zone: &str, after: &str, expected: [&str; 2]) {
    assert_eq!(next_two(cron, zone, after), expected);
}

#[test_case("0 8 * * ?" => "it has 5 fields instead of six: minutes, hours, day of the month, month, day of the week, year"; "five fields")]
#[test_case("0 8 * * * *" => "of the day of the month and the day of the week, exactly one is ?"; "both days")]
#[test_case("0 8 ? * ? *" => "of the day of the month and the day of the week, exactly one is ?"; "no day")]
#[test_case("60 8 * * ? *" => "60 is not for the minutes, which is 0 to 59"; "beyond")]
#[test_case("0 8 0 * ? *" => "0 is not for the day of the month, which is 1 to 31"; "the day before the first")]
#[test_case("0 8 ? * 0 *" => "0 is not for the day of the week, which is 1 to 7"; "the weekday of another cron")]
#[test_case("0 8 ? * 2/2 *" => "/ is not for the day of the week"; "steps of weekdays")]
#[test_case("0 8 ? * 3#1,6#3 *" => "with # the day of the week is one expression"; "two of #")]
#[test_case("0 8 * * ? 2200" => "2200 is not for the year, which is 1970 to 2199"; "a year beyond")]
#[test_case("0 8,, * * ? *" => "something is missing in the hours"; "nothing between commas")]
#[test_case("? 8 * * ? *" => "? is not for the minutes"; "any minute")]
#[test_case("0 SUN ? * MON *" => "SUN is not for the hours"; "a weekday for an hour")]
#[test_case("0 8 ? MON * *" => "MON is not for the month"; "the day and the month in the other order")]
#[test_case("0 8 ? * JAN *" => "JAN is not for the day of the week"; "a month for a weekday")]
#[test_case("0 8 1MON * ? *" => "1MON is not for the day of the month"; "a weekday and a digit")]
#[test_case("0/MON 8 * * ? *" => "MON is no number in the minutes"; "a weekday for a step")]
#[test_case("0 8 * JANFEB ? *" => "JANFEB is not for the month"; "two months in one")]
#[test_case("0 L * * ? *" => "L is not for the hours"; "the last hour")]
#[test_case("0 8 ? * mom *" => "MOM is not for the day of the week"; "a misspelt weekday")]
#[test_case("0 8-x * * ? *" => "X is not for the hours"; "no hour")]
fn what_is_no_cron_is_told(cron: &str) -> String {
    cron.parse::<Cron>().unwrap_err().to_string()
}

#[test_case("0 8- * * ? *"; "a range without an end")]
#[test_case("0 8 ? * FRI-MON *"; "a range over the end of the week")]
#[test_case("0 8/0 * * ? *"; "a step of nothing")]
fn what_croner_refuses_is_refused(cron: &str) {
    assert!(cron.parse::<Cron>().is_err());
}

#[test]
fn what_never_comes_is_never_next() {
    let cron: Cron = "0 0 30 2 ? *".parse().unwrap();
    assert_eq!(cron.next(Timestamp::UNIX_EPOCH, &TimeZone::UTC), None);
}

/// A field of numbers: its text, and the numbers that it names.
fn numbers(least: i8, greatest: i8) -> impl Strategy<Value = (String, Vec<i8>)> {
    prop_oneof![
        Just(("*".to_owned(), (least..=greatest).collect())),
        prop::collection::btree_set(least..=greatest, 1..4).prop_map(|set| {
            let text = set.iter().map(i8::to_string).collect::<Vec<_>>().join(",");
            (text, set.into_iter().collect())
        }),
        (least..=greatest, least..=greatest).prop_map(|(a, b)| {
            let (first, last) = (a.min(b), a.max(b));
            (format!("{first}-{last}"), (first..=last).collect())
        }),
        (least..=greatest, 1i8..20).prop_map(move |(first, step)| {
            let named = (first..=greatest).step_by(usize::from(step.unsigned_abs())).collect();
            (format!("{first}/{step}"), named)
        }),
    ]
}

/// Both day fields, and the days that they name.
#[derive(Debug, Clone)]
enum Days {
    OfMonth(Vec<i8>),
    LastOfMonth,
    NearestWeekday(i8),
    OfWeek(Vec<i8>),
    Nth(i8, i8),
    LastOfItsKind(i8),
}

fn days() -> impl Strategy<Value = ([String; 2], Days)> {
    let month = |text: String| [text, "?".to_owned()];
    let week = |text: String| ["?".to_owned(), text];
    prop_oneof![
        4 => numbers(1, 31).prop_map(move |(text, days)| (month(text), Days::OfMonth(days))),
        1 => Just((month("L".to_owned()), Days::LastOfMonth)),
        1 => (1i8..=28).prop_map(move |day| (month(format!("{day}W")), Days::NearestWeekday(day))),
        3 => prop::collection::vec(1i8..=7, 1..4).prop_map(move |days| {
            let names = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
            let named = days.iter().map(|day| names[usize::from(day.unsigned_abs()) - 1]).collect::<Vec<_>>();
            (week(named.join(",")), Days::OfWeek(days))
        }),
        1 => (1i8..=7, 1i8..=4).prop_map(move |(day, nth)| (week(format!("{day}#{nth}")), Days::Nth(day, nth))),
        1 => (1i8..=7).prop_map(move |day| (week(format!("{day}L")), Days::LastOfItsKind(day))),
    ]
}

impl Days {
    fn has(&self, date: jiff::civil::Date) -> bool {
        let weekday = date.weekday().to_sunday_one_offset();
        match self {
            Self::OfMonth(days) => days.contains(&date.day()),
            Self::LastOfMonth => date == date.last_of_month(),
            Self::NearestWeekday(day) => {
                let named = date.with().day(*day).build().unwrap();
                let nearest = match named.weekday() {
                    Weekday::Saturday if *day == 1 => named + 2.days(),
                    Weekday::Saturday => named - 1.day(),
                    Weekday::Sunday if named == named.last_of_month() => named - 2.days(),
                    Weekday::Sunday => named + 1.day(),
                    _ => named,
                };
                date == nearest
            }
            Self::OfWeek(days) => days.contains(&weekday),
            Self::Nth(day, nth) => *day == weekday && (date.day() - 1) / 7 + 1 == *nth,
            Self::LastOfItsKind(day) => *day == weekday && date.day() + 7 > date.days_in_month(),
        }
    }
}

const ZONES: [&str; 6] = ["UTC", "Europe/Berlin", NEW_YORK, "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"];

/// Minutes around the changes of the clocks of these zones, and others.
fn minutes() -> impl Strategy<Value = Timestamp> {
    let changes = [
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-03-08T07:00:00Z",
        "2026-11-01T06:00:00Z",
        "2026-04-04T15:00:00Z",
        "2026-10-03T15:30:00Z",
        "2011-12-30T10:00:00Z",
        "2026-02-28T23:00:00Z",
    ];
    (prop::sample::select(changes.to_vec()), -2000i64..2000)
        .prop_map(|(change, minutes)| change.parse::<Timestamp>().unwrap() + minutes.minutes())
}

/// The days for which the oracle looks.
const DAYS: i64 = 3;

proptest! {
    #[test]
    fn the_next_time_is_the_first_minute_that_the_fields_name(
        (minute_text, minute) in numbers(0, 59),
        (hour_text, hour) in numbers(0, 23),
        ([day_of_month, day_of_week], days) in days(),
        (month_text, month) in numbers(1, 12),
        name in prop::sample::select(ZONES.to_vec()),
        after in minutes(),
    ) {
        let text = format!("{minute_text} {hour_text} {day_of_month} {month_text} {day_of_week} *");
        let (cron, zone): (Cron, TimeZone) = (text.parse().unwrap(), zone(name));
        let is_named = |at: &Timestamp| {
            let clock = zone.to_datetime(*at);
            minute.contains(&clock.minute()) && hour.contains(&clock.hour()) && month.contains(&clock.month())
                && days.has(clock.date()) && zone.to_ambiguous_timestamp(clock).earlier().unwrap() == *at
        };
        let expected = (1..=DAYS * 24 * 60).map(|minutes| after + minutes.minutes()).find(is_named);
        let found = cron.next(after, &zone).filter(|found| *found <= after + (DAYS * 24).hours());
        prop_assert_eq!(found, expected, "{} in {} after {}", text, name, after);
    }

    #[test]
    fn no_text_panics(text in "[-0-9A-Za-z?*/,#LW ]{0,30}", at in minutes()) {
        if let Ok(cron) = text.parse::<Cron>() {
            let _ = cron.next(at, &TimeZone::UTC);
        }
    }
}

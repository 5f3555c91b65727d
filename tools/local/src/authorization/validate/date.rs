//! The dates that IAM takes in a condition: ISO 8601 with parts left out, or seconds since the epoch.

/// True if IAM's legacy parser reads the text as a date.
pub(super) fn is_date(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if !lower.contains('t') && !lower.contains('-') {
        return number(&lower).is_some_and(|seconds| seconds >= 0);
    }
    let (day, time) = lower.split_once('t').unwrap_or((&lower, ""));
    is_day(day) && is_time(time)
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn within(text: &str, range: std::ops::RangeInclusive<i64>) -> bool {
    number(text).is_some_and(|number| range.contains(&number))
}

/// Years are those of Java's dates.
fn is_day(text: &str) -> bool {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut parts = rest.split('-');
    let year = parts.next().and_then(number).map(|year| year * sign);
    year.is_some_and(|year| (-292_275_054..=292_278_993).contains(&year))
        && parts.next().is_none_or(|month| within(month, 1..=12))
        && parts.next().is_none_or(|day| within(day, 1..=31))
        && parts.next().is_none()
}

fn is_time(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let hours = parts.next().unwrap_or_default();
    (hours.is_empty() || within(hours, 0..=23))
        && parts.next().is_none_or(|minutes| within(minutes, 0..=59))
        && parts.next().is_none_or(is_seconds)
}

/// Seconds with a fraction, and a zone.
fn is_seconds(text: &str) -> bool {
    let seconds = match (text.split_once('z'), text.split_once('+')) {
        (Some((seconds, "")), _) => seconds,
        (Some(_), _) => return false,
        (None, Some((seconds, zone))) if is_zone(zone) => seconds,
        (None, Some(_)) => return false,
        (None, None) => text,
    };
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    within(whole, 0..=59) && within(fraction, 0..=999_999_999)
}

fn is_zone(text: &str) -> bool {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "00"));
    hours.len() == 2 && within(hours, 0..=23) && minutes.len() == 2 && within(minutes, 0..=59)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("2017-07-01T00:00:00Z", true; "a moment")]
    #[test_case("2016-12-13T21:20:37.593194+00:00", true; "with a zone")]
    #[test_case("2016-12-13t2:00:00.593194+23", true; "a zone of hours")]
    #[test_case("2016-12-13t2:00:00.593194+1", false; "a zone of one digit")]
    #[test_case("2016-12-13t2:00:00.1999999999+10:59", false; "too fine")]
    #[test_case("01T", true; "a year")]
    #[test_case("-292275054", true; "the first year")]
    #[test_case("234-13", false; "no such month")]
    #[test_case("sdfdsf", false; "a word")]
    #[test_case("9223372036854775807", true; "the last second")]
    #[test_case("9223372036854775808", false; "after the last second")]
    fn what_is_a_date(text: &str, expected: bool) {
        assert_eq!(is_date(text), expected);
    }
}

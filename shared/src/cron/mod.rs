//! Cron expressions as EventBridge has them, in a time zone, by the rules of EventBridge Scheduler.
//!
//! Six fields: minutes, hours, day of the month, month, day of the week and year
//! (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>). Where a time zone puts its clocks forward, a time that
//! does not exist is left out; where it puts them back, a time that comes twice counts once, the first time. The arithmetic of dates is
//! `croner`'s; it is asked without a zone, because it has other rules for both.

mod fields;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// A cron expression.
#[derive(Debug, Clone)]
pub struct Cron {
    text: String,
    pattern: Box<croner::Cron>,
}

/// The reason why a text is no cron expression, in words that follow it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CronFault(String);

impl FromStr for Cron {
    type Err = CronFault;

    /// Reads the six fields, without `cron(` and `)` around them.
    fn from_str(text: &str) -> Result<Self, CronFault> {
        let pattern = fields::pattern(text).map_err(CronFault)?;
        // AWS counts weekdays from 1 = SUN, and takes `0/5`.
        let parser = CronParser::builder()
            .seconds(Seconds::Required)
            .year(Year::Required)
            .alternative_weekdays(true)
            .sloppy_ranges(true)
            .build();
        let pattern = parser.parse(&pattern).map_err(|error| CronFault(error.to_string()))?;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Self { text, pattern: Box::new(pattern) })
    }
}

impl Cron {
    /// The first instant after another that the expression names in a time zone; none when it names no more.
    #[must_use]
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut clock = zone.to_datetime(after);
        loop {
            clock = self.next_on_the_clock(clock)?;
            let there = zone.to_ambiguous_timestamp(clock);
            if matches!(there.offset(), AmbiguousOffset::Gap { .. }) {
                continue;
            }
            // The first of two. It may be over already, if the clock was put back since.
            let instant = there.earlier().ok()?;
            if instant > after {
                return Some(instant);
            }
        }
    }

    /// The first time after another that the expression names, as a clock shows it that is never put forward or back.
    fn next_on_the_clock(&self, after: DateTime) -> Option<DateTime> {
        let after = after.to_zoned(TimeZone::UTC).ok()?;
        self.pattern.find_next_occurrence(&after, false).ok().map(|next| next.datetime())
    }
}

/// The six fields with one space between them.
impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cron {}

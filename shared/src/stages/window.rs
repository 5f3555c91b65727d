//! A window: the times in which releases enter a stage.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

use super::length::Length;
use crate::cron::Cron;

/// The times in which releases enter a stage: each begins when a cron expression says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Window {
    /// The beginnings, as EventBridge Scheduler has them: minutes, hours, day of the month, month, day of the week and year. A time that
    /// the clocks leave out is left out, and one that comes twice counts once.
    #[serde(serialize_with = "shown")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = r"^\S+( +\S+){5}$")))]
    pub cron: Cron,
    /// The time zone of the beginnings, as IANA names it: `Europe/Berlin`, or `UTC`.
    #[serde(serialize_with = "name_of")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub time_zone: TimeZone,
    /// The time for which it is open.
    pub duration: Length,
}

impl Window {
    /// True if it is open at an instant.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        // A beginning that is as long ago as the window is open does not count any more.
        let long_ago = at.checked_sub(self.duration.duration()).unwrap_or(Timestamp::MIN);
        self.next_beginning(long_ago).is_some_and(|beginning| beginning <= at)
    }

    /// Its first beginning after an instant; none if there is no more.
    #[must_use]
    pub fn next_beginning(&self, after: Timestamp) -> Option<Timestamp> {
        self.cron.next(after, &self.time_zone)
    }
}

/// The time zone of an IANA name. The database is in the program, so that the machine it runs on needs none.
#[must_use]
pub fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some())
}

fn shown<S: Serializer>(cron: &Cron, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(cron)
}

fn name_of<S: Serializer>(zone: &TimeZone, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.iana_name().unwrap_or_default())
}

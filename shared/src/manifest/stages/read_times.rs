//! Reads the times of a stage: its windows and its freezes, and lengths of time.

use jiff::{Timestamp, tz::TimeZone};

use crate::cron::Cron;
use crate::reading::At;
use crate::stages::{Freeze, Length, Window, time_zone};

/// Reads windows. What cannot be used is left out and reported.
pub(super) fn windows(at: &At<'_>) -> Option<Vec<Window>> {
    // Were none left of several, the stage would be open at all times.
    if at.items()?.is_empty() {
        at.fault("no window is named: without any, windows is left out");
    }
    at.each(window)
}

fn window(at: &At<'_>) -> Option<Window> {
    let mut members = at.members()?;
    let cron = members.required("cron").and_then(|at| cron(&at));
    let zone = members.required("timeZone").and_then(|at| zone(&at));
    let duration = members.required("duration").and_then(|at| length(&at));
    members.finish();
    Some(Window { cron: cron?, time_zone: zone?, duration: duration? })
}

fn cron(at: &At<'_>) -> Option<Cron> {
    let text = at.text()?;
    let cron = match text.parse::<Cron>() {
        Ok(cron) => cron,
        Err(error) => {
            at.fault(format!("{text:?} is no cron expression: {error}"));
            return None;
        }
    };
    if cron.next(Timestamp::UNIX_EPOCH, &TimeZone::UTC).is_none() {
        at.fault(format!("{text:?} never comes"));
    }
    Some(cron)
}

fn zone(at: &At<'_>) -> Option<TimeZone> {
    let name = at.text()?;
    let zone = time_zone(name);
    if zone.is_none() {
        at.fault(format!("{name:?} is no time zone: IANA's names are such as Europe/Berlin, and UTC"));
    }
    zone
}

/// Reads a length of time.
pub(super) fn length(at: &At<'_>) -> Option<Length> {
    let text = at.text()?;
    let length = Length::from_text(text.trim());
    if length.is_none() {
        at.fault(format!("{text:?} is no length of time from 1s to 31d: write 90s, 30m, 4h or 2d"));
    }
    length
}

/// Reads freezes. What cannot be used is left out and reported.
pub(super) fn freezes(at: &At<'_>) -> Option<Vec<Freeze>> {
    at.each(|at| {
        let mut members = at.members()?;
        let from = members.required("from").and_then(|at| instant(&at));
        let until = members.required("until").and_then(|at| instant(&at));
        let reason = members.required("reason").and_then(|at| at.text().map(str::to_owned));
        members.finish();
        let freeze = Freeze { from: from?, until: until?, reason: reason? };
        if freeze.from >= freeze.until {
            at.fault(format!("it ends at {}, and begins at {}: it is never", freeze.until, freeze.from));
        }
        Some(freeze)
    })
}

fn instant(at: &At<'_>) -> Option<Timestamp> {
    let text = at.text()?;
    let instant = text.parse().ok();
    if instant.is_none() {
        at.fault(format!("{text:?} is no instant with its offset from UTC, as 2026-12-20T18:00:00+01:00 is one"));
    }
    instant
}

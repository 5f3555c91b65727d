//! The choice of the events that one page of `GetLogEvents` or `FilterLogEvents` shows.

use super::log_event::{EVENT_OVERHEAD, LogEvent, token};
use super::page::bad_token;
use crate::core::{Input, ServiceError, Timestamp};

/// The most bytes of one page.
const PAGE_BYTES: usize = 1_048_576;

/// The number of `events`, in this order, that make a page of at most `limit` events.
pub(super) fn fitting<'a>(events: impl Iterator<Item = &'a LogEvent>, limit: usize) -> usize {
    let mut bytes = 0;
    let fits = |event: &&LogEvent| {
        bytes += event.message.len() + EVENT_OVERHEAD;
        bytes <= PAGE_BYTES
    };
    // A page has one event at least, however long that is.
    events.take(limit).take_while(fits).count().max(1)
}

/// The positions of one page of `GetLogEvents`.
pub(super) struct Window {
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Window {
    pub(super) fn of(input: &Input, events: &[&LogEvent], limit: usize) -> Result<Self, ServiceError> {
        let forward =
            |from: usize| Self { from, to: events.len().min(from + fitting(events[from..].iter().copied(), limit)) };
        let backward = |to: usize| Self { from: to - fitting(events[..to].iter().rev().copied(), limit).min(to), to };
        match input.opt_str("nextToken").map(Place::read).transpose()? {
            Some((true, place)) => Ok(forward(place.position(events))),
            Some((false, place)) => Ok(backward(place.position(events))),
            None if input.opt_bool("startFromHead") == Some(true) => Ok(forward(0)),
            None => Ok(backward(events.len())),
        }
    }

    /// `nextForwardToken` and `nextBackwardToken`: the places after and before the page.
    pub(super) fn tokens(&self, events: &[&LogEvent]) -> (String, String) {
        (Place::at(self.to, events).token('f'), Place::at(self.from, events).token('b'))
    }
}

/// A place between two events, by the event beside it, so that it holds while events are added.
struct Place {
    sequence: u64,
    /// True if the place is after that event.
    after: bool,
}

impl Place {
    fn at(position: usize, events: &[&LogEvent]) -> Self {
        match (events.get(position), events.last()) {
            (Some(event), _) => Self { sequence: event.sequence, after: false },
            (None, Some(last)) => Self { sequence: last.sequence, after: true },
            (None, None) => Self { sequence: 0, after: false },
        }
    }

    fn position(&self, events: &[&LogEvent]) -> usize {
        match events.iter().position(|event| event.sequence == self.sequence) {
            Some(place) => place + usize::from(self.after),
            None if self.after => events.len(),
            None => 0,
        }
    }

    fn token(&self, direction: char) -> String {
        format!("{direction}/{}/s", token(self.sequence * 2 + u64::from(self.after)))
    }

    /// A token's direction, whether it is forward, and its place.
    fn read(text: &str) -> Result<(bool, Self), ServiceError> {
        let (forward, rest) = match text.split_at_checked(2) {
            Some(("f/", rest)) => (true, rest),
            Some(("b/", rest)) => (false, rest),
            _ => return Err(bad_token()),
        };
        let number: u64 = rest.trim_end_matches("/s").parse().map_err(|_| bad_token())?;
        Ok((forward, Self { sequence: number / 2, after: number % 2 == 1 }))
    }
}

/// `startTime` is included; `endTime` is included by `FilterLogEvents` and left out by `GetLogEvents`.
pub(super) struct TimeRange {
    start: i64,
    last: i64,
}

impl TimeRange {
    pub(super) fn of(input: &Input, end_included: bool) -> Self {
        let end = input.opt_i64("endTime").unwrap_or(i64::MAX);
        Self {
            start: input.opt_i64("startTime").unwrap_or(i64::MIN),
            last: if end_included { end } else { end.saturating_sub(1) },
        }
    }

    pub(super) fn has(&self, at: Timestamp) -> bool {
        (self.start..=self.last).contains(&at.as_millis())
    }
}

//! The time that an invocation may still wait.

use std::time::Duration;

use jiff::Timestamp;

/// The time that an invocation keeps for writing down where it got to.
const RESERVE: Duration = Duration::from_secs(15);

/// The moment by which an invocation must have answered.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at: Timestamp,
}

impl Deadline {
    /// A deadline at a moment.
    pub const fn at(at: Timestamp) -> Self {
        Self { at }
    }

    /// The deadline that Lambda gives in milliseconds since 1970; one that is no time at all has passed already.
    pub fn from_lambda(milliseconds: u64) -> Self {
        let at = i64::try_from(milliseconds).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        Self { at: at.unwrap_or(Timestamp::UNIX_EPOCH) }
    }

    /// The moment itself.
    pub(crate) const fn moment(&self) -> Timestamp {
        self.at
    }

    /// True if a pause of `pause` at `now` leaves enough to write down where the release is.
    pub fn allows(&self, now: Timestamp, pause: Duration) -> bool {
        let needed = pause + RESERVE;
        self.at.duration_since(now).unsigned_abs() >= needed && self.at > now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_allowed_only_while_the_reserve_remains() {
        let now: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        let deadline = Deadline::at("2026-11-20T10:00:20Z".parse().unwrap());
        assert!(deadline.allows(now, Duration::from_secs(5)));
        assert!(!deadline.allows(now, Duration::from_secs(6)));
        assert!(!deadline.allows("2026-11-20T11:00:00Z".parse().unwrap(), Duration::from_secs(1)));
    }
}

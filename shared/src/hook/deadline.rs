//! The time by which a hook must have answered, and its division.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Kept for recording and reporting, however long the checks would like to go on.
const RESERVE: Duration = Duration::from_secs(10);

/// Kept at most of the checks' time for those that clean up.
const CLEANUP: Duration = Duration::from_secs(10);

/// The end of an invocation, on the clock that timers run on.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    began: Instant,
    at: Instant,
}

impl Deadline {
    /// So long from now.
    #[must_use]
    pub fn after(remaining: Duration) -> Self {
        let began = Instant::now();
        Self { began, at: began + remaining }
    }

    /// From `Lambda-Runtime-Deadline-Ms`; a deadline that is over is now.
    #[must_use]
    pub fn from_epoch_ms(deadline: u64, now: SystemTime) -> Self {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(deadline);
        Self::after(at.duration_since(now).unwrap_or_default())
    }

    /// The end of the time for checks: the reserve before the deadline, or half of the time if there is little.
    #[must_use]
    pub fn checks(&self) -> Instant {
        let whole = self.at - self.began;
        self.at - RESERVE.min(whole / 2)
    }

    /// The time in which the verdict may be recorded: a quarter of what is left, at most 2 seconds.
    #[must_use]
    pub fn recording(&self) -> Duration {
        Duration::from_secs(2).min(self.remaining() / 4)
    }

    /// The time that is left; zero once the deadline is over.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Since the invocation began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

/// The division of the checks' time among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allotment {
    /// The end of the time for checks.
    pub checks: Instant,
    /// The end of the time for checks that clean up after the others.
    pub cleanup: Instant,
}

impl Allotment {
    /// From now until `until`. Cleaning up keeps a quarter of it, 10 seconds at most; all end a little before `until`, so that what
    /// was cut off is noted by its name.
    #[must_use]
    pub fn until(until: Instant, cleans_up: bool) -> Self {
        let left = until.saturating_duration_since(Instant::now());
        let cleanup = until - left / 50;
        let kept = if cleans_up { CLEANUP.min(left / 4) } else { Duration::ZERO };
        Self { checks: cleanup - kept, cleanup }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn keeps_ten_seconds_or_half() {
        let long = Deadline::after(Duration::from_secs(60));
        assert_eq!(long.checks() - Instant::now(), Duration::from_secs(50));
        let short = Deadline::after(Duration::from_secs(6));
        assert_eq!(short.checks() - Instant::now(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_cleans_up_keeps_its_share() {
        let now = Instant::now();
        let seconds = Duration::from_secs;
        let shares = |left, cleans_up| {
            let allotment = Allotment::until(now + seconds(left), cleans_up);
            (allotment.checks - now, allotment.cleanup - now)
        };
        assert_eq!(shares(50, true), (seconds(39), seconds(49)));
        assert_eq!(shares(50, false), (seconds(49), seconds(49)));
        assert_eq!(shares(0, true), (seconds(0), seconds(0)));
        let (checks, cleanup) = shares(4, true);
        assert_eq!(cleanup - checks, seconds(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_in_the_past_leaves_nothing() {
        let deadline = Deadline::from_epoch_ms(1_000, SystemTime::now());
        assert_eq!(deadline.remaining(), Duration::ZERO);
        assert_eq!(deadline.checks(), Instant::now());
    }
}

//! When a hook must have answered, and how that time is divided.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// Kept for recording and reporting, however long the checks would like to go on.
const RESERVE: Duration = Duration::from_secs(10);

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

    /// Until when checks may run: the reserve before the end, or half of the time if there is little.
    #[must_use]
    pub fn checks(&self) -> Instant {
        let whole = self.at - self.began;
        self.at - RESERVE.min(whole / 2)
    }

    /// How long the verdict may be recorded: a quarter of what is left, at most 2 seconds.
    #[must_use]
    pub fn recording(&self) -> Duration {
        Duration::from_secs(2).min(self.remaining() / 4)
    }

    /// What is left.
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
    async fn a_deadline_in_the_past_leaves_nothing() {
        let deadline = Deadline::from_epoch_ms(1_000, SystemTime::now());
        assert_eq!(deadline.remaining(), Duration::ZERO);
        assert_eq!(deadline.checks(), Instant::now());
    }
}

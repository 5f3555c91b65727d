//! The plane's time: real time, or real time sped up by a constant factor.
//!
//! Engines never read a clock: they are handed a [`Timestamp`] with every step. A function's own timeout, a build's
//! timeout and a child's wall clock are *not* plane time and never use this module.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// A point in plane time, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A timestamp from milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Seconds since the Unix epoch with a fraction: how the JSON protocols carry a timestamp.
    pub fn epoch_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// `2026-01-31T12:00:00.123Z`: how the query protocol and EventBridge carry a timestamp.
    pub fn iso8601(self) -> String {
        jiff::Timestamp::from_millisecond(self.0)
            .map(|t| t.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string())
            .unwrap_or_default()
    }

    /// The time since `earlier`, or zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso8601())
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(rhs.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, rhs: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(rhs.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// Plane time running at `scale` times real time from the moment it was made.
#[derive(Clone, Debug)]
pub struct Clock {
    started: Instant,
    origin: Timestamp,
    scale: f64,
}

impl Clock {
    /// A clock that starts at the machine's date and runs `scale` times as fast. A scale below a thousandth is
    /// raised to it, so that time always moves.
    pub fn scaled(scale: f64) -> Self {
        Self {
            started: Instant::now(),
            origin: Timestamp::from_millis(jiff::Timestamp::now().as_millisecond()),
            scale: scale.max(0.001),
        }
    }

    /// The number of plane seconds that pass in a real one.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// The plane's time now.
    pub fn now(&self) -> Timestamp {
        self.origin + self.started.elapsed().mul_f64(self.scale)
    }

    /// The plane's time at a moment of the machine's, for what children date by the machine.
    pub fn at_real(&self, real: Timestamp) -> Timestamp {
        if real < self.origin {
            return self.origin - self.origin.since(real).mul_f64(self.scale);
        }
        self.origin + real.since(self.origin).mul_f64(self.scale)
    }

    /// Waits until the plane's time has reached `at`.
    pub async fn sleep_until(&self, at: Timestamp) {
        let real = at.since(self.origin).div_f64(self.scale);
        tokio::time::sleep_until(self.started + real).await;
    }

    /// Waits for `duration` of plane time.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.scale)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_print_as_aws_writes_them() {
        let at = Timestamp::from_millis(1_700_000_000_123);
        assert_eq!(at.iso8601(), "2023-11-14T22:13:20.123Z");
        assert!((at.epoch_seconds() - 1_700_000_000.123).abs() < 1e-6);
    }

    #[tokio::test]
    async fn the_machines_time_is_scaled_from_the_start() {
        let clock = Clock::scaled(60.0);
        let later = clock.origin + Duration::from_secs(2);
        assert_eq!(clock.at_real(later), clock.origin + Duration::from_secs(120));
        assert_eq!(clock.at_real(clock.origin - Duration::from_secs(1)), clock.origin - Duration::from_secs(60));
    }

    #[tokio::test(start_paused = true)]
    async fn a_scaled_clock_sleeps_a_fraction_of_the_time() {
        let clock = Clock::scaled(60.0);
        let before = (clock.now(), Instant::now());
        clock.sleep(Duration::from_secs(600)).await;
        assert!(clock.now().since(before.0) >= Duration::from_secs(600));
        assert!(before.1.elapsed() < Duration::from_secs(11));
    }
}

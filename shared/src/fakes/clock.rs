//! A clock that moves only when somebody waits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::Clock;

/// Time that passes by sleeping on it; clones share it.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<Mutex<Timestamp>>,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self { now: Arc::new(Mutex::new(now)) }
    }

    /// Sets the time, as RFC 3339 writes it.
    ///
    /// # Panics
    /// The text is no time.
    #[expect(clippy::unwrap_used, reason = "a fixed text of tests")]
    pub fn set(&self, now: &str) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now.parse().unwrap();
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(duration).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

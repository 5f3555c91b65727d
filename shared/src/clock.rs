//! Time as a port, so that waiting costs a test nothing.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

/// The time, and waiting.
pub trait Clock {
    /// The time now, which a test's clock sets.
    fn now(&self) -> Timestamp;

    /// Returns after `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// The machine's clock and tokio's timer.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

//! The token bucket behind `429 Too Many Requests`.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html>
//!
//! Real time: requests come from real clients, whatever the plane's time scale.

use tokio::time::Instant;

/// API Gateway's own limits for an account, which hold where a setting names only one of the two.
const ACCOUNT_RATE: f64 = 10_000.0;
const ACCOUNT_BURST: f64 = 5_000.0;

/// A steady rate in requests a second, and how many may come at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limit {
    rate: f64,
    burst: f64,
}

impl Limit {
    /// The limit of `ThrottlingRateLimit` and `ThrottlingBurstLimit`; none when neither is set.
    pub(super) fn of(rate: Option<f64>, burst: Option<f64>) -> Option<Self> {
        (rate.is_some() || burst.is_some())
            .then(|| Self { rate: rate.unwrap_or(ACCOUNT_RATE), burst: burst.unwrap_or(ACCOUNT_BURST) })
    }
}

/// Tokens that are left of a burst, and since when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// A bucket that nobody has taken from.
    pub(super) fn full(limit: Limit, now: Instant) -> Self {
        Self { tokens: limit.burst, at: now }
    }

    /// Takes a token for a request, if there is one.
    pub(super) fn take(&mut self, limit: Limit, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + elapsed * limit.rate).min(limit.burst);
        self.at = now;
        let admitted = self.tokens >= 1.0;
        if admitted {
            self.tokens -= 1.0;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let limit = Limit::of(Some(10.0), Some(3.0)).unwrap();
        let start = Instant::now();
        let mut bucket = Bucket::full(limit, start);
        assert_eq!([(); 4].map(|()| bucket.take(limit, start)), [true, true, true, false]);
        let later = start + Duration::from_millis(100);
        assert_eq!([(); 2].map(|()| bucket.take(limit, later)), [true, false]);
    }

    #[test]
    fn a_rate_of_nothing_admits_the_burst_only() {
        let limit = Limit::of(Some(0.0), Some(1.0)).unwrap();
        let start = Instant::now();
        let mut bucket = Bucket::full(limit, start);
        assert!(bucket.take(limit, start));
        assert!(!bucket.take(limit, start + Duration::from_secs(3600)));
        assert_eq!(Limit::of(None, None), None);
    }

    proptest! {
        #[test]
        fn never_more_than_burst_and_rate_allow(pauses in proptest::collection::vec(0u64..500, 1..200)) {
            let limit = Limit::of(Some(20.0), Some(5.0)).unwrap();
            let start = Instant::now();
            let (mut bucket, mut elapsed, mut admitted) = (Bucket::full(limit, start), 0, 0u32);
            for pause in pauses {
                elapsed += pause;
                admitted += u32::from(bucket.take(limit, start + Duration::from_millis(elapsed)));
                prop_assert!(f64::from(admitted) <= 5.0 + elapsed as f64 / 50.0 + 1e-6);
            }
        }
    }
}

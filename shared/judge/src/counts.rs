//! Requests and bad ones, of one version and of both.

use serde::Serialize;
use thiserror::Error;

/// The most requests that are judged as one count: sums of logarithms of factorials are exact enough up to here.
pub const MOST_REQUESTS: u64 = 1_000_000_000_000;

/// Requests of one version, and how many of them were bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    requests: u64,
    bad: u64,
}

/// A pair of numbers that counts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CountsError {
    /// More bad requests than requests.
    #[error("{bad} bad of {requests} requests")]
    MoreBadThanRequests {
        /// The requests.
        requests: u64,
        /// The bad ones.
        bad: u64,
    },
    /// More than [`MOST_REQUESTS`].
    #[error("more than {MOST_REQUESTS} requests")]
    TooMany,
}

impl Counts {
    /// Counts that can be.
    ///
    /// # Errors
    /// Fails for more bad requests than requests, and for more requests than can be judged.
    pub const fn new(requests: u64, bad: u64) -> Result<Self, CountsError> {
        if bad > requests {
            return Err(CountsError::MoreBadThanRequests { requests, bad });
        }
        if requests > MOST_REQUESTS {
            return Err(CountsError::TooMany);
        }
        Ok(Self { requests, bad })
    }

    /// Both together.
    ///
    /// # Errors
    /// Fails if they are more than can be judged.
    pub const fn plus(self, other: Self) -> Result<Self, CountsError> {
        // Neither is above `MOST_REQUESTS`: the sums fit.
        Self::new(self.requests + other.requests, self.bad + other.bad)
    }

    /// Both together, for a person to read.
    pub(super) const fn saturating_plus(self, other: Self) -> Self {
        Self { requests: self.requests.saturating_add(other.requests), bad: self.bad.saturating_add(other.bad) }
    }

    /// The requests.
    #[must_use]
    pub const fn requests(self) -> u64 {
        self.requests
    }

    /// The bad ones among them.
    #[must_use]
    pub const fn bad(self) -> u64 {
        self.bad
    }

    /// The bad ones as a share of the requests; `None` without requests.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.requests > 0).then(|| self.bad as f64 / self.requests as f64)
    }
}

/// The counts of both versions in the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// The version that is released.
    pub target: Counts,
    /// The version that users have had so far.
    pub current: Counts,
}

impl Pair {
    /// The same with the versions' places changed.
    pub(super) const fn swapped(self) -> Self {
        Self { target: self.current, current: self.target }
    }
}

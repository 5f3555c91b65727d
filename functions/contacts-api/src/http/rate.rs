//! The rate of requests that each owner may make.
//!
//! The count is one process's: it keeps one owner from taking a process for itself, and is no quota. The requests that all processes
//! take together are limited by the throttling of the API in front of them.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::caller::Caller;
use super::error::ApiError;
use super::state::Now;
use crate::domain::Owner;

/// Beyond so many owners, those who have not asked for a while are forgotten.
const REMEMBERED_OWNERS: usize = 10_000;

type Limiter = RateLimiter<Owner, HashMapStateStore<Owner>, Now, NoOpMiddleware<Nanos>>;

/// The limit of each owner: so many requests a second on average, and as many at once.
#[derive(Clone, Debug)]
pub(super) struct OwnerLimit(Arc<Limiter>);

impl OwnerLimit {
    pub(super) fn new(per_second: NonZeroU32, now: Now) -> Self {
        Self(Arc::new(RateLimiter::hashmap_with_clock(Quota::per_second(per_second), now)))
    }

    /// The time that the owner has to wait, if it asks too often.
    fn wait(&self, owner: &Owner) -> Option<Duration> {
        if self.0.len() > REMEMBERED_OWNERS {
            self.0.retain_recent();
        }
        self.0.check_key(owner).err().map(|until| until.wait_time_from(self.0.clock().now()))
    }
}

impl Clock for Now {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(u64::try_from(self.get().as_nanosecond()).unwrap_or_default())
    }
}

/// Refuses the requests of one owner that are too many. A caller without a name reaches no contact anyway.
pub(super) async fn limit(State(limit): State<OwnerLimit>, request: Request, next: Next) -> Result<Response, ApiError> {
    if let Some(Caller::Known(owner)) = request.extensions().get()
        && let Some(wait) = limit.wait(owner)
    {
        return Err(ApiError::TooManyRequests { wait });
    }
    Ok(next.run(request).await)
}

//! The surroundings of every operation: the store, the time, identifiers, and the plane.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use s3s::S3Response;
use s3s::dto::Owner;
use sha2::{Digest as _, Sha256};

use super::refusal::Refusal;
use super::store::Store;
use crate::core::{Clock, Hub, Ids, PlaneIdentity, Timestamp};

/// An operation's output, or the reason why it is refused.
pub(super) type Answer<T> = Result<S3Response<T>, Refusal>;

/// An answer with nothing to add.
pub(super) fn done<T>(output: T) -> Answer<T> {
    Ok(S3Response::new(output))
}

/// The surroundings of an operation.
#[derive(Debug)]
pub(super) struct Context {
    /// The buckets and objects, with their journal.
    pub(super) store: Store,
    hub: OnceLock<Weak<Hub>>,
    /// The clock and the identifiers of a store without a plane around it.
    alone: (Clock, Ids),
    sequence: AtomicU64,
}

impl Context {
    /// A store with no plane around it yet.
    pub(super) fn new(store: Store) -> Self {
        Self { store, hub: OnceLock::new(), alone: (Clock::scaled(1.0), Ids::random()), sequence: AtomicU64::new(0) }
    }

    /// Sets the plane around it, once.
    pub(super) fn attach(&self, hub: &Arc<Hub>) {
        let _ = self.hub.set(Arc::downgrade(hub));
    }

    /// The plane around it; none before [`Context::attach`], and after the plane's end.
    pub(super) fn hub(&self) -> Option<Arc<Hub>> {
        self.hub.get()?.upgrade()
    }

    /// The time of the plane's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.hub().map_or_else(|| self.alone.0.now(), |hub| hub.now())
    }

    /// The plane's source of identifiers.
    pub(super) fn ids(&self) -> Ids {
        self.hub().map_or_else(|| self.alone.1.clone(), |hub| hub.ids.clone())
    }

    /// The account and the region of the plane.
    pub(super) fn identity(&self) -> PlaneIdentity {
        self.hub().map_or_else(PlaneIdentity::default, |hub| hub.identity.clone())
    }

    /// A number that is larger than all before it, also than those of an earlier start.
    pub(super) fn sequencer(&self) -> u64 {
        let now = u64::try_from(self.now().as_millis()).unwrap_or(0) << 16;
        let next = |last: u64| Some(now.max(last + 1));
        self.sequence.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).map_or(now, |last| now.max(last + 1))
    }

    /// The canonical id of the account: 64 hexadecimal digits.
    pub(super) fn owner_id(&self) -> String {
        hex::encode(Sha256::digest(self.identity().account))
    }

    /// The account as the owner of buckets and objects. S3 gives no display names any more.
    pub(super) fn owner(&self) -> Owner {
        Owner { display_name: None, id: Some(self.owner_id()) }
    }
}

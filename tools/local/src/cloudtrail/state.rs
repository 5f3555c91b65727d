//! The events so far, and the trails that they are delivered to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::history::History;
use super::trail::Trails;
use crate::core::{Hub, Series};

/// The events so far, and the trails that they are delivered to.
pub(super) struct CloudTrail {
    pub(super) hub: Arc<Hub>,
    /// The identifiers of events.
    pub(super) ids: Series,
    pub(super) history: Mutex<History>,
    pub(super) trails: Mutex<Trails>,
}

impl CloudTrail {
    pub(super) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn trails(&self) -> MutexGuard<'_, Trails> {
        self.trails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

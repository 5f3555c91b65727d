//! The topics of a plane.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::topic::Topic;
use crate::core::Hub;

pub(super) struct Sns {
    pub(super) hub: Arc<Hub>,
    pub(super) topics: Mutex<BTreeMap<String, Topic>>,
    pub(super) client: reqwest::Client,
}

impl Sns {
    pub(super) fn topics(&self) -> MutexGuard<'_, BTreeMap<String, Topic>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The metrics, alarms, tags and dashboards of a plane.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::alarm::Alarms;
use super::dashboard::Dashboards;
use super::notify::{arn, notify};
use super::store::MetricStore;
use super::tag_set::Tags;
use crate::core::{Driver, Hub, Input};

/// CloudWatch metrics and alarms.
pub(super) struct CloudWatch {
    pub(super) hub: Arc<Hub>,
    pub(super) store: Arc<MetricStore>,
    pub(super) alarms: Driver<Alarms>,
    pub(super) tags: Mutex<Tags>,
    pub(super) dashboards: Mutex<Dashboards>,
}

impl CloudWatch {
    /// The service; its engine begins to run.
    pub(super) fn start(hub: &Arc<Hub>) -> Self {
        let store = Arc::new(MetricStore::default());
        let acting = Arc::clone(hub);
        let engine = Alarms::new(Arc::clone(&store), arn(hub, ""));
        let alarms = Driver::start(engine, hub.clock.clone(), move |transition| notify(&acting, transition));
        Self { hub: Arc::clone(hub), store, alarms, tags: Mutex::default(), dashboards: Mutex::default() }
    }

    pub(super) fn dashboards(&self) -> MutexGuard<'_, Dashboards> {
        self.dashboards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tags(&self) -> MutexGuard<'_, Tags> {
        self.tags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The alarms that an input names in a list, as IAM sees them.
    pub(super) fn named_alarms(&self, input: &Input) -> Vec<String> {
        input.strings("AlarmNames").iter().map(|name| arn(&self.hub, name)).collect()
    }
}

//! The service: its state and its table.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::core::{Driver, Hub, Input};
use crate::model::{Dialect, Fault, Wording};
use crate::operations::Table;

use super::alarm::Alarms;
use super::dashboards::{self, Dashboards};
use super::notify::{arn, notify};
use super::store::MetricStore;
use super::tags::{self, Tags};
use super::{alarms, data, metrics, put};

/// The operations that CloudWatch runs.
pub(super) static TABLE: Table<CloudWatch> = Table {
    vendor: "cloudwatch",
    denial: "AccessDenied",
    ..Table::new(
        "monitoring",
        Dialect::Worded("ValidationError", wording),
        &[
            put::OPERATIONS,
            metrics::OPERATIONS,
            data::OPERATIONS,
            alarms::OPERATIONS,
            tags::OPERATIONS,
            dashboards::OPERATIONS,
        ],
    )
};

/// The states of an alarm, in the order of AWS's own message.
fn wording(fault: &Fault) -> Wording {
    match fault {
        Fault::Constraint { path, .. } if path == "stateValue" => {
            Wording::Rule("Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]")
        }
        _ => Wording::Usual,
    }
}

/// CloudWatch metrics and alarms.
pub(super) struct CloudWatch {
    pub(super) hub: Arc<Hub>,
    pub(super) store: Arc<MetricStore>,
    pub(super) alarms: Driver<Alarms>,
    tags: Mutex<Tags>,
    dashboards: Mutex<Dashboards>,
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

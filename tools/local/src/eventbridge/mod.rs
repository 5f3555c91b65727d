//! EventBridge: buses, rules, patterns, schedules and targets.
//!
//! Archives, replays, connections, API destinations, endpoints, partners' sources and dead-letter queues are not run.

mod bus;
mod bus_name;
mod buses;
mod delivery;
mod dispatch;
mod envelope;
mod events;
mod input;
mod path;
pub(crate) mod pattern;
mod rule;
mod rules;
mod schedule;
mod state;
mod tags;
mod target;
mod targets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::core::{Driver, Hub, Service};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};
use bus::Bus;
use bus_name::DEFAULT;
use dispatch::fire;
use rule::Rule;
use schedule::{Due, Schedules};
use state::{EventBridge, lock};

pub(crate) use target::refused_target;

static TABLE: Table<EventBridge> = Table {
    resource_policy: |events, arn| {
        let buses = events.buses();
        let bus = buses.values().find(|bus| bus.arn == arn)?;
        bus.policy.as_ref().map(Value::to_string)
    },
    ..Table::new(
        "events",
        Dialect::Listed("ValidationException"),
        &[buses::OPERATIONS, rules::OPERATIONS, targets::OPERATIONS, events::OPERATIONS, tags::OPERATIONS],
    )
};

/// EventBridge as a service of the plane, with the default bus and the schedules running.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let buses = BTreeMap::from([(DEFAULT.to_owned(), Bus::new(hub, DEFAULT))]);
    let buses = Arc::new(Mutex::new(buses));
    let heard = Arc::clone(&buses);
    hub.set_audience(move || lock(&heard).get(DEFAULT).is_some_and(|bus| bus.rules.values().any(Rule::listens)));
    let (buses_due, hub_due) = (Arc::clone(&buses), Arc::clone(hub));
    let schedules = Driver::start(Schedules::default(), hub.clock.clone(), move |due: Due| {
        let (buses, hub) = (Arc::clone(&buses_due), Arc::clone(&hub_due));
        Box::pin(async move {
            fire(&hub, &buses, &due);
            Vec::new()
        })
    });
    let state = EventBridge { hub: Arc::clone(hub), buses, schedules };
    Arc::new(Modelled::new(hub, state, &TABLE))
}

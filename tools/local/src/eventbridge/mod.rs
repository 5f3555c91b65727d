//! EventBridge: buses, rules, patterns, schedules and targets.
//!
//! Archives, replays, connections, API destinations, endpoints, partners' sources and dead-letter queues are not run.

mod bus;
mod buses;
mod delivery;
mod events;
mod input;
mod path;
pub(crate) mod pattern;
mod rule;
mod rules;
mod schedule;
mod tags;
mod target;
mod targets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::core::{Driver, Hub, Input, Page, Reply, Service, ServiceError};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};
use bus::{Bus, DEFAULT, named, no_bus};
use delivery::Delivery;
use input::Origin;
use rule::{Rule, State};
use schedule::{Due, Schedules};
pub(crate) use target::refused_target;

/// The number of items of a page of a listing unless the request says otherwise.
const PAGE: usize = 100;

/// Buses by name.
type Buses = Mutex<BTreeMap<String, Bus>>;

struct EventBridge {
    hub: Arc<Hub>,
    buses: Arc<Buses>,
    schedules: Driver<Schedules>,
}

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

impl EventBridge {
    fn buses(&self) -> MutexGuard<'_, BTreeMap<String, Bus>> {
        lock(&self.buses)
    }

    /// Acts on the bus that a request means by its name or ARN.
    fn with_bus(&self, given: Option<&str>, act: impl FnOnce(&mut Bus) -> Reply) -> Reply {
        let name = named(&self.hub.identity, given)?;
        act(self.buses().get_mut(name).ok_or_else(|| no_bus(name))?)
    }

    /// Acts on the rule that a request names in `member`.
    fn with_rule(&self, input: &Input, member: &str, act: impl FnOnce(&mut Rule) -> Reply) -> Reply {
        let name = input.str(member)?;
        self.with_bus(input.opt_str("EventBusName"), |bus| act(bus.rule(name)?))
    }
}

fn lock(buses: &Buses) -> MutexGuard<'_, BTreeMap<String, Bus>> {
    buses.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A page of what was found, in the order of keys.
fn page(found: &[(String, Value)], input: &Input, member: &str, scope: &str) -> Reply {
    let size = input.opt_i64("Limit").and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let all = found.iter().map(|(key, value)| (key.as_str(), value.clone()));
    let page = Page::cut(all, input.opt_str("NextToken"), size, scope)
        .map_err(|_| ServiceError::validation("Parameter NextToken is not valid."))?;
    Ok(json!({ member: page.items, "NextToken": page.next }))
}

/// Delivers to the targets of every rule of the bus that takes the event. Each delivery goes its own way.
fn route(hub: &Arc<Hub>, buses: &Buses, bus: &str, event: &Value) {
    let buses = lock(buses);
    let rules = buses.get(bus).into_iter().flat_map(|bus| bus.rules.values());
    rules.filter(|rule| rule.takes(event)).for_each(|rule| dispatch(hub, rule, event));
}

/// Delivers a scheduled rule's event.
fn fire(hub: &Arc<Hub>, buses: &Buses, due: &Due) {
    let buses = lock(buses);
    let rule = buses.get(DEFAULT).and_then(|bus| bus.rules.get(&due.rule));
    if let Some(rule) = rule.filter(|rule| rule.state != State::Disabled) {
        let resources = std::slice::from_ref(&rule.arn);
        let event = events::envelope(hub, hub.now(), "aws.events", "Scheduled Event", resources, json!({}));
        dispatch(hub, rule, &event);
    }
}

fn dispatch(hub: &Arc<Hub>, rule: &Rule, event: &Value) {
    let ingested = events::whole_seconds(hub.now());
    let origin = Origin { rule: &rule.name, rule_arn: &rule.arn, ingested: &ingested };
    for target in rule.targets.values() {
        let delivery = Delivery {
            target: target.arn.clone(),
            role: target.role.clone(),
            payload: target.input.fill(event, origin),
            rule: rule.arn.clone(),
            retry: target.retry,
        };
        tokio::spawn(delivery::deliver(Arc::clone(hub), delivery));
    }
}

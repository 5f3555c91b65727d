//! Events on their way to the targets of rules.

use std::sync::Arc;

use serde_json::{Value, json};

use super::bus_name::DEFAULT;
use super::delivery;
use super::delivery::Delivery;
use super::envelope::{envelope, whole_seconds};
use super::input::Origin;
use super::rule::{Rule, State};
use super::schedule::Due;
use super::state::{Buses, lock};
use crate::core::Hub;

/// Delivers to the targets of every rule of the bus that takes the event. Each delivery goes its own way.
pub(super) fn route(hub: &Arc<Hub>, buses: &Buses, bus: &str, event: &Value) {
    let buses = lock(buses);
    let rules = buses.get(bus).into_iter().flat_map(|bus| bus.rules.values());
    rules.filter(|rule| rule.takes(event)).for_each(|rule| dispatch(hub, rule, event));
}

/// Delivers a scheduled rule's event.
pub(super) fn fire(hub: &Arc<Hub>, buses: &Buses, due: &Due) {
    let buses = lock(buses);
    let rule = buses.get(DEFAULT).and_then(|bus| bus.rules.get(&due.rule));
    if let Some(rule) = rule.filter(|rule| rule.state != State::Disabled) {
        let resources = std::slice::from_ref(&rule.arn);
        let event = envelope(hub, hub.now(), "aws.events", "Scheduled Event", resources, json!({}));
        dispatch(hub, rule, &event);
    }
}

fn dispatch(hub: &Arc<Hub>, rule: &Rule, event: &Value) {
    let ingested = whole_seconds(hub.now());
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

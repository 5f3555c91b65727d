//! The buses of a plane, and what the operations on them share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::bus::Bus;
use super::bus_name::{named, no_bus};
use super::rule::Rule;
use super::schedule::Schedules;
use crate::core::{Driver, Hub, Input, Page, Reply, ServiceError};

/// The number of items of a page of a listing unless the request says otherwise.
const PAGE: usize = 100;

/// Buses by name.
pub(super) type Buses = Mutex<BTreeMap<String, Bus>>;

pub(super) struct EventBridge {
    pub(super) hub: Arc<Hub>,
    pub(super) buses: Arc<Buses>,
    pub(super) schedules: Driver<Schedules>,
}

impl EventBridge {
    pub(super) fn buses(&self) -> MutexGuard<'_, BTreeMap<String, Bus>> {
        lock(&self.buses)
    }

    /// Acts on the bus that a request means by its name or ARN.
    pub(super) fn with_bus(&self, given: Option<&str>, act: impl FnOnce(&mut Bus) -> Reply) -> Reply {
        let name = named(&self.hub.identity, given)?;
        act(self.buses().get_mut(name).ok_or_else(|| no_bus(name))?)
    }

    /// Acts on the rule that a request names in `member`.
    pub(super) fn with_rule(&self, input: &Input, member: &str, act: impl FnOnce(&mut Rule) -> Reply) -> Reply {
        let name = input.str(member)?;
        self.with_bus(input.opt_str("EventBusName"), |bus| act(bus.rule(name)?))
    }
}

pub(super) fn lock(buses: &Buses) -> MutexGuard<'_, BTreeMap<String, Bus>> {
    buses.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A page of what was found, in the order of keys.
pub(super) fn page(found: &[(String, Value)], input: &Input, member: &str, scope: &str) -> Reply {
    let size = input.opt_i64("Limit").and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let all = found.iter().map(|(key, value)| (key.as_str(), value.clone()));
    let page = Page::cut(all, input.opt_str("NextToken"), size, scope)
        .map_err(|_| ServiceError::validation("Parameter NextToken is not valid."))?;
    Ok(json!({ member: page.items, "NextToken": page.next }))
}

//! The changes of a table's global indexes, and their throughput, which the library checks and does not keep.

use std::collections::BTreeMap;

use serde_json::Value;

use super::faults::refuse;
use super::members::listed;
use crate::core::ServiceError;

/// The throughput of a table's indexes after a change, by name; a change that cannot be is refused.
pub(super) fn throughput(
    table: &str,
    before: &Value,
    mut kept: BTreeMap<String, Value>,
    input: &Value,
) -> Result<BTreeMap<String, Value>, ServiceError> {
    let was_on_demand = before.get("BillingModeSummary").is_some();
    let on_demand = match input.get("BillingMode").and_then(Value::as_str) {
        Some(mode) => mode == "PAY_PER_REQUEST",
        None => was_on_demand,
    };
    let indexes = listed(before, "GlobalSecondaryIndexes");
    for update in listed(input, "GlobalSecondaryIndexUpdates") {
        let changed = update.as_object().and_then(|actions| actions.iter().next());
        let Some((action, change)) = changed else { continue };
        let name = change.get("IndexName").and_then(Value::as_str).unwrap_or_default();
        let wanted = change.get("ProvisionedThroughput").filter(|wanted| !wanted.is_null());
        let existing = indexes.iter().find(|index| index["IndexName"] == name);
        match (action.as_str(), existing) {
            ("Create", _) => check_new(name, on_demand, wanted)?,
            ("Update", Some(existing)) => check_change(name, on_demand, kept.get(name).unwrap_or(existing), wanted)?,
            ("Delete", Some(_)) => {
                kept.remove(name);
            }
            _ => {
                let message = format!("Requested resource not found: Index {name} for table {table}");
                return Err(ServiceError::new("ResourceNotFoundException", message));
            }
        }
        kept.extend(wanted.map(|wanted| (name.to_owned(), wanted.clone())));
    }
    let lacking = indexes.iter().filter_map(|index| index["IndexName"].as_str()).find(|name| !kept.contains_key(*name));
    match lacking {
        _ if on_demand => Ok(BTreeMap::new()),
        Some(name) if was_on_demand => refuse(&format!("ProvisionedThroughput must be specified for index: {name}")),
        _ => Ok(kept),
    }
}

fn check_new(name: &str, on_demand: bool, wanted: Option<&Value>) -> Result<(), ServiceError> {
    match (on_demand, wanted.is_some()) {
        (true, true) => refuse(&format!(
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {name} when BillingMode is \
             PAY_PER_REQUEST"
        )),
        (false, false) => refuse(&format!("ProvisionedThroughput must be specified for index: {name}")),
        _ => Ok(()),
    }
}

fn check_change(name: &str, on_demand: bool, current: &Value, wanted: Option<&Value>) -> Result<(), ServiceError> {
    if on_demand {
        return refuse(&format!(
            "The only Updates for index: {name} when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, \
             WarmThroughput"
        ));
    }
    let current = current.get("ProvisionedThroughput").unwrap_or(current);
    let unit = |of: &Value, unit: &str| of.get(unit).and_then(Value::as_i64);
    let units = ["ReadCapacityUnits", "WriteCapacityUnits"];
    match wanted {
        Some(wanted) if units.iter().all(|name| unit(current, name) == unit(wanted, name)) => {
            let told = |of: &Value, name: &str| unit(of, name).unwrap_or(0);
            let [read, write] = units;
            Err(ServiceError::validation(format!(
                "The provisioned throughput for the index {name} will not change. The requested value equals the current \
                 value. Current ReadCapacityUnits provisioned for the index: {}. Requested ReadCapacityUnits: {}. Current \
                 WriteCapacityUnits provisioned for the index: {}. Requested WriteCapacityUnits: {}. Refer to the Amazon \
                 DynamoDB Developer Guide for current limits and how to request higher limits.",
                told(current, read),
                told(wanted, read),
                told(current, write),
                told(wanted, write),
            )))
        }
        _ => Ok(()),
    }
}

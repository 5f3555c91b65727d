//! The changes of a table's global secondary indexes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::properties::{list, text};

/// The updates from the old properties' indexes to the new ones', each of which `UpdateTable` takes alone. An index
/// whose keys or projection change is removed and made again.
pub(super) fn index_updates(old: &Value, new: &Value) -> Vec<Value> {
    let (before, after) = (by_name(old), by_name(new));
    let same_shape = |a: &Value, b: &Value| ["KeySchema", "Projection"].iter().all(|name| a.get(*name) == b.get(*name));
    let mut updates = Vec::new();
    for (name, index) in &before {
        if after.get(name).is_none_or(|wanted| !same_shape(index, wanted)) {
            updates.push(json!({ "Delete": { "IndexName": name } }));
        }
    }
    for (name, index) in &after {
        match before.get(name).filter(|existing| same_shape(existing, index)) {
            None => updates.push(json!({ "Create": index })),
            Some(existing) => {
                let throughput = index.get("ProvisionedThroughput");
                if let Some(wanted) = throughput.filter(|wanted| existing.get("ProvisionedThroughput") != Some(wanted))
                {
                    updates.push(json!({ "Update": { "IndexName": name, "ProvisionedThroughput": wanted } }));
                }
            }
        }
    }
    updates
}

fn by_name(properties: &Value) -> BTreeMap<&str, &Value> {
    let indexes = list(properties, "GlobalSecondaryIndexes");
    indexes.iter().filter_map(|index| Some((text(index, "IndexName")?, index))).collect()
}

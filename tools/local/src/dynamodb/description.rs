//! Descriptions of tables: the library's, with the plane's names, dates and settings.

use serde_json::{Map, Value, json};

use super::encryption;
use super::store::Tables;
use crate::core::Timestamp;

impl Tables {
    /// Makes a description of the library the plane's.
    pub(super) fn describe(&self, description: &mut Value) {
        let Some(name) = description.get("TableName").and_then(Value::as_str).map(str::to_owned) else { return };
        self.names.own(description.get_mut("TableArn"));
        for indexes in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes", "VectorIndexes"] {
            for index in description.get_mut(indexes).and_then(Value::as_array_mut).into_iter().flatten() {
                self.names.own(index.get_mut("IndexArn"));
                self.date_throughput(index);
            }
        }
        self.date_throughput(description);
        self.describe_index_throughput(&name, description);
        self.describe_warm_throughput(&name, description);
        let Some(members) = description.as_object_mut() else { return };
        // Of another model than the one that clients have.
        members.shift_remove("TableThroughputModeSummary");
        self.describe_settings(&name, members);
    }

    fn describe_settings(&self, name: &str, members: &mut Map<String, Value>) {
        let kept = self.settings.table(name);
        members.insert("CreationDateTime".to_owned(), json!(kept.created.epoch_seconds()));
        members.shift_remove("SSEDescription");
        if let Some(described) = encryption::described(&kept, "ENABLED") {
            members.insert("SSEDescription".to_owned(), described);
        }
        if let Some(since) = kept.on_demand_since {
            let mode = if members.contains_key("BillingModeSummary") { "PAY_PER_REQUEST" } else { "PROVISIONED" };
            let summary = json!({ "BillingMode": mode, "LastUpdateToPayPerRequestDateTime": since.epoch_seconds() });
            members.insert("BillingModeSummary".to_owned(), summary);
        }
        if let Some(restored) = kept.restored {
            members.insert("RestoreSummary".to_owned(), restored);
        }
        for member in ["LatestStreamArn", "LatestStreamLabel", "StreamSpecification"] {
            members.shift_remove(member);
        }
        let latest = kept.latest_stream.as_deref();
        if let Some(stream) = latest.and_then(|label| self.stream_named(name, label)) {
            members.insert("LatestStreamArn".to_owned(), json!(self.stream_arn(stream)));
            members.insert("LatestStreamLabel".to_owned(), json!(stream.label));
            if stream.ended.is_none() {
                let specification = json!({ "StreamEnabled": true, "StreamViewType": stream.view });
                members.insert("StreamSpecification".to_owned(), specification);
            }
        }
    }

    /// Describes the warm throughput of a table and its indexes: what they were ever made for, and never less.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html>
    fn describe_warm_throughput(&self, name: &str, description: &mut Value) {
        let on_demand = is_on_demand(description);
        let (read, write) = warm(description, on_demand);
        let kept = self.settings.table(name).warm;
        description["WarmThroughput"] = warm_told((read.max(kept.0), write.max(kept.1)));
        for index in description.get_mut("GlobalSecondaryIndexes").and_then(Value::as_array_mut).into_iter().flatten() {
            index["WarmThroughput"] = warm_told(warm(index, on_demand));
        }
    }

    /// The library keeps the throughput that indexes were made with, whatever becomes of it.
    fn describe_index_throughput(&self, name: &str, description: &mut Value) {
        let on_demand = is_on_demand(description);
        let kept = self.settings.table(name).index_throughput;
        for index in description.get_mut("GlobalSecondaryIndexes").and_then(Value::as_array_mut).into_iter().flatten() {
            let set = index["IndexName"].as_str().and_then(|index| kept.get(index));
            let zero = Value::from(0);
            for unit in ["ReadCapacityUnits", "WriteCapacityUnits"] {
                let units = if on_demand { Some(&zero) } else { set.and_then(|set| set.get(unit)) };
                if let Some(units) = units {
                    index["ProvisionedThroughput"][unit] = units.clone();
                }
            }
        }
    }

    /// The library dates changes of throughput by the machine's clock.
    fn date_throughput(&self, part: &mut Value) {
        let Some(throughput) = part.get_mut("ProvisionedThroughput") else { return };
        for member in ["LastIncreaseDateTime", "LastDecreaseDateTime"] {
            if let Some(seconds) = throughput.get(member).and_then(Value::as_f64) {
                let machine = Timestamp::from_millis((seconds * 1000.0) as i64);
                throughput[member] = json!(self.clock().at_real(machine).epoch_seconds());
            }
        }
    }
}

/// True if a description tells of a table that is paid for per request.
pub(super) fn is_on_demand(description: &Value) -> bool {
    description.pointer("/BillingModeSummary/BillingMode").is_some_and(|mode| mode == "PAY_PER_REQUEST")
}

/// The reads and writes a second that a table or an index is made for.
pub(super) fn warm(described: &Value, on_demand: bool) -> (i64, i64) {
    let units = |name: &str| described["ProvisionedThroughput"][name].as_i64().unwrap_or(0);
    if on_demand { (12_000, 4_000) } else { (units("ReadCapacityUnits"), units("WriteCapacityUnits")) }
}

fn warm_told((read, write): (i64, i64)) -> Value {
    json!({ "ReadUnitsPerSecond": read, "WriteUnitsPerSecond": write, "Status": "ACTIVE" })
}

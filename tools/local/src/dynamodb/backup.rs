//! A backup of a table, and the request that makes the table again.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::members::listed;
use crate::core::Timestamp;

/// A backup, without its items: they are in a file of their own.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Backup {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) created: Timestamp,
    pub(super) size: u64,
    /// The table as it was described.
    pub(super) table: Value,
}

impl Backup {
    pub(super) fn details(&self, status: &str) -> Value {
        json!({
            "BackupArn": self.arn, "BackupName": self.name, "BackupSizeBytes": self.size, "BackupStatus": status,
            "BackupType": "USER", "BackupCreationDateTime": self.created.epoch_seconds(),
        })
    }

    pub(super) fn summary(&self) -> Value {
        let mut summary = self.details("AVAILABLE");
        for member in ["TableName", "TableId", "TableArn"] {
            summary[member] = self.table[member].clone();
        }
        summary
    }

    pub(super) fn described(&self, status: &str) -> Value {
        let mut source = Map::new();
        let told =
            ["TableName", "TableId", "TableArn", "TableSizeBytes", "KeySchema", "ItemCount", "OnDemandThroughput"];
        for member in told {
            source.extend(self.table.get(member).map(|value| (member.to_owned(), value.clone())));
        }
        source.insert("TableCreationDateTime".to_owned(), self.table["CreationDateTime"].clone());
        source.insert("ProvisionedThroughput".to_owned(), units(&self.table["ProvisionedThroughput"]));
        source.insert("BillingMode".to_owned(), json!(self.billing_mode()));
        let mut features = json!({
            "LocalSecondaryIndexes": self.indexes("LocalSecondaryIndexes"),
            "GlobalSecondaryIndexes": self.indexes("GlobalSecondaryIndexes"),
        });
        for (member, told) in [("StreamSpecification", "StreamDescription"), ("SSEDescription", "SSEDescription")] {
            if let Some(feature) = self.table.get(member) {
                features[told] = feature.clone();
            }
        }
        json!({
            "BackupDetails": self.details(status), "SourceTableDetails": source, "SourceTableFeatureDetails": features,
        })
    }

    fn billing_mode(&self) -> &str {
        self.table.pointer("/BillingModeSummary/BillingMode").and_then(Value::as_str).unwrap_or("PROVISIONED")
    }

    /// The indexes as they are asked for.
    fn indexes(&self, kind: &str) -> Vec<Value> {
        let asked = |index: &Value| {
            let mut asked = json!({ "IndexName": index["IndexName"], "KeySchema": index["KeySchema"], "Projection": index["Projection"] });
            if kind == "GlobalSecondaryIndexes" && self.billing_mode() == "PROVISIONED" {
                asked["ProvisionedThroughput"] = units(&index["ProvisionedThroughput"]);
            }
            asked
        };
        listed(&self.table, kind).iter().map(asked).collect()
    }

    /// The request that makes the table again, as `input` wants it otherwise. Tags, streams, time to live and recovery are not
    /// restored. <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html>
    pub(super) fn creation(&self, target: &str, input: &Value) -> Value {
        let wanted = |member: &str| input.get(member).filter(|given| !given.is_null()).cloned();
        let mode = wanted("BillingModeOverride").unwrap_or_else(|| json!(self.billing_mode()));
        let mut creation = json!({ "TableName": target, "KeySchema": self.table["KeySchema"], "BillingMode": mode });
        if mode == "PROVISIONED" {
            let same = || units(&self.table["ProvisionedThroughput"]);
            creation["ProvisionedThroughput"] = wanted("ProvisionedThroughputOverride").unwrap_or_else(same);
        }
        for (kind, other) in [
            ("LocalSecondaryIndexes", "LocalSecondaryIndexOverride"),
            ("GlobalSecondaryIndexes", "GlobalSecondaryIndexOverride"),
        ] {
            let mut indexes = match wanted(other) {
                Some(Value::Array(indexes)) => indexes,
                _ => self.indexes(kind),
            };
            if mode != "PROVISIONED" {
                for index in indexes.iter_mut().filter_map(Value::as_object_mut) {
                    index.shift_remove("ProvisionedThroughput");
                }
            }
            if !indexes.is_empty() {
                creation[kind] = Value::Array(indexes);
            }
        }
        creation["AttributeDefinitions"] = Value::Array(self.definitions(&creation));
        let settings =
            [("SSESpecification", "SSESpecificationOverride"), ("OnDemandThroughput", "OnDemandThroughputOverride")];
        for (member, other) in settings {
            if let Some(other) = wanted(other) {
                creation[member] = other;
            }
        }
        creation
    }

    /// The definitions of the attributes that are in a key.
    fn definitions(&self, creation: &Value) -> Vec<Value> {
        let indexes =
            ["LocalSecondaryIndexes", "GlobalSecondaryIndexes"].iter().flat_map(|kind| listed(creation, kind));
        let schemas = indexes.chain([creation]).flat_map(|part| listed(part, "KeySchema"));
        let named: Vec<&Value> = schemas.map(|part| &part["AttributeName"]).collect();
        let definitions = listed(&self.table, "AttributeDefinitions").iter();
        definitions.filter(|definition| named.contains(&&definition["AttributeName"])).cloned().collect()
    }
}

/// A throughput as it is asked for.
fn units(described: &Value) -> Value {
    json!({
        "ReadCapacityUnits": described["ReadCapacityUnits"], "WriteCapacityUnits": described["WriteCapacityUnits"],
    })
}

//! The changes of a table's settings, and the requests that make them: DynamoDB takes one kind of change at a time.

use serde_json::{Map, Value, json};

use super::dynamodb_indexes::index_updates;
use super::properties::{changed, list, pick, text};

/// The properties that have the same name in the API.
const SETTINGS: &[&str] = &[
    "BillingMode",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "SSESpecification",
    "StreamSpecification",
    "TableClass",
];

/// The settings as the API spells them.
pub(super) fn settings(properties: &Value) -> Map<String, Value> {
    let mut input = pick(properties, SETTINGS);
    if let Some(encryption) = input.get_mut("SSESpecification").and_then(Value::as_object_mut)
        && let Some(enabled) = encryption.shift_remove("SSEEnabled")
    {
        // CloudFormation leaves out that the key is of KMS.
        if encryption.contains_key("KMSMasterKeyId") {
            encryption.entry("SSEType").or_insert(json!("KMS"));
        }
        encryption.insert("Enabled".to_owned(), enabled);
    }
    if let Some(stream) = input.get_mut("StreamSpecification") {
        stream["StreamEnabled"] = json!(true);
    }
    input
}

/// The inputs of `UpdateTable`, in order, without the table's name.
pub(super) fn changes(old: &Value, new: &Value) -> Vec<Map<String, Value>> {
    let mut inputs = Vec::new();
    let (before, after) = (settings(old), settings(new));
    let mut updates = index_updates(old, new);
    let billing = ["BillingMode", "ProvisionedThroughput"];
    let mut throughput = Map::new();
    if changed(old, new, &billing) {
        let mode = text(new, "BillingMode").unwrap_or("PROVISIONED");
        if changed(old, new, &["BillingMode"]) {
            throughput.insert("BillingMode".to_owned(), json!(mode));
            if mode == "PROVISIONED" {
                let indexes = list(new, "GlobalSecondaryIndexes").iter();
                let of_indexes = updates.extract_if(.., |update| update.get("Update").is_some()).collect::<Vec<_>>();
                if indexes.count() > 0 && !of_indexes.is_empty() {
                    throughput.insert("GlobalSecondaryIndexUpdates".to_owned(), Value::Array(of_indexes));
                }
            }
        }
        throughput.extend(pick(new, &["ProvisionedThroughput"]));
    }
    if changed(old, new, &["OnDemandThroughput"]) {
        // A member that is left out keeps its value: a limit is lifted by -1.
        let mut limits = json!({ "MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1 });
        let wanted = new.get("OnDemandThroughput").and_then(Value::as_object).cloned().unwrap_or_default();
        wanted.into_iter().for_each(|(name, limit)| limits[name] = limit);
        throughput.insert("OnDemandThroughput".to_owned(), limits);
    }
    inputs.extend((!throughput.is_empty()).then_some(throughput));
    for (member, nothing) in [
        ("SSESpecification", json!({ "Enabled": false })),
        ("TableClass", json!("STANDARD")),
        ("DeletionProtectionEnabled", json!(false)),
    ] {
        if before.get(member) != after.get(member) {
            inputs.push(only(member, after.get(member).cloned().unwrap_or(nothing)));
        }
    }
    inputs.extend(stream_changes(before.get("StreamSpecification"), after.get("StreamSpecification")));
    // DynamoDB makes or removes one index at a time.
    inputs.extend(updates.into_iter().map(|update| {
        let mut input = pick(new, &["AttributeDefinitions"]);
        input.insert("GlobalSecondaryIndexUpdates".to_owned(), json!([update]));
        input
    }));
    inputs
}

/// A stream that shows something else is another stream.
fn stream_changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Map<String, Value>> {
    if before == after {
        return Vec::new();
    }
    let ended = before.map(|_| only("StreamSpecification", json!({ "StreamEnabled": false })));
    let begun = after.map(|stream| only("StreamSpecification", stream.clone()));
    ended.into_iter().chain(begun).collect()
}

fn only(member: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(member.to_owned(), value)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_change_is_a_request_of_its_own() {
        let old = json!({
            "BillingMode": "PAY_PER_REQUEST", "StreamSpecification": { "StreamViewType": "KEYS_ONLY" },
            "GlobalSecondaryIndexes": [{ "IndexName": "i", "KeySchema": [] }], "DeletionProtectionEnabled": true,
        });
        let units = json!({ "ReadCapacityUnits": 1, "WriteCapacityUnits": 1 });
        let new = json!({
            "ProvisionedThroughput": units, "StreamSpecification": { "StreamViewType": "NEW_IMAGE" },
            "GlobalSecondaryIndexes": [{ "IndexName": "i", "KeySchema": [], "ProvisionedThroughput": units }],
            "SSESpecification": { "SSEEnabled": true, "KMSMasterKeyId": "k" },
        });
        let update = json!([{ "Update": { "IndexName": "i", "ProvisionedThroughput": units } }]);
        assert_eq!(
            Value::from(changes(&old, &new).into_iter().map(Value::Object).collect::<Vec<_>>()),
            json!([
                { "BillingMode": "PROVISIONED", "GlobalSecondaryIndexUpdates": update, "ProvisionedThroughput": units },
                { "SSESpecification": { "KMSMasterKeyId": "k", "SSEType": "KMS", "Enabled": true } },
                { "DeletionProtectionEnabled": false },
                { "StreamSpecification": { "StreamEnabled": false } },
                { "StreamSpecification": { "StreamViewType": "NEW_IMAGE", "StreamEnabled": true } },
            ])
        );
        assert!(changes(&old, &old).is_empty());
    }
}

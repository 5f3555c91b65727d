//! The properties of which a bucket has several, each with an id: analytics, intelligent tiering, inventories, metrics.

use serde_json::{Map, Value, json};

use super::super::properties::{list, text};
use super::property_values::members;
use crate::core::Document;

/// The members of a report's destination: the property's name, and S3's.
const DESTINATION: [(&str, &str); 4] =
    [("BucketArn", "Bucket"), ("BucketAccountId", "BucketAccountId"), ("Format", "Format"), ("Prefix", "Prefix")];

pub(super) fn analytics(item: &Value) -> Document {
    let mut document = filtered(item);
    let export = item.pointer("/StorageClassAnalysis/DataExport").filter(|export| !export.is_null());
    let analysis = export.map(|export| {
        let mut found = members(export, &[("OutputSchemaVersion", "OutputSchemaVersion")]);
        let destination = members(&export["Destination"], &DESTINATION);
        found.insert("Destination".to_owned(), json!({ "S3BucketDestination": destination }));
        json!({ "DataExport": found })
    });
    document.insert("StorageClassAnalysis".to_owned(), analysis.unwrap_or_else(|| json!({})));
    Document::xml("AnalyticsConfiguration", document.into())
}

pub(super) fn tiering(item: &Value) -> Document {
    let mut document = filtered(item);
    document.extend(members(item, &[("Status", "Status"), ("Tierings", "Tiering")]));
    Document::xml("IntelligentTieringConfiguration", document.into())
}

pub(super) fn metrics(item: &Value) -> Document {
    Document::xml("MetricsConfiguration", filtered(item).into())
}

pub(super) fn inventory(item: &Value) -> Document {
    let names = [("Id", "Id"), ("Enabled", "IsEnabled"), ("IncludedObjectVersions", "IncludedObjectVersions")];
    let mut document = members(item, &names);
    let mut destination = members(&item["Destination"], &DESTINATION);
    if let Some(account) = destination.shift_remove("BucketAccountId") {
        destination.insert("AccountId".to_owned(), account);
    }
    document.insert("Destination".to_owned(), json!({ "S3BucketDestination": destination }));
    document.insert("Schedule".to_owned(), json!({ "Frequency": item["ScheduleFrequency"] }));
    if let Some(prefix) = text(item, "Prefix") {
        document.insert("Filter".to_owned(), json!({ "Prefix": prefix }));
    }
    let fields = list(item, "OptionalFields");
    if !fields.is_empty() {
        document.insert("OptionalFields".to_owned(), json!({ "Field": fields }));
    }
    Document::xml("InventoryConfiguration", document.into())
}

/// The id and the filter of an item.
fn filtered(item: &Value) -> Map<String, Value> {
    let mut document = members(item, &[("Id", "Id")]);
    let conditions =
        members(item, &[("Prefix", "Prefix"), ("TagFilters", "Tag"), ("AccessPointArn", "AccessPointArn")]);
    if let Some(filter) = filter(conditions) {
        document.insert("Filter".to_owned(), filter);
    }
    document
}

/// One condition as it is, several together in `And`. Without any there is no filter.
pub(super) fn filter(conditions: Map<String, Value>) -> Option<Value> {
    let count = |value: &Value| value.as_array().map_or(1, Vec::len);
    match conditions.values().map(count).sum() {
        0 => None,
        1 => Some(conditions.into()),
        _ => Some(json!({ "And": conditions })),
    }
}

//! `AWS::Serverless::SimpleTable`: a DynamoDB table with one key.

use serde_json::{Value, json};

use super::resource::{Generated, SamResource, tag_list};
use super::transform_error::TransformError;

pub(super) const PROPERTIES: &[&str] = &[
    "PointInTimeRecoverySpecification",
    "PrimaryKey",
    "ProvisionedThroughput",
    "TableName",
    "Tags",
    "SSESpecification",
];

pub(super) fn expand(table: &SamResource) -> Result<Vec<Generated>, TransformError> {
    let (name, kind) = match table.object("PrimaryKey")? {
        None => (json!("id"), "S"),
        Some(key) => {
            let name = key.get("Name").ok_or_else(|| table.fault("Property 'PrimaryKey.Name' is required."))?;
            let kind = match key.get("Type").and_then(Value::as_str) {
                Some("String") => "S",
                Some("Number") => "N",
                Some("Binary") => "B",
                other => return Err(table.fault(format!("Invalid 'Type' \"{}\".", other.unwrap_or_default()))),
            };
            (name.clone(), kind)
        }
    };
    let mut made = Generated::new(table.logical_id.clone(), "AWS::DynamoDB::Table", table.attributes.clone());
    made.depends_on = table.depends_on.clone();
    made.set("AttributeDefinitions", json!([{ "AttributeName": name, "AttributeType": kind }]));
    made.set("KeySchema", json!([{ "AttributeName": name, "KeyType": "HASH" }]));
    match table.property("ProvisionedThroughput") {
        Value::Null => made.set("BillingMode", json!("PAY_PER_REQUEST")),
        throughput => made.set("ProvisionedThroughput", throughput),
    }
    for name in ["PointInTimeRecoverySpecification", "SSESpecification", "TableName"] {
        made.set(name, table.property(name));
    }
    if let Some(tags) = table.object("Tags")?.filter(|tags| !tags.is_empty()) {
        made.set("Tags", Value::Array(tag_list(tags)));
    }
    Ok(vec![made])
}

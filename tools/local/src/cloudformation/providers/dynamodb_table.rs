//! `AWS::DynamoDB::Table`.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::dynamodb_changes::{changes, settings};
use super::properties::{answered, changed, gone, pick, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{flags, numbers};
use super::{naming, tags};
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

/// DynamoDB's limit on a table's name.
const NAME_LENGTH: usize = 255;

resource_type!(Table {
    properties: &[
        "AttributeDefinitions",
        "BillingMode",
        "DeletionProtectionEnabled",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "LocalSecondaryIndexes",
        "OnDemandThroughput",
        "PointInTimeRecoverySpecification",
        "ProvisionedThroughput",
        "SSESpecification",
        "StreamSpecification",
        "TableClass",
        "TableName",
        "Tags",
        "TimeToLiveSpecification",
    ],
    replaced_by: &["KeySchema", "LocalSecondaryIndexes", "TableName"],
    attributes: &["Arn", "StreamArn"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "TableName"), NAME_LENGTH);
    let mut input = settings(properties);
    let schema = ["AttributeDefinitions", "GlobalSecondaryIndexes", "KeySchema", "LocalSecondaryIndexes"];
    input.extend(pick(properties, &schema));
    input.insert("TableName".to_owned(), json!(name));
    tags::insert(&mut input, "Tags", Value::Array(tags::list(&tags::all(context, properties))));
    let mut input = Value::Object(input);
    typed(&mut input);
    context.hub.call("dynamodb", "CreateTable", input).await?;
    let finished = async {
        let table = active(context, &name).await?;
        apply_settings(context, &name, &Value::Null, properties).await?;
        described(&name, &table)
    };
    let finished = finished.await;
    if finished.is_err() {
        // The first failure is the one that is reported.
        let _ = context.hub.call("dynamodb", "DeleteTable", json!({ "TableName": name })).await;
    }
    finished
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let name = &current.physical_id;
    for change in changes(old, new) {
        update_table(context, name, change).await?;
    }
    apply_settings(context, name, old, new).await?;
    retag(context, current, old, new).await?;
    let table = active(context, name).await?;
    described(name, &table)
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "TableName": current.physical_id });
    gone(context.hub.call("dynamodb", "DeleteTable", input.clone()).await, &["ResourceNotFoundException"])?;
    loop {
        match context.hub.call("dynamodb", "DescribeTable", input.clone()).await {
            Err(error) if error.is("ResourceNotFoundException") => return Ok(()),
            Err(error) => return Err(error),
            Ok(_) => context.hub.clock.sleep(Duration::from_secs(1)).await,
        }
    }
}

/// Parameters and mappings bring text where the API has numbers and truth values.
fn typed(input: &mut Value) {
    let units = ["MaxReadRequestUnits", "MaxWriteRequestUnits", "ReadCapacityUnits", "WriteCapacityUnits"];
    numbers(input, &units);
    numbers(input, &["RecoveryPeriodInDays"]);
    flags(input, &["DeletionProtectionEnabled", "Enabled", "PointInTimeRecoveryEnabled", "StreamEnabled"]);
}

async fn update_table(
    context: &ResourceContext,
    name: &str,
    mut input: Map<String, Value>,
) -> Result<(), ServiceError> {
    input.insert("TableName".to_owned(), json!(name));
    let mut input = Value::Object(input);
    typed(&mut input);
    context.hub.call("dynamodb", "UpdateTable", input).await?;
    active(context, name).await.map(|_| ())
}

/// Waits until the table and its indexes can be used.
async fn active(context: &ResourceContext, name: &str) -> Result<Value, ServiceError> {
    loop {
        let found = context.hub.call("dynamodb", "DescribeTable", json!({ "TableName": name })).await?;
        let table = found.get("Table").cloned().unwrap_or_default();
        let indexes = table.get("GlobalSecondaryIndexes").and_then(Value::as_array);
        let ready = |status: Option<&str>| status.is_none_or(|status| status == "ACTIVE");
        if ready(text(&table, "TableStatus"))
            && indexes.into_iter().flatten().all(|index| ready(text(index, "IndexStatus")))
        {
            return Ok(table);
        }
        context.hub.clock.sleep(Duration::from_secs(1)).await;
    }
}

fn described(name: &str, table: &Value) -> Made {
    let mut made = resource(name, [("Arn", json!(answered(table, "/TableArn")?))]);
    for (attribute, member) in [("StreamArn", "LatestStreamArn"), ("TableId", "TableId")] {
        if let Some(value) = table.get(member).filter(|value| !value.is_null()) {
            made.attributes.insert(attribute.to_owned(), value.clone());
        }
    }
    Ok(made)
}

/// Settings that have operations of their own: time to live, and point-in-time recovery, which the plane's store keeps
/// as a setting and runs no restore for.
async fn apply_settings(context: &ResourceContext, name: &str, old: &Value, new: &Value) -> Result<(), ServiceError> {
    for (property, operation) in [
        ("TimeToLiveSpecification", "UpdateTimeToLive"),
        ("PointInTimeRecoverySpecification", "UpdateContinuousBackups"),
    ] {
        // A setting that is off and stays off is not sent: DynamoDB refuses to disable what is not enabled.
        if !changed(old, new, &[property]) || !(is_on(old, property) || is_on(new, property)) {
            continue;
        }
        let mut wanted = new.get(property).cloned().unwrap_or_default();
        if wanted.is_null() {
            wanted = old.get(property).cloned().unwrap_or_default();
            for flag in ["Enabled", "PointInTimeRecoveryEnabled"] {
                if wanted.get(flag).is_some() {
                    wanted[flag] = json!(false);
                }
            }
            if let Some(setting) = wanted.as_object_mut() {
                setting.shift_remove("RecoveryPeriodInDays");
            }
        }
        let mut input = json!({ "TableName": name, property: wanted });
        typed(&mut input);
        context.hub.call("dynamodb", operation, input).await?;
    }
    Ok(())
}

/// True if time to live or recovery is enabled by its property.
fn is_on(properties: &Value, property: &str) -> bool {
    let setting = properties.get(property);
    ["Enabled", "PointInTimeRecoveryEnabled"].iter().any(|flag| {
        let flag = setting.and_then(|setting| setting.get(*flag));
        flag.is_some_and(|flag| *flag == true || flag.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")))
    })
}

async fn retag(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Result<(), ServiceError> {
    let change = tags::Change::between(old, new);
    let arn = current.attributes.get("Arn").cloned().unwrap_or_default();
    if !change.removed.is_empty() {
        let input = json!({ "ResourceArn": arn, "TagKeys": change.removed });
        context.hub.call("dynamodb", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "ResourceArn": arn, "Tags": tags::list(&change.set) });
        context.hub.call("dynamodb", "TagResource", input).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::testing::{self, Asked, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    fn dynamodb() -> (Stage, Asked) {
        let looks = AtomicUsize::new(0);
        let (fake, asked) = Fake::new("dynamodb", move |operation, _| match operation {
            "DescribeTable" => {
                let status = if looks.fetch_add(1, Ordering::SeqCst) == 0 { "CREATING" } else { "ACTIVE" };
                Ok(json!({ "Table": { "TableStatus": status, "TableArn": "arn:table", "TableId": "id" } }))
            }
            "CreateTable" | "UpdateTable" | "UpdateTimeToLive" | "UpdateContinuousBackups" => Ok(json!({})),
            other => panic!("{other} was not expected"),
        });
        (Stage::new(vec![fake]), asked)
    }

    fn properties() -> Value {
        json!({
            "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }], "SSESpecification": { "SSEEnabled": "true" },
            "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": "true" },
            "TimeToLiveSpecification": { "AttributeName": "ttl", "Enabled": true },
        })
    }

    #[tokio::test]
    async fn a_table_is_made_awaited_and_set_up() {
        let (stage, asked) = dynamodb();
        let made = testing::create(&Table, &stage.context("T"), properties()).await;
        assert_eq!((&made.attributes["Arn"], &made.attributes["TableId"]), (&json!("arn:table"), &json!("id")));
        assert_eq!(
            asked.operations(),
            ["CreateTable", "DescribeTable", "DescribeTable", "UpdateTimeToLive", "UpdateContinuousBackups"]
        );
        assert_eq!(asked.input("CreateTable")["SSESpecification"], json!({ "Enabled": true }));
        assert_eq!(
            asked.input("UpdateContinuousBackups")["PointInTimeRecoverySpecification"],
            json!({
                "PointInTimeRecoveryEnabled": true,
            })
        );
    }

    #[tokio::test]
    async fn indexes_are_changed_one_at_a_time() {
        let (stage, asked) = dynamodb();
        let mut new = properties();
        let index = |name: &str| {
            json!({
                "IndexName": name, "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "ALL" },
            })
        };
        new["GlobalSecondaryIndexes"] = json!([index("first"), index("second")]);
        let current = resource("t", [("Arn", json!("arn:table"))]);
        Table.update(&stage.context("T"), &current, &properties(), &new).await.unwrap();
        let updates = asked.operations().iter().filter(|operation| *operation == "UpdateTable").count();
        assert_eq!(updates, 2);
        let last = &asked.input("UpdateTable")["GlobalSecondaryIndexUpdates"];
        assert_eq!(*last, json!([{ "Create": index("second") }]));
    }
}

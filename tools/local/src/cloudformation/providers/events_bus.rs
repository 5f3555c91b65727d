//! `AWS::Events::EventBus`.

use serde_json::{Map, Value, json};

use super::properties::{answered, changed, document, gone, pick, required, resource};
use super::resource_type::{Made, Removed, resource_type};
use super::tags;
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

resource_type!(EventBus {
    properties: &["Description", "Name", "Policy", "Tags"],
    replaced_by: &["Name"],
    attributes: &["Arn", "Name", "Policy"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = required(properties, "Name")?;
    let mut input = pick(properties, &["Description", "Name"]);
    tags::insert(&mut input, "Tags", Value::Array(tags::list(&tags::all(context, properties))));
    let made = context.hub.call("events", "CreateEventBus", Value::Object(input)).await?;
    let bus = described(name, &answered(&made, "/EventBusArn")?, properties);
    if properties.get("Policy").is_some()
        && let Err(error) = put_policy(context, name, properties).await
    {
        let _ = delete(context, &bus, properties).await;
        return Err(error);
    }
    Ok(bus)
}

fn described(name: &str, arn: &str, properties: &Value) -> Resource {
    let policy = properties.get("Policy").cloned().unwrap_or_default();
    resource(name, [("Arn", json!(arn)), ("Name", json!(name)), ("Policy", policy)])
}

async fn put_policy(context: &ResourceContext, name: &str, properties: &Value) -> Result<(), ServiceError> {
    let policy = document(properties.get("Policy").unwrap_or(&Value::Null));
    let input = json!({ "EventBusName": name, "Policy": policy });
    context.hub.call("events", "PutPermission", input).await.map(drop)
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let name = &current.physical_id;
    if changed(old, new, &["Description"]) {
        let mut input: Map<String, Value> = pick(new, &["Description"]);
        input.insert("Name".to_owned(), json!(name));
        context.hub.call("events", "UpdateEventBus", Value::Object(input)).await?;
    }
    match new.get("Policy") {
        _ if !changed(old, new, &["Policy"]) => {}
        Some(_) => put_policy(context, name, new).await?,
        None => {
            let input = json!({ "EventBusName": name, "RemoveAllPermissions": true });
            context.hub.call("events", "RemovePermission", input).await?;
        }
    }
    let arn = current.attributes.get("Arn").cloned().unwrap_or_default();
    let change = tags::Change::between(old, new);
    if !change.removed.is_empty() {
        let input = json!({ "ResourceARN": arn, "TagKeys": change.removed });
        context.hub.call("events", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "ResourceARN": arn, "Tags": tags::list(&change.set) });
        context.hub.call("events", "TagResource", input).await?;
    }
    Ok(described(name, arn.as_str().unwrap_or_default(), new))
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    gone(context.hub.call("events", "DeleteEventBus", json!({ "Name": current.physical_id })).await, &[])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    #[tokio::test]
    async fn a_bus_has_its_policy_and_loses_it() {
        let (fake, asked) = Fake::new("events", |operation, _| match operation {
            "CreateEventBus" => Ok(json!({ "EventBusArn": "arn:bus" })),
            "PutPermission" | "RemovePermission" => Ok(Value::Null),
            other => panic!("{other} was not expected"),
        });
        let stage = Stage::new(vec![fake]);
        let context = stage.context("B");
        let with = json!({ "Name": "own", "Policy": { "Statement": [] } });
        let made = testing::create(&EventBus, &context, with.clone()).await;
        assert_eq!((made.physical_id.as_str(), &made.attributes["Arn"]), ("own", &json!("arn:bus")));
        assert_eq!(asked.input("PutPermission")["Policy"], r#"{"Statement":[]}"#);
        EventBus.update(&context, &made, &with, &json!({ "Name": "own" })).await.unwrap();
        assert_eq!(asked.input("RemovePermission")["RemoveAllPermissions"], true);
    }
}

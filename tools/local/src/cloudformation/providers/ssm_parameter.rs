//! `AWS::SSM::Parameter`.

use serde_json::{Value, json};

use super::properties::{gone, pick, required, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::as_text;
use super::tags;
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};
use crate::core::ServiceError;
use crate::ssm;

resource_type!(Parameter {
    properties: &["AllowedPattern", "DataType", "Description", "Name", "Policies", "Tags", "Tier", "Type", "Value"],
    replaced_by: &["Name"],
    attributes: &["Type", "Value"],
    objections: objections,
    create: create,
    update: update,
    delete: delete,
});

/// The properties that Parameter Store would refuse by themselves, seen before anything is done.
fn objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    let objection = |property: &'static str| {
        let mut alone = json!({ "Name": "name", "Value": "value", "Type": "String" });
        alone[property] = as_text(new.get(property)?);
        Some(Objection { property, error: ssm::refused(&alone)? })
    };
    ["DataType", "Name", "Policies", "Value"].into_iter().filter_map(objection).collect()
}

fn input(name: &str, properties: &Value) -> Result<Value, ServiceError> {
    required(properties, "Type")?;
    let members = ["AllowedPattern", "DataType", "Description", "Policies", "Tier", "Type"];
    let mut input = Value::Object(pick(properties, &members));
    input["Name"] = json!(name);
    input["Value"] = as_text(properties.get("Value").unwrap_or(&Value::Null));
    Ok(input)
}

fn described(name: &str, input: &Value) -> Resource {
    resource(name, [("Type", input["Type"].clone()), ("Value", input["Value"].clone())])
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = text(properties, "Name")
        .map_or_else(|| format!("CFN-{}-{}", context.logical_id, context.hub.ids.capitals(12)), str::to_owned);
    let mut input = input(&name, properties)?;
    input["Overwrite"] = json!(false);
    let made = described(&name, &input);
    if let Some(input) = input.as_object_mut() {
        tags::insert(input, "Tags", Value::Array(tags::list(&tags::all(context, properties))));
    }
    context.hub.call("ssm", "PutParameter", input).await?;
    Ok(made)
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let name = &current.physical_id;
    let mut input = input(name, new)?;
    let made = described(name, &input);
    input["Overwrite"] = json!(true);
    // A member that the template no longer has is taken away: Parameter Store keeps what it is not told.
    for (property, nothing) in [("AllowedPattern", ""), ("Description", ""), ("Policies", "[{}]")] {
        if old.get(property).is_some() && input.get(property).is_none() {
            input[property] = json!(nothing);
        }
    }
    let mut untagged = (old.clone(), new.clone());
    for properties in [&mut untagged.0, &mut untagged.1] {
        properties.as_object_mut().map(|properties| properties.shift_remove("Tags"));
    }
    if untagged.0 != untagged.1 {
        context.hub.call("ssm", "PutParameter", input).await?;
    }
    let change = tags::Change::between(old, new);
    let kind = json!({ "ResourceType": "Parameter", "ResourceId": name });
    if !change.removed.is_empty() {
        let mut input = kind.clone();
        input["TagKeys"] = json!(change.removed);
        context.hub.call("ssm", "RemoveTagsFromResource", input).await?;
    }
    if !change.set.is_empty() {
        let mut input = kind;
        input["Tags"] = json!(tags::list(&change.set));
        context.hub.call("ssm", "AddTagsToResource", input).await?;
    }
    Ok(made)
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    gone(
        context.hub.call("ssm", "DeleteParameter", json!({ "Name": current.physical_id })).await,
        &["ParameterNotFound"],
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    #[tokio::test]
    async fn a_parameter_is_claimed_on_creation_and_overwritten_after() {
        let (fake, asked) = Fake::new("ssm", |_, _| Ok(json!({ "Version": 1 })));
        let stage = Stage::new(vec![fake]);
        let context = stage.context("P");
        let properties = json!({ "Name": "/a", "Type": "String", "Value": "1", "Tags": { "k": "v" } });
        let made = testing::create(&Parameter, &context, properties.clone()).await;
        assert_eq!(
            asked.input("PutParameter"),
            json!({
                "Name": "/a", "Type": "String", "Value": "1", "Overwrite": false, "Tags": [{ "Key": "k", "Value": "v" }],
            })
        );
        let mut new = properties.clone();
        new["Value"] = json!(2);
        let updated = Parameter.update(&context, &made, &properties, &new).await.unwrap();
        assert_eq!(updated.attributes["Value"], "2");
        assert_eq!(asked.input("PutParameter")["Overwrite"], true);
        assert!(asked.input("PutParameter").get("Tags").is_none(), "tags go with an operation of their own");
    }
}

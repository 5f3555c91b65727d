//! `AWS::Lambda::Permission`: a statement of a function's, version's or alias's policy. Every property needs a new one.

use serde_json::{Value, json};

use super::naming;
use super::properties::{gone, pick, required, resource};
use super::resource_type::{Made, Removed, resource_type};
use crate::cloudformation::provider::{Resource, ResourceContext};

/// Lambda's limit on a statement's id.
const ID_LENGTH: usize = 100;

resource_type!(Permission {
    properties: &[
        "Action",
        "EventSourceToken",
        "FunctionName",
        "Principal",
        "PrincipalOrgID",
        "SourceAccount",
        "SourceArn",
    ],
    replaced_by: &[
        "Action",
        "EventSourceToken",
        "FunctionName",
        "Principal",
        "PrincipalOrgID",
        "SourceAccount",
        "SourceArn",
    ],
    attributes: &["Id"],
    create: create,
    update: update,
    delete: delete,
});

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let id = naming::generated(context, ID_LENGTH);
    let mut input = Value::Object(pick(
        properties,
        &["Action", "EventSourceToken", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"],
    ));
    address(&mut input, required(properties, "FunctionName")?);
    input["StatementId"] = json!(id);
    context.hub.call("lambda", "AddPermission", input).await?;
    Ok(resource(id.clone(), [("Id", json!(id))]))
}

/// The engine never asks for it: every property replaces.
async fn update(_: &ResourceContext, current: &Resource, _: &Value, _: &Value) -> Made {
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    let mut input = json!({ "StatementId": current.physical_id });
    address(&mut input, required(properties, "FunctionName")?);
    gone(context.hub.call("lambda", "RemovePermission", input).await, &["ResourceNotFoundException"])
}

/// Names a function, and apart from it the version or alias that an ARN or `name:alias` may end with.
fn address(input: &mut Value, function: &str) {
    let qualified_at = if function.starts_with("arn:") { 7 } else { 1 };
    let parts: Vec<&str> = function.splitn(qualified_at + 1, ':').collect();
    match parts.get(qualified_at) {
        Some(qualifier) => {
            input["FunctionName"] = json!(parts[..qualified_at].join(":"));
            input["Qualifier"] = json!(qualifier);
        }
        None => input["FunctionName"] = json!(function),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::super::testing::{self, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    #[test_case("api", json!({ "FunctionName": "api" }))]
    #[test_case("api:live", json!({ "FunctionName": "api", "Qualifier": "live" }))]
    #[test_case("arn:aws:lambda:r:1:function:api", json!({ "FunctionName": "arn:aws:lambda:r:1:function:api" }))]
    #[test_case("arn:aws:lambda:r:1:function:api:live",
        json!({ "FunctionName": "arn:aws:lambda:r:1:function:api", "Qualifier": "live" }))]
    fn an_alias_is_addressed_apart_from_its_function(function: &str, expected: Value) {
        let mut input = json!({});
        address(&mut input, function);
        assert_eq!(input, expected);
    }

    #[tokio::test]
    async fn the_statement_that_was_added_is_the_one_removed() {
        let (fake, asked) = Fake::new("lambda", |operation, _| match operation {
            "AddPermission" => Ok(json!({ "Statement": "{}" })),
            "RemovePermission" => Ok(Value::Null),
            other => panic!("{other} was not expected"),
        });
        let stage = Stage::new(vec![fake]);
        let context = stage.context("Allow");
        let properties = json!({
            "Action": "lambda:InvokeFunction", "FunctionName": "api:live", "Principal": "events.amazonaws.com",
            "SourceArn": "arn:aws:events:us-east-1:000000000000:rule/r",
        });
        let made = testing::create(&Permission, &context, properties.clone()).await;
        Permission.delete(&context, &made, &properties).await.unwrap();
        let (added, removed) = (asked.input("AddPermission"), asked.input("RemovePermission"));
        assert_eq!(added["StatementId"], removed["StatementId"]);
        assert_eq!(removed["Qualifier"], "live");
        assert_eq!(added["SourceArn"], "arn:aws:events:us-east-1:000000000000:rule/r");
    }
}

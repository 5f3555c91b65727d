//! `AWS::ApiGatewayV2::Authorizer`.

use serde_json::{Map, Value, json};

use super::not_run;
use super::properties::{answered, gone, pick, required, reset, resource};
use super::resource_type::{Made, Removed, resource_type};
use crate::apigateway;
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};

const PROPERTIES: &[&str] = &[
    "ApiId",
    "AuthorizerCredentialsArn",
    "AuthorizerPayloadFormatVersion",
    "AuthorizerResultTtlInSeconds",
    "AuthorizerType",
    "AuthorizerUri",
    "EnableSimpleResponses",
    "IdentitySource",
    "IdentityValidationExpression",
    "JwtConfiguration",
    "Name",
];

resource_type!(Authorizer {
    properties: PROPERTIES,
    replaced_by: &["ApiId"],
    attributes: &["AuthorizerId"],
    objections: objections,
    create: create,
    update: update,
    delete: delete,
});

/// The plane reaches issuers over plain HTTP only.
fn objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    let members = ["AuthorizerCredentialsArn", "IdentityValidationExpression"];
    let mut found = not_run::members("apigateway", "CreateAuthorizer", new, &members);
    let issuer = new.pointer("/JwtConfiguration/Issuer").and_then(Value::as_str);
    let refused = issuer.and_then(apigateway::refused_issuer);
    found.extend(refused.map(|error| Objection { property: "JwtConfiguration", error }));
    found
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    required(properties, "ApiId")?;
    let input = Value::Object(pick(properties, PROPERTIES));
    let id = answered(&context.hub.call("apigateway", "CreateAuthorizer", input).await?, "/AuthorizerId")?;
    Ok(resource(id.clone(), [("AuthorizerId", json!(id))]))
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let mut input: Map<String, Value> = pick(new, PROPERTIES);
    if input.get("AuthorizerType") == old.get("AuthorizerType") {
        let nothing = [("AuthorizerResultTtlInSeconds", json!(300)), ("EnableSimpleResponses", json!(false))];
        reset(&mut input, &pick(old, PROPERTIES), &nothing);
    }
    input.insert("AuthorizerId".to_owned(), json!(current.physical_id));
    context.hub.call("apigateway", "UpdateAuthorizer", Value::Object(input)).await?;
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, properties: &Value) -> Removed {
    let input = json!({ "ApiId": required(properties, "ApiId")?, "AuthorizerId": current.physical_id });
    gone(context.hub.call("apigateway", "DeleteAuthorizer", input).await, &["NotFoundException"])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;
    use crate::cloudformation::provider::Provider;

    #[tokio::test]
    async fn is_made_changed_and_removed_by_its_id() {
        let (fake, asked) = Fake::new("apigateway", |operation, _| match operation {
            "CreateAuthorizer" | "UpdateAuthorizer" => Ok(json!({ "AuthorizerId": "z9" })),
            "DeleteAuthorizer" => Ok(Value::Null),
            other => panic!("{other} was not expected"),
        });
        let stage = Stage::new(vec![fake]);
        let context = stage.context("Tokens");
        let properties = json!({
            "ApiId": "a1", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"], "Name": "n",
            "JwtConfiguration": { "Issuer": "http://i", "Audience": ["a"] },
        });
        let made = testing::create(&Authorizer, &context, properties.clone()).await;
        assert_eq!((made.physical_id.as_str(), &made.attributes["AuthorizerId"]), ("z9", &json!("z9")));
        assert_eq!(asked.input("CreateAuthorizer"), properties);
        Authorizer.update(&context, &made, &properties, &properties).await.unwrap();
        assert_eq!(asked.input("UpdateAuthorizer")["AuthorizerId"], "z9");
        Authorizer.delete(&context, &made, &properties).await.unwrap();
        assert_eq!(asked.input("DeleteAuthorizer"), json!({ "ApiId": "a1", "AuthorizerId": "z9" }));
    }
}

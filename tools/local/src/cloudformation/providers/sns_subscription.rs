//! `AWS::SNS::Subscription`.

use serde_json::{Map, Value, json};

use super::not_run;
use super::properties::{answered, changed, gone, required, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::as_text;
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};
use crate::core::ServiceError;
use crate::sns;

/// Properties that are attributes of the subscription under the same name.
const ATTRIBUTES: &[&str] = &[
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
];

resource_type!(Subscription {
    properties: &[
        "DeliveryPolicy",
        "Endpoint",
        "FilterPolicy",
        "FilterPolicyScope",
        "Protocol",
        "RawMessageDelivery",
        "RedrivePolicy",
        "Region",
        "SubscriptionRoleArn",
        "TopicArn",
    ],
    replaced_by: &["Endpoint", "Protocol", "TopicArn"],
    attributes: &["Arn"],
    objections: objections,
    create: create,
    update: update,
    delete: delete,
});

/// The properties that SNS would refuse, seen before anything is done.
fn objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    let (protocol, endpoint) = (text(new, "Protocol"), text(new, "Endpoint"));
    let endpoint = protocol.zip(endpoint).and_then(|(protocol, endpoint)| sns::refused_endpoint(protocol, endpoint));
    let endpoint = endpoint.map(|error| Objection { property: "Endpoint", error });
    let redrive = new.get("RedrivePolicy").map(attribute);
    let redrive = redrive.and_then(|policy| sns::refused_redrive(policy.as_str()?));
    let redrive = redrive.map(|error| Objection { property: "RedrivePolicy", error });
    let role = not_run::members("sns", "Subscribe", new, &["SubscriptionRoleArn"]);
    endpoint.into_iter().chain(redrive).chain(role).collect()
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    if let Some(region) = text(properties, "Region").filter(|region| *region != context.hub.identity.region) {
        let message = format!("a topic in {region} is out of the local plane's reach");
        return Err(ServiceError::validation(message));
    }
    let attributes: Map<String, Value> = ATTRIBUTES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), attribute(properties.get(*name).filter(|v| !v.is_null())?))))
        .collect();
    let mut input = json!({
        "TopicArn": required(properties, "TopicArn")?, "Protocol": required(properties, "Protocol")?,
        "ReturnSubscriptionArn": true,
    });
    if let Some(endpoint) = text(properties, "Endpoint") {
        input["Endpoint"] = json!(endpoint);
    }
    if !attributes.is_empty() {
        input["Attributes"] = Value::Object(attributes);
    }
    let made = context.hub.call("sns", "Subscribe", input).await?;
    let arn = answered(&made, "/SubscriptionArn")?;
    Ok(resource(arn.clone(), [("Arn", json!(arn))]))
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    // The scope first: a policy is read by it.
    let mut names: Vec<&str> = ATTRIBUTES.to_vec();
    names.sort_by_key(|name| *name != "FilterPolicyScope");
    for name in names.into_iter().filter(|name| changed(old, new, &[name])) {
        let value = new.get(name).map_or_else(|| default_of(name), attribute);
        let input = json!({
            "SubscriptionArn": current.physical_id, "AttributeName": name, "AttributeValue": value,
        });
        context.hub.call("sns", "SetSubscriptionAttributes", input).await?;
    }
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "SubscriptionArn": current.physical_id });
    gone(context.hub.call("sns", "Unsubscribe", input).await, &["NotFound", "NotFoundException"])
}

/// Attributes are text: documents as JSON.
fn attribute(value: &Value) -> Value {
    match value {
        Value::Object(_) => json!(value.to_string()),
        other => as_text(other),
    }
}

fn default_of(name: &str) -> Value {
    json!(match name {
        "RawMessageDelivery" => "false",
        "FilterPolicyScope" => "MessageAttributes",
        "FilterPolicy" => "{}",
        _ => "",
    })
}

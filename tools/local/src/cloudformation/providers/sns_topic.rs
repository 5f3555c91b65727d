//! `AWS::SNS::Topic` and `AWS::SNS::TopicPolicy`.

use serde_json::{Map, Value, json};

use super::properties::{answered, changed, document, gone, list, required, resource, text, texts};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::as_text;
use super::{naming, tags};
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};
use crate::core::ServiceError;
use crate::sns;

/// SNS's limit on a topic's name.
const NAME_LENGTH: usize = 256;
const MISSING: &[&str] = &["NotFound", "NotFoundException"];

/// Properties that are attributes of the topic under the same name.
const ATTRIBUTES: &[&str] =
    &["ContentBasedDeduplication", "DisplayName", "FifoTopic", "KmsMasterKeyId", "SignatureVersion", "TracingConfig"];

resource_type!(Topic {
    properties: &[
        "ContentBasedDeduplication",
        "DisplayName",
        "FifoTopic",
        "KmsMasterKeyId",
        "SignatureVersion",
        "Subscription",
        "Tags",
        "TopicName",
        "TracingConfig",
    ],
    replaced_by: &["FifoTopic", "TopicName"],
    attributes: &["TopicArn", "TopicName"],
    objections: objections,
    create: create,
    update: update,
    delete: delete,
});

resource_type!(TopicPolicy {
    properties: &["PolicyDocument", "Topics"],
    replaced_by: &[],
    attributes: &["Id"],
    create: create_policy,
    update: update_policy,
    delete: delete_policy,
});

/// The properties that SNS would refuse, seen before anything is done.
fn objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    let attribute = |property: &&'static str| {
        let value = as_text(new.get(*property)?);
        let error = sns::refused_attribute(property, value.as_str()?)?;
        Some(Objection { property, error })
    };
    let subscription = |subscription: &Value| {
        let (protocol, endpoint) = (text(subscription, "Protocol")?, text(subscription, "Endpoint")?);
        let error = sns::refused_endpoint(protocol, endpoint)?;
        Some(Objection { property: "Subscription", error })
    };
    let subscriptions = list(new, "Subscription").iter().filter_map(subscription);
    ATTRIBUTES.iter().filter_map(attribute).chain(subscriptions).collect()
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "TopicName"), NAME_LENGTH);
    let attributes: Map<String, Value> = ATTRIBUTES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), as_text(properties.get(*name).filter(|v| !v.is_null())?))))
        .collect();
    let mut input = json!({ "Name": name });
    if let Some(input) = input.as_object_mut() {
        tags::insert(input, "Attributes", Value::Object(attributes));
        tags::insert(input, "Tags", Value::Array(tags::list(&tags::all(context, properties))));
    }
    let made = context.hub.call("sns", "CreateTopic", input).await?;
    let arn = answered(&made, "/TopicArn")?;
    let topic = resource(arn.clone(), [("TopicArn", json!(arn)), ("TopicName", json!(name))]);
    for subscription in list(properties, "Subscription") {
        if let Err(error) = subscribe(context, &arn, subscription).await {
            let _ = delete(context, &topic, properties).await;
            return Err(error);
        }
    }
    Ok(topic)
}

async fn subscribe(context: &ResourceContext, arn: &str, subscription: &Value) -> Result<(), ServiceError> {
    let input = json!({
        "TopicArn": arn, "Protocol": required(subscription, "Protocol")?,
        "Endpoint": required(subscription, "Endpoint")?,
    });
    context.hub.call("sns", "Subscribe", input).await.map(|_| ())
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let arn = &current.physical_id;
    for name in ATTRIBUTES.iter().filter(|name| changed(old, new, &[name])) {
        let value = new.get(*name).map_or_else(|| json!(default_of(name)), as_text);
        let input = json!({ "TopicArn": arn, "AttributeName": name, "AttributeValue": value });
        context.hub.call("sns", "SetTopicAttributes", input).await?;
    }
    let (before, after) = (list(old, "Subscription"), list(new, "Subscription"));
    if before != after {
        let known = context.hub.call("sns", "ListSubscriptionsByTopic", json!({ "TopicArn": arn })).await?;
        for left in before.iter().filter(|subscription| !after.contains(subscription)) {
            let same = |known: &&Value| ["Protocol", "Endpoint"].iter().all(|name| known.get(*name) == left.get(*name));
            // One that has not confirmed has no ARN yet, and goes by itself.
            let confirmed = |known: &&Value| text(known, "SubscriptionArn") != Some("PendingConfirmation");
            if let Some(found) = list(&known, "Subscriptions").iter().filter(confirmed).find(same) {
                let input = json!({ "SubscriptionArn": found.get("SubscriptionArn") });
                gone(context.hub.call("sns", "Unsubscribe", input).await, MISSING)?;
            }
        }
        for added in after.iter().filter(|subscription| !before.contains(subscription)) {
            subscribe(context, arn, added).await?;
        }
    }
    let change = tags::Change::between(old, new);
    if !change.removed.is_empty() {
        let input = json!({ "ResourceArn": arn, "TagKeys": change.removed });
        context.hub.call("sns", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "ResourceArn": arn, "Tags": tags::list(&change.set) });
        context.hub.call("sns", "TagResource", input).await?;
    }
    Ok(current.clone())
}

/// The value of an attribute that the template no longer has.
fn default_of(attribute: &str) -> &'static str {
    match attribute {
        "SignatureVersion" => "1",
        "TracingConfig" => "PassThrough",
        _ => "",
    }
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    gone(context.hub.call("sns", "DeleteTopic", json!({ "TopicArn": current.physical_id })).await, MISSING)
}

async fn create_policy(context: &ResourceContext, properties: &Value) -> Made {
    let id = naming::generated(context, NAME_LENGTH);
    set_policy(context, properties, &texts(properties, "Topics")).await?;
    Ok(resource(id.clone(), [("Id", json!(id))]))
}

async fn update_policy(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    set_policy(context, new, &texts(new, "Topics")).await?;
    let kept = texts(new, "Topics");
    let left: Vec<String> = texts(old, "Topics").into_iter().filter(|topic| !kept.contains(topic)).collect();
    delete_policy(context, current, &json!({ "Topics": left })).await?;
    Ok(current.clone())
}

/// A topic without a policy has the one that its owner's account may use it.
async fn delete_policy(context: &ResourceContext, _current: &Resource, properties: &Value) -> Removed {
    for topic in texts(properties, "Topics") {
        let reply = set_policy(context, &json!({ "PolicyDocument": "" }), &[topic]).await;
        gone(reply.map(|()| Value::Null), MISSING)?;
    }
    Ok(())
}

async fn set_policy(context: &ResourceContext, properties: &Value, topics: &[String]) -> Result<(), ServiceError> {
    let policy = document(properties.get("PolicyDocument").unwrap_or(&Value::Null));
    for topic in topics {
        let input = json!({ "TopicArn": topic, "AttributeName": "Policy", "AttributeValue": policy });
        context.hub.call("sns", "SetTopicAttributes", input).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;

    #[tokio::test]
    async fn a_topic_is_known_by_its_arn_and_has_its_subscribers() {
        let (fake, asked) = Fake::new("sns", |operation, _| match operation {
            "CreateTopic" => Ok(json!({ "TopicArn": "arn:topic" })),
            "Subscribe" => Ok(json!({ "SubscriptionArn": "pending confirmation" })),
            other => panic!("{other} was not expected"),
        });
        let stage = Stage::new(vec![fake]);
        let properties = json!({
            "TopicName": "releases", "DisplayName": "Releases",
            "Subscription": [{ "Protocol": "email", "Endpoint": "a@example.com" }],
        });
        let made = testing::create(&Topic, &stage.context("T"), properties).await;
        assert_eq!((made.physical_id.as_str(), &made.attributes["TopicName"]), ("arn:topic", &json!("releases")));
        assert_eq!(asked.input("CreateTopic")["Attributes"], json!({ "DisplayName": "Releases" }));
        assert_eq!(
            asked.input("Subscribe"),
            json!({
                "TopicArn": "arn:topic", "Protocol": "email", "Endpoint": "a@example.com",
            })
        );
    }
}

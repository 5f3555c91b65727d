//! SNS: topics, subscriptions, delivery to Lambda functions, HTTP endpoints and a log.
//!
//! No mail leaves the machine: an `email` subscriber's messages lie in the log group of the topic,
//! `sns/<region>/<account>/<topic>`, where every other message is written, too.

mod delivery;
mod topics;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Hub, Input, Reply, Request, Service, ServiceError};
use delivery::Message;
use topics::{Subscription, Topic};

/// The largest message, in bytes.
const MESSAGE_LIMIT: usize = 256 * 1024;

struct Sns {
    hub: Arc<Hub>,
    topics: Mutex<BTreeMap<String, Topic>>,
    client: reqwest::Client,
}

/// The service.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Sns { hub: Arc::clone(hub), topics: Mutex::default(), client: reqwest::Client::new() })
}

impl Service for Sns {
    fn name(&self) -> &'static str {
        "sns"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        let reply = self.run(&request.operation, &request.input);
        Box::pin(async move { reply })
    }
}

impl Sns {
    fn topics(&self) -> MutexGuard<'_, BTreeMap<String, Topic>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, operation: &str, input: &Input) -> Reply {
        match operation {
            "CreateTopic" => self.create_topic(input),
            "DeleteTopic" => {
                self.topics().remove(input.str("TopicArn")?);
                Ok(Value::Null)
            }
            "ListTopics" => {
                let arns: Vec<Value> = self.topics().keys().map(|arn| json!({ "TopicArn": arn })).collect();
                Ok(json!({ "Topics": arns }))
            }
            "GetTopicAttributes" => self.with_topic(input, |arn, topic| Ok(topic.describe(arn))),
            "SetTopicAttributes" => self.with_topic(input, |_, topic| topic.set(input)),
            "Subscribe" => self.subscribe(input),
            "ConfirmSubscription" => self.with_topic(input, |_, topic| topic.confirm(input.str("Token")?)),
            "Unsubscribe" => self.unsubscribe(input.str("SubscriptionArn")?),
            "ListSubscriptions" => Ok(self.list_subscriptions(None)),
            "ListSubscriptionsByTopic" => Ok(self.list_subscriptions(Some(input.str("TopicArn")?))),
            "GetSubscriptionAttributes" => self.with_subscription(input, |subscription| Ok(subscription.attributes())),
            "SetSubscriptionAttributes" => self.with_subscription(input, |subscription| {
                subscription.set(input.str("AttributeName")?, input.opt_str("AttributeValue").unwrap_or_default())
            }),
            "Publish" => self.publish(input),
            "PublishBatch" => self.publish_batch(input),
            "TagResource" => self.tag(input),
            "ListTagsForResource" => self.tags(input),
            other => Err(ServiceError::not_implemented("sns", other)),
        }
    }

    fn with_topic(&self, input: &Input, act: impl FnOnce(&str, &mut Topic) -> Reply) -> Reply {
        let arn = input.opt_str("TopicArn").or_else(|| input.opt_str("ResourceArn")).unwrap_or_default();
        act(arn, self.topics().get_mut(arn).ok_or_else(no_topic)?)
    }

    fn with_subscription(&self, input: &Input, act: impl FnOnce(&mut Subscription) -> Reply) -> Reply {
        let arn = input.str("SubscriptionArn")?;
        let mut topics = self.topics();
        let found = topics.values_mut().find_map(|topic| topic.subscriptions.get_mut(arn));
        act(found.ok_or_else(|| not_found("Subscription does not exist"))?)
    }

    fn create_topic(&self, input: &Input) -> Reply {
        let name = input.str("Name")?;
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 256 || !name.chars().all(legal) {
            return Err(ServiceError::new("InvalidParameter", "Invalid parameter: Topic Name"));
        }
        let arn = self.hub.arn("sns", name);
        let mut topic = Topic::new(input.list("Tags").to_vec());
        topic.set_all(input)?;
        self.topics().entry(arn.clone()).or_insert(topic);
        Ok(json!({ "TopicArn": arn }))
    }

    fn subscribe(&self, input: &Input) -> Reply {
        let topic_arn = input.str("TopicArn")?.to_owned();
        let arn = format!("{topic_arn}:{}", self.hub.ids.uuid());
        let token = self.hub.ids.hex(64);
        let subscription = Subscription::read(input, arn.clone(), token.clone())?;
        let (confirmed, endpoint) = (subscription.confirmed, subscription.endpoint.clone());
        self.topics().get_mut(&topic_arn).ok_or_else(no_topic)?.subscriptions.insert(arn.clone(), subscription);
        if !confirmed {
            let ask = delivery::confirmation(&self.hub, &topic_arn, &token);
            tokio::spawn(delivery::post(Arc::clone(&self.hub), self.client.clone(), endpoint, ask));
        }
        let shown = if confirmed || input.opt_bool("ReturnSubscriptionArn") == Some(true) {
            &arn
        } else {
            "pending confirmation"
        };
        Ok(json!({ "SubscriptionArn": shown }))
    }

    fn unsubscribe(&self, arn: &str) -> Reply {
        for topic in self.topics().values_mut() {
            topic.subscriptions.remove(arn);
        }
        Ok(Value::Null)
    }

    fn list_subscriptions(&self, of: Option<&str>) -> Value {
        let topics = self.topics();
        let listed: Vec<Value> = topics
            .iter()
            .filter(|(arn, _)| of.is_none_or(|wanted| wanted == arn.as_str()))
            .flat_map(|(arn, topic)| topic.subscriptions.values().map(move |subscription| subscription.describe(arn)))
            .collect();
        json!({ "Subscriptions": listed })
    }

    fn publish(&self, input: &Input) -> Reply {
        let arn = input.opt_str("TopicArn").or_else(|| input.opt_str("TargetArn")).ok_or_else(|| {
            ServiceError::new(
                "InvalidParameter",
                "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter",
            )
        })?;
        let text = input.str("Message")?;
        if text.is_empty() || text.len() > MESSAGE_LIMIT {
            return Err(ServiceError::new("InvalidParameter", "Invalid parameter: Message too long or empty"));
        }
        let subject = input.opt_str("Subject");
        if subject.is_some_and(|s| s.is_empty() || s.len() > 100 || !s.is_ascii() || s.contains('\n')) {
            return Err(ServiceError::new("InvalidParameter", "Invalid parameter: Subject"));
        }
        let message = Message {
            id: self.hub.ids.uuid(),
            topic: arn.to_owned(),
            subject: subject.map(str::to_owned),
            text: text.to_owned(),
            attributes: attributes(input),
            at: self.hub.now(),
        };
        let subscriptions: Vec<Subscription> = {
            let topics = self.topics();
            topics
                .get(arn)
                .ok_or_else(no_topic)?
                .subscriptions
                .values()
                .filter(|s| s.takes(&message))
                .cloned()
                .collect()
        };
        let reply = json!({ "MessageId": message.id });
        tokio::spawn(delivery::deliver(Arc::clone(&self.hub), self.client.clone(), message, subscriptions));
        Ok(reply)
    }

    fn publish_batch(&self, input: &Input) -> Reply {
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for entry in input.list("PublishBatchRequestEntries") {
            let mut entry = entry.clone();
            let id = entry["Id"].clone();
            entry["TopicArn"] = json!(input.str("TopicArn")?);
            match self.publish(&entry.into()) {
                Ok(reply) => successful.push(json!({ "Id": id, "MessageId": reply["MessageId"] })),
                Err(error) => {
                    failed.push(json!({ "Id": id, "Code": error.code, "Message": error.message, "SenderFault": true }))
                }
            }
        }
        Ok(json!({ "Successful": successful, "Failed": failed }))
    }

    fn tag(&self, input: &Input) -> Reply {
        self.with_topic(input, |_, topic| {
            for tag in input.list("Tags") {
                topic.tags.retain(|known| known["Key"] != tag["Key"]);
                topic.tags.push(tag.clone());
            }
            Ok(Value::Null)
        })
    }

    fn tags(&self, input: &Input) -> Reply {
        self.with_topic(input, |_, topic| Ok(json!({ "Tags": topic.tags })))
    }
}

fn no_topic() -> ServiceError {
    not_found("Topic does not exist")
}

fn not_found(message: &str) -> ServiceError {
    ServiceError::new("NotFound", message).with_status(404)
}

/// Message attributes by name: a map over JSON, a list of name and value from a form.
fn attributes(input: &Input) -> BTreeMap<String, Value> {
    match input.get("MessageAttributes") {
        Some(Value::Object(map)) => map.clone().into_iter().collect(),
        Some(Value::Array(list)) => {
            list.iter().filter_map(|entry| Some((entry["Name"].as_str()?.to_owned(), entry["Value"].clone()))).collect()
        }
        _ => BTreeMap::new(),
    }
}

//! Topics and their subscriptions.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::delivery::Message;
use crate::core::{Input, Reply, ServiceError};
use crate::eventbridge::pattern::Pattern;

/// A topic with the attributes that were set on it.
#[derive(Debug, Default)]
pub(super) struct Topic {
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    pub(super) tags: Vec<Value>,
    attributes: BTreeMap<String, String>,
}

impl Topic {
    pub(super) fn new(tags: Vec<Value>) -> Self {
        Self { tags, ..Self::default() }
    }

    /// `SetTopicAttributes`.
    pub(super) fn set(&mut self, input: &Input) -> Reply {
        let name = input.str("AttributeName")?.to_owned();
        self.attributes.insert(name, input.opt_str("AttributeValue").unwrap_or_default().to_owned());
        Ok(Value::Null)
    }

    /// The `Attributes` of `CreateTopic`.
    pub(super) fn set_all(&mut self, input: &Input) -> Result<(), ServiceError> {
        self.attributes = pairs(input.get("Attributes"));
        if self.attributes.get("FifoTopic").is_some_and(|fifo| fifo == "true") {
            return Err(ServiceError::not_implemented("sns", "CreateTopic of a FIFO topic"));
        }
        Ok(())
    }

    pub(super) fn describe(&self, arn: &str) -> Value {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let confirmed = self.subscriptions.values().filter(|s| s.confirmed).count();
        let pending = self.subscriptions.len() - confirmed;
        let own = [
            ("TopicArn", arn.to_owned()),
            ("Owner", account.to_owned()),
            ("SubscriptionsConfirmed", confirmed.to_string()),
            ("SubscriptionsPending", pending.to_string()),
        ];
        let mut all = self.attributes.clone();
        all.extend(own.map(|(name, value)| (name.to_owned(), value)));
        json!({ "Attributes": entries(&all) })
    }

    /// Confirms the subscription that was sent this token.
    pub(super) fn confirm(&mut self, token: &str) -> Reply {
        let found = self.subscriptions.values_mut().find(|subscription| subscription.token == token);
        let subscription = found.ok_or_else(|| ServiceError::new("InvalidParameter", "Invalid token"))?;
        subscription.confirmed = true;
        Ok(json!({ "SubscriptionArn": subscription.arn }))
    }
}

/// Who hears of a topic's messages.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) arn: String,
    pub(super) protocol: String,
    pub(super) endpoint: String,
    pub(super) confirmed: bool,
    pub(super) raw: bool,
    token: String,
    filter: Option<Pattern>,
    filter_on_body: bool,
    attributes: BTreeMap<String, String>,
}

impl Subscription {
    /// Reads `Subscribe`. HTTP endpoints confirm first; a function, a log or a local mailbox need not.
    pub(super) fn read(input: &Input, arn: String, token: String) -> Result<Self, ServiceError> {
        let protocol = input.str("Protocol")?.to_owned();
        match protocol.as_str() {
            "lambda" | "http" | "https" | "email" | "email-json" => {}
            other => return Err(ServiceError::not_implemented("sns", &format!("Subscribe by {other}"))),
        }
        let mut subscription = Self {
            arn,
            endpoint: input.str("Endpoint")?.to_owned(),
            confirmed: !protocol.starts_with("http"),
            protocol,
            raw: false,
            token,
            filter: None,
            filter_on_body: false,
            attributes: BTreeMap::new(),
        };
        for (name, value) in pairs(input.get("Attributes")) {
            subscription.set(&name, &value)?;
        }
        Ok(subscription)
    }

    /// `SetSubscriptionAttributes`.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Reply {
        match name {
            "RawMessageDelivery" => self.raw = value == "true",
            "FilterPolicyScope" => self.filter_on_body = value == "MessageBody",
            "FilterPolicy" if value.is_empty() || value == "{}" => self.filter = None,
            "FilterPolicy" => {
                let pattern = Pattern::parse(value);
                self.filter = Some(pattern.map_err(|error| {
                    ServiceError::new("InvalidParameter", format!("Invalid parameter: FilterPolicy: {error}"))
                })?);
            }
            "DeliveryPolicy" => {}
            other => return Err(ServiceError::not_implemented("sns", &format!("the subscription attribute {other}"))),
        }
        self.attributes.insert(name.to_owned(), value.to_owned());
        Ok(Value::Null)
    }

    /// Whether a message goes to this subscriber.
    pub(super) fn takes(&self, message: &Message) -> bool {
        self.confirmed
            && self.filter.as_ref().is_none_or(|filter| {
                if self.filter_on_body {
                    serde_json::from_str(&message.text).is_ok_and(|body: Value| filter.matches(&body))
                } else {
                    filter.matches(&message.filterable())
                }
            })
    }

    pub(super) fn describe(&self, topic: &str) -> Value {
        let arn = if self.confirmed { self.arn.as_str() } else { "PendingConfirmation" };
        let owner = topic.split(':').nth(4).unwrap_or_default();
        json!({ "SubscriptionArn": arn, "TopicArn": topic, "Protocol": self.protocol, "Endpoint": self.endpoint, "Owner": owner })
    }

    pub(super) fn attributes(&self) -> Value {
        let mut all = self.attributes.clone();
        all.extend([
            ("SubscriptionArn".to_owned(), self.arn.clone()),
            ("Protocol".to_owned(), self.protocol.clone()),
            ("Endpoint".to_owned(), self.endpoint.clone()),
            ("PendingConfirmation".to_owned(), (!self.confirmed).to_string()),
        ]);
        json!({ "Attributes": entries(&all) })
    }
}

/// A map member, as JSON has it or as a form's entries.
fn pairs(member: Option<&Value>) -> BTreeMap<String, String> {
    match member {
        Some(Value::Object(map)) => {
            map.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
        }
        Some(Value::Array(list)) => list
            .iter()
            .filter_map(|entry| Some((entry["key"].as_str()?.to_owned(), entry["value"].as_str()?.to_owned())))
            .collect(),
        _ => BTreeMap::new(),
    }
}

/// A map as the query protocol writes it.
fn entries(map: &BTreeMap<String, String>) -> Value {
    json!({ "entry": map.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect::<Vec<_>>() })
}

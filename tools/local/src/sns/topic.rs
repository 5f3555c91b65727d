//! Topics and their attributes.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>

use std::collections::BTreeMap;

use serde_json::Value;

use super::delivery_policy::DeliveryPolicy;
use super::errors::invalid;
use super::policy;
use super::subscription::Subscription;
use super::topic_arn::owner;
use crate::core::{ServiceError, tags};

/// The most tags of a topic.
const TAGS: usize = 50;
/// The longest display name, in characters.
const DISPLAY_NAME: usize = 100;

/// Attributes that AWS knows and the plane does not run: FIFO topics and their archive, and logs of deliveries.
const NOT_RUN: &[&str] = &["ArchivePolicy", "BeginningArchiveTime", "ContentBasedDeduplication", "FifoThroughputScope"];

/// A topic with its attributes, tags and subscriptions.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) arn: String,
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    /// Those that were unsubscribed, by the token that brings them back.
    pub(super) gone: BTreeMap<String, Subscription>,
    pub(super) deleted: usize,
    pub(super) tags: Vec<Value>,
    pub(super) policy: Value,
    pub(super) delivery: DeliveryPolicy,
    display_name: String,
    key: Option<String>,
    signature_version: Option<String>,
    tracing: Option<String>,
}

impl Topic {
    pub(super) fn new(arn: String) -> Self {
        Self {
            policy: policy::default(&arn),
            arn,
            subscriptions: BTreeMap::new(),
            gone: BTreeMap::new(),
            deleted: 0,
            tags: Vec::new(),
            delivery: DeliveryPolicy::default(),
            display_name: String::new(),
            key: None,
            signature_version: None,
            tracing: None,
        }
    }

    /// Sets the attributes of a creation.
    pub(super) fn create(&mut self, attributes: &BTreeMap<String, String>) -> Result<(), ServiceError> {
        for (name, value) in attributes {
            match (name.as_str(), value.as_str()) {
                ("FifoTopic", "false") => {}
                ("FifoTopic", "true") => {
                    return Err(ServiceError::not_implemented("sns", "CreateTopic with Attributes.FifoTopic=true"));
                }
                _ => self.set(name, value, &format!("Attributes Reason: Unknown attribute {name}"))?,
            }
        }
        Ok(())
    }

    /// Sets one attribute; `unknown` is what is said of one that is none.
    pub(super) fn set(&mut self, name: &str, value: &str, unknown: &str) -> Result<(), ServiceError> {
        let given = (!value.is_empty()).then(|| value.to_owned());
        match name {
            "DisplayName" if value.chars().count() > DISPLAY_NAME => return Err(invalid("DisplayName")),
            "DisplayName" => value.clone_into(&mut self.display_name),
            "Policy" => self.policy = policy::read(&self.arn, value)?,
            "DeliveryPolicy" => self.delivery = DeliveryPolicy::of_topic(value)?,
            "KmsMasterKeyId" => self.key = given,
            "SignatureVersion" if !matches!(value, "1" | "2") => return Err(invalid("SignatureVersion")),
            "SignatureVersion" => self.signature_version = given,
            "TracingConfig" if value == "Active" => {
                return Err(ServiceError::not_implemented("sns", "a topic with TracingConfig=Active"));
            }
            "TracingConfig" if value != "PassThrough" => return Err(invalid("TracingConfig")),
            "TracingConfig" => self.tracing = given,
            other if NOT_RUN.contains(&other) || is_feedback(other) => {
                return Err(ServiceError::not_implemented("sns", &format!("a topic with the attribute {other}")));
            }
            _ => return Err(invalid(unknown)),
        }
        Ok(())
    }

    /// True if every attribute that is given is as it is here.
    pub(super) fn has(&self, attributes: &BTreeMap<String, String>) -> Result<bool, ServiceError> {
        let mut changed = Self::new(self.arn.clone());
        changed.create(attributes)?;
        let (mine, theirs) = (self.attributes(), changed.attributes());
        let given = attributes.keys().filter(|name| *name != "FifoTopic");
        Ok(given.into_iter().all(|name| mine.get(name.as_str()) == theirs.get(name.as_str())))
    }

    /// The attributes that `GetTopicAttributes` answers.
    pub(super) fn attributes(&self) -> BTreeMap<&'static str, String> {
        let confirmed = self.subscriptions.values().filter(|subscription| subscription.confirmed).count();
        let mut attributes = BTreeMap::from([
            ("TopicArn", self.arn.clone()),
            ("Owner", owner(&self.arn).to_owned()),
            ("DisplayName", self.display_name.clone()),
            ("Policy", self.policy.to_string()),
            ("EffectiveDeliveryPolicy", self.delivery.effective()),
            ("SubscriptionsConfirmed", confirmed.to_string()),
            ("SubscriptionsPending", (self.subscriptions.len() - confirmed).to_string()),
            ("SubscriptionsDeleted", self.deleted.to_string()),
        ]);
        if !self.delivery.is_empty() {
            attributes.insert("DeliveryPolicy", self.delivery.shown());
        }
        let optional = [
            ("KmsMasterKeyId", &self.key),
            ("SignatureVersion", &self.signature_version),
            ("TracingConfig", &self.tracing),
        ];
        attributes.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        attributes
    }

    /// The version that messages to endpoints say they are signed by.
    pub(super) fn signature_version(&self) -> &str {
        self.signature_version.as_deref().unwrap_or("1")
    }

    /// Refuses to publish with a key that is not there: the plane has AWS's own key for SNS and no customer's.
    pub(super) fn usable_key(&self) -> Result<(), ServiceError> {
        match self.key.as_deref() {
            None => Ok(()),
            Some(key) if key == "alias/aws/sns" || key.ends_with(":alias/aws/sns") => Ok(()),
            // Assumed: the text.
            Some(key) => Err(ServiceError::new("KMSNotFound", format!("Key '{key}' does not exist"))),
        }
    }

    /// Sets tags over those that are there.
    pub(super) fn tag(&mut self, set: &[Value]) -> Result<(), ServiceError> {
        let is_twice = |(place, tag): (usize, &Value)| set[..place].iter().any(|other| other["Key"] == tag["Key"]);
        if set.iter().enumerate().any(is_twice) {
            return Err(invalid("Duplicated keys are not allowed."));
        }
        let tags = tags::merged(&self.tags, set);
        if tags.len() > TAGS {
            let message = "Could not complete request: tag quota of per resource exceeded";
            return Err(ServiceError::new("TagLimitExceeded", message));
        }
        self.tags = tags;
        Ok(())
    }
}

/// `LambdaSuccessFeedbackRoleArn` and its like.
fn is_feedback(name: &str) -> bool {
    let rest = ["Application", "Firehose", "HTTP", "Lambda", "SQS"].iter().find_map(|p| name.strip_prefix(p));
    matches!(rest, Some("SuccessFeedbackRoleArn" | "FailureFeedbackRoleArn" | "SuccessFeedbackSampleRate"))
}

//! A registered on-premises instance.

use serde_json::{Value, json};

use super::tag_set::Tags;
use crate::core::Timestamp;

/// A registered on-premises instance.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) arn: String,
    pub(super) identity: Identity,
    pub(super) registered: Timestamp,
    pub(super) deregistered: Option<Timestamp>,
    pub(super) tags: Tags,
}

/// The identity as which the agent of an instance signs, by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    User(String),
    Session(String),
}

impl Instance {
    pub(super) fn info(&self, name: &str) -> Value {
        let (user, session) = match &self.identity {
            Identity::User(arn) => (Some(arn), None),
            Identity::Session(arn) => (None, Some(arn)),
        };
        let tags: Vec<Value> = self.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        json!({
            "instanceName": name, "instanceArn": self.arn, "iamUserArn": user, "iamSessionArn": session,
            "registerTime": self.registered.epoch_seconds(),
            "deregisterTime": self.deregistered.map(Timestamp::epoch_seconds),
            "tags": tags,
        })
    }

    pub(super) fn has(&self, filter: &Value) -> bool {
        let (key, value) = (filter["Key"].as_str().unwrap_or_default(), filter["Value"].as_str().unwrap_or_default());
        match filter["Type"].as_str() {
            Some("KEY_ONLY") => self.tags.contains_key(key),
            Some("VALUE_ONLY") => self.tags.values().any(|held| held == value),
            _ => self.tags.get(key).is_some_and(|held| held == value),
        }
    }
}

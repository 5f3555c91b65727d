//! Event buses: the default one, and those that an account makes beside it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::bus_name::DEFAULT;
use super::rule::Rule;
use crate::core::{Hub, PlaneIdentity, ServiceError, Timestamp};

/// A bus with its rules by name.
#[derive(Debug)]
pub(super) struct Bus {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) rules: BTreeMap<String, Rule>,
    pub(super) tags: Vec<Value>,
    pub(super) description: Option<String>,
    pub(super) policy: Option<Value>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

impl Bus {
    pub(super) fn new(hub: &Hub, name: &str) -> Self {
        let now = hub.now();
        Self {
            name: name.to_owned(),
            arn: hub.arn("events", &format!("event-bus/{name}")),
            rules: BTreeMap::new(),
            tags: Vec::new(),
            description: None,
            policy: None,
            created: now,
            modified: now,
        }
    }

    /// The members that `DescribeEventBus` and `ListEventBuses` answer.
    pub(super) fn described(&self) -> Value {
        json!({
            "Name": self.name, "Arn": self.arn, "Description": self.description,
            "Policy": self.policy.as_ref().map(Value::to_string),
            "CreationTime": self.created.epoch_seconds(), "LastModifiedTime": self.modified.epoch_seconds(),
        })
    }

    /// The rule with that name.
    pub(super) fn rule(&mut self, name: &str) -> Result<&mut Rule, ServiceError> {
        let missing = no_rule(name, &self.name);
        self.rules.get_mut(name).ok_or(missing)
    }
}

/// The ARN of a rule: those of the default bus have no bus in it.
pub(super) fn rule_arn(identity: &PlaneIdentity, bus: &str, rule: &str) -> String {
    let resource = if bus == DEFAULT { rule.to_owned() } else { format!("{bus}/{rule}") };
    format!("arn:aws:events:{}:{}:rule/{resource}", identity.region, identity.account)
}

/// That a bus has no such rule.
pub(super) fn no_rule(rule: &str, bus: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", format!("Rule {rule} does not exist on EventBus {bus}."))
}

/// That there are as many as there may be.
pub(super) fn too_many() -> ServiceError {
    ServiceError::new("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}

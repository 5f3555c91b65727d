//! Rules and their targets on the default bus.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::TargetInput;
use super::pattern::Pattern;
use super::schedule::Schedule;
use crate::core::{Input, ServiceError};

/// How many targets a rule can have.
const TARGETS: usize = 5;

/// A rule: a pattern, a schedule, or both.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) arn: String,
    pub(super) enabled: bool,
    pub(super) pattern: Option<Pattern>,
    pub(super) schedule: Option<Schedule>,
    pub(super) targets: BTreeMap<String, Target>,
    pattern_text: Option<String>,
    schedule_text: Option<String>,
    description: Option<String>,
    role: Option<String>,
    pub(super) tags: Vec<Value>,
}

/// One target of a rule.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) arn: String,
    pub(super) input: TargetInput,
    pub(super) attempts: u32,
    raw: Value,
}

impl Rule {
    /// Reads `PutRule`. Tags and targets of a rule that was there before are kept.
    pub(super) fn read(input: &Input, arn: String, before: Option<Self>) -> Result<Self, ServiceError> {
        let pattern_text = input.opt_str("EventPattern").map(str::to_owned);
        let schedule_text = input.opt_str("ScheduleExpression").map(str::to_owned);
        if pattern_text.is_none() && schedule_text.is_none() {
            let message = "Parameter(s) EventPattern or ScheduleExpression must be specified.";
            return Err(ServiceError::validation(message));
        }
        let pattern = pattern_text.as_deref().map(Pattern::parse).transpose();
        let pattern = pattern.map_err(|error| ServiceError::new("InvalidEventPatternException", error.to_string()))?;
        let schedule = schedule_text.as_deref().map(str::parse).transpose()?;
        let (targets, mut tags) = before.map_or_else(Default::default, |rule| (rule.targets, rule.tags));
        if tags.is_empty() {
            tags = input.list("Tags").to_vec();
        }
        Ok(Self {
            arn,
            enabled: input.opt_str("State").is_none_or(|state| state != "DISABLED"),
            pattern,
            schedule,
            targets,
            pattern_text,
            schedule_text,
            description: input.opt_str("Description").map(str::to_owned),
            role: input.opt_str("RoleArn").map(str::to_owned),
            tags,
        })
    }

    pub(super) fn describe(&self, name: &str) -> Value {
        json!({
            "Name": name, "Arn": self.arn, "EventPattern": self.pattern_text,
            "ScheduleExpression": self.schedule_text, "Description": self.description, "RoleArn": self.role,
            "State": if self.enabled { "ENABLED" } else { "DISABLED" }, "EventBusName": "default",
        })
    }

    /// Adds or replaces a target.
    pub(super) fn put_target(&mut self, raw: &Value) -> Result<(), ServiceError> {
        let input = Input::from(raw.clone());
        let id = input.str("Id")?.to_owned();
        if !self.targets.contains_key(&id) && self.targets.len() >= TARGETS {
            return Err(ServiceError::new(
                "LimitExceededException",
                "The requested resource exceeds the maximum number allowed.",
            ));
        }
        let target = Target {
            arn: input.str("Arn")?.to_owned(),
            input: TargetInput::read(&input)?,
            attempts: raw["RetryPolicy"]["MaximumRetryAttempts"]
                .as_u64()
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(185),
            raw: raw.clone(),
        };
        super::delivery::supported(&target.arn)?;
        self.targets.insert(id, target);
        Ok(())
    }

    pub(super) fn list_targets(&self) -> Vec<&Value> {
        self.targets.values().map(|target| &target.raw).collect()
    }
}

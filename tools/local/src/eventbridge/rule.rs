//! The rules of a bus: their patterns, schedules, states and targets.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::pattern::Pattern;
use super::schedule::Schedule;
use super::target::Target;
use crate::core::{Input, ServiceError};

/// The state of a rule: it works or not, and on which of CloudTrail's events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Enabled,
    Disabled,
    /// The rule is enabled, also for calls that only read.
    EnabledWithReads,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
            Self::EnabledWithReads => "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        }
    }

    fn read(text: Option<&str>) -> Self {
        let all = [Self::Enabled, Self::Disabled, Self::EnabledWithReads];
        all.into_iter().find(|state| text == Some(state.name())).unwrap_or_default()
    }
}

/// A rule: a pattern, a schedule, or both.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) state: State,
    pub(super) pattern: Option<Pattern>,
    pub(super) schedule: Option<Schedule>,
    pub(super) targets: BTreeMap<String, Target>,
    pub(super) tags: Vec<Value>,
    bus: String,
    pattern_text: Option<String>,
    schedule_text: Option<String>,
    description: Option<String>,
    role: Option<String>,
}

impl Rule {
    /// Reads `PutRule`: what it does not say is not kept.
    pub(super) fn read(input: &Input, bus: &str, arn: String) -> Result<Self, ServiceError> {
        let given = |member: &str| input.opt_str(member).filter(|text| !text.is_empty()).map(str::to_owned);
        let (pattern_text, schedule_text) = (given("EventPattern"), given("ScheduleExpression"));
        if pattern_text.is_none() && schedule_text.is_none() {
            let message = "Parameter(s) EventPattern or ScheduleExpression must be specified.";
            return Err(ServiceError::validation(message));
        }
        if schedule_text.is_some() && bus != super::bus_name::DEFAULT {
            let message = "ScheduleExpression is supported only on the default event bus.";
            return Err(ServiceError::validation(message));
        }
        Ok(Self {
            name: input.str("Name")?.to_owned(),
            arn,
            state: State::read(input.opt_str("State")),
            pattern: pattern_text.as_deref().map(parse).transpose()?,
            schedule: schedule_text.as_deref().map(str::parse).transpose()?,
            targets: BTreeMap::new(),
            tags: Vec::new(),
            bus: bus.to_owned(),
            pattern_text,
            schedule_text,
            description: given("Description"),
            role: given("RoleArn"),
        })
    }

    /// True if the rule is on the bus that schedules are for.
    pub(super) fn is_on_default_bus(&self) -> bool {
        self.bus == super::bus_name::DEFAULT
    }

    /// The members that `DescribeRule` and `ListRules` answer.
    pub(super) fn described(&self) -> Value {
        json!({
            "Name": self.name, "Arn": self.arn, "EventPattern": self.pattern_text,
            "ScheduleExpression": self.schedule_text, "Description": self.description, "RoleArn": self.role,
            "State": self.state.name(), "EventBusName": self.bus,
        })
    }

    /// True if an event goes to the targets. Calls that only read are told to rules that ask for them.
    pub(super) fn takes(&self, event: &Value) -> bool {
        let reads = event["detail-type"] == "AWS API Call via CloudTrail" && event["detail"]["readOnly"] == true;
        let awake = match self.state {
            State::Disabled => false,
            State::Enabled => !reads,
            State::EnabledWithReads => true,
        };
        awake && self.pattern.as_ref().is_some_and(|pattern| pattern.matches(event))
    }

    /// True if there are events that go to the targets.
    pub(super) fn listens(&self) -> bool {
        self.pattern.is_some() && self.state != State::Disabled
    }
}

/// Compiles a pattern.
pub(super) fn parse(text: &str) -> Result<Pattern, ServiceError> {
    Pattern::parse(text).map_err(|error| ServiceError::new("InvalidEventPatternException", error.to_string()))
}

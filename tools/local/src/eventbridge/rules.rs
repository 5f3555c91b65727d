//! The operations on rules.

use serde_json::{Value, json};

use super::bus::{rule_arn, too_many};
use super::bus_name::{DEFAULT, named};
use super::rule::{Rule, State};
use super::schedule::Change;
use super::state::{EventBridge, page};
use super::tags;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most rules of a bus.
const RULES: usize = 300;

type Op = Operation<EventBridge>;

/// The operations on rules.
pub(super) const OPERATIONS: &[Op] = &[
    Op::now(
        "PutRule",
        "Name ScheduleExpression EventPattern State Description RoleArn Tags{Key Value} EventBusName",
        |events, request| events.put_rule(&request.input),
    )
    .on_found(of_rule)
    .passing(&[("RoleArn", "events.amazonaws.com")]),
    Op::now("DescribeRule", "Name EventBusName", |events, request| {
        events.with_rule(&request.input, "Name", |rule| {
            let mut described = rule.described();
            described["CreatedBy"] = json!(events.hub.identity.account);
            Ok(described)
        })
    })
    .on_found(of_rule),
    Op::now("ListRules", "NamePrefix EventBusName NextToken Limit", |events, request| {
        let prefix = request.input.opt_str("NamePrefix").unwrap_or_default();
        events.with_bus(request.input.opt_str("EventBusName"), |bus| {
            let taken = bus.rules.values().filter(|rule| rule.name.starts_with(prefix));
            let found: Vec<_> = taken.map(|rule| (rule.name.clone(), rule.described())).collect();
            page(&found, &request.input, "Rules", &format!("ListRules {} {prefix}", bus.name))
        })
    }),
    Op::now("DeleteRule", "Name EventBusName Force", |events, request| events.delete_rule(&request.input))
        .on_found(of_rule),
    Op::now("EnableRule", "Name EventBusName", |events, request| events.switch(&request.input, State::Enabled))
        .on_found(of_rule),
    Op::now("DisableRule", "Name EventBusName", |events, request| events.switch(&request.input, State::Disabled))
        .on_found(of_rule),
];

/// The ARN of the rule that a request names.
pub(super) fn of_rule(events: &EventBridge, input: &Input) -> Vec<String> {
    let identity = &events.hub.identity;
    let bus = named(identity, input.opt_str("EventBusName")).unwrap_or(DEFAULT);
    let rule = input.opt_str("Name").or_else(|| input.opt_str("Rule")).unwrap_or("*");
    vec![rule_arn(identity, bus, rule)]
}

impl EventBridge {
    /// A rule that is there already keeps its targets and its tags, and nothing else.
    fn put_rule(&self, input: &Input) -> Reply {
        let name = input.str("Name")?;
        self.with_bus(input.opt_str("EventBusName"), |bus| {
            let arn = rule_arn(&self.hub.identity, &bus.name, name);
            let mut rule = Rule::read(input, &bus.name, arn.clone())?;
            match bus.rules.remove(name) {
                Some(before) => (rule.targets, rule.tags) = (before.targets, before.tags),
                None if bus.rules.len() >= RULES => return Err(too_many()),
                None => rule.tags = tags::set(&[], input.list("Tags"))?,
            }
            self.reschedule(&rule);
            bus.rules.insert(name.to_owned(), rule);
            Ok(json!({ "RuleArn": arn }))
        })
    }

    fn reschedule(&self, rule: &Rule) {
        self.schedules.send(match &rule.schedule {
            Some(schedule) if rule.state != State::Disabled => Change::Set(rule.name.clone(), schedule.clone()),
            Some(_) => Change::Remove(rule.name.clone()),
            // Of another bus there may be a rule of the same name.
            None if rule.is_on_default_bus() => Change::Remove(rule.name.clone()),
            None => return,
        });
    }

    /// A rule goes without targets. One that is not there is gone already.
    fn delete_rule(&self, input: &Input) -> Reply {
        let name = input.str("Name")?;
        self.with_bus(input.opt_str("EventBusName"), |bus| {
            if bus.rules.get(name).is_some_and(|rule| !rule.targets.is_empty()) {
                return Err(ServiceError::validation("Rule can't be deleted since it has targets."));
            }
            if bus.rules.remove(name).is_some() && bus.name == DEFAULT {
                self.schedules.send(Change::Remove(name.to_owned()));
            }
            Ok(Value::Null)
        })
    }

    fn switch(&self, input: &Input, state: State) -> Reply {
        self.with_rule(input, "Name", |rule| {
            // A rule that also takes reads goes on to do so.
            if state != State::Enabled || rule.state == State::Disabled {
                rule.state = state;
            }
            self.reschedule(rule);
            Ok(Value::Null)
        })
    }
}

//! EventBridge: rules, patterns, schedules, targets, on the default bus.

mod delivery;
mod input;
pub(crate) mod pattern;
mod rules;
mod schedule;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Driver, Hub, Input, Reply, Request, Service, ServiceError};
use pattern::Pattern;
use rules::Rule;
use schedule::{Change, Due, Schedules};

/// How many entries one `PutEvents` may have.
const ENTRIES: usize = 10;

type Rules = Arc<Mutex<BTreeMap<String, Rule>>>;

struct EventBridge {
    hub: Arc<Hub>,
    rules: Rules,
    schedules: Driver<Schedules>,
}

/// The service.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let rules = Rules::default();
    let (rules_due, hub_due) = (Arc::clone(&rules), Arc::clone(hub));
    let schedules = Driver::start(Schedules::default(), hub.clock.clone(), move |due: Due| {
        let (rules, hub) = (Arc::clone(&rules_due), Arc::clone(&hub_due));
        Box::pin(async move {
            fire(&hub, &rules, &due);
            Vec::new()
        })
    });
    Arc::new(EventBridge { hub: Arc::clone(hub), rules, schedules })
}

impl Service for EventBridge {
    fn name(&self) -> &'static str {
        "events"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        let reply = self.run(&request);
        Box::pin(async move { reply })
    }
}

impl EventBridge {
    fn rules(&self) -> MutexGuard<'_, BTreeMap<String, Rule>> {
        lock(&self.rules)
    }

    fn run(&self, request: &Request) -> Reply {
        let input = &request.input;
        default_bus(input)?;
        match request.operation.as_str() {
            "PutRule" => self.put_rule(input),
            "DescribeRule" => self.with_rule(input, "Name", |name, rule| Ok(rule.describe(name))),
            "ListRules" => self.list_rules(input),
            "DeleteRule" => self.delete_rule(input),
            "EnableRule" => self.switch(input, true),
            "DisableRule" => self.switch(input, false),
            "PutTargets" => self.put_targets(input),
            "RemoveTargets" => self.remove_targets(input),
            "ListTargetsByRule" => {
                self.with_rule(input, "Rule", |_, rule| Ok(json!({ "Targets": rule.list_targets() })))
            }
            "ListRuleNamesByTarget" => self.names_by_target(input),
            "PutEvents" => self.put_events(input, false),
            "PutServiceEvents" if request.caller.is_plane() => self.put_events(input, true),
            "TestEventPattern" => test_pattern(input),
            "TagResource" => self.tag(input),
            "ListTagsForResource" => self.tags(input),
            other => Err(ServiceError::not_implemented("events", other)),
        }
    }

    fn with_rule(&self, input: &Input, member: &str, act: impl FnOnce(&str, &mut Rule) -> Reply) -> Reply {
        let name = input.str(member)?;
        act(name, self.rules().get_mut(name).ok_or_else(|| no_rule(name))?)
    }

    fn put_rule(&self, input: &Input) -> Reply {
        let name = input.str("Name")?.to_owned();
        let arn = self.hub.arn("events", &format!("rule/{name}"));
        let mut rules = self.rules();
        // A refused change leaves the rule as it was: try before taking it out.
        Rule::read(input, arn.clone(), None)?;
        let before = rules.remove(&name);
        let rule = Rule::read(input, arn.clone(), before)?;
        self.reschedule(&name, &rule);
        rules.insert(name, rule);
        Ok(json!({ "RuleArn": arn }))
    }

    fn reschedule(&self, name: &str, rule: &Rule) {
        self.schedules.send(match (&rule.schedule, rule.enabled) {
            (Some(schedule), true) => Change::Set(name.to_owned(), schedule.clone()),
            _ => Change::Remove(name.to_owned()),
        });
    }

    fn list_rules(&self, input: &Input) -> Reply {
        let prefix = input.opt_str("NamePrefix").unwrap_or_default();
        let rules = self.rules();
        let listed: Vec<Value> =
            rules.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(name, rule)| rule.describe(name)).collect();
        Ok(json!({ "Rules": listed }))
    }

    fn delete_rule(&self, input: &Input) -> Reply {
        let name = input.str("Name")?;
        let mut rules = self.rules();
        match rules.get(name) {
            Some(rule) if !rule.targets.is_empty() => {
                Err(ServiceError::validation("Rule can't be deleted since it has targets."))
            }
            // Deleting a rule that is not there succeeds, as on AWS.
            _ => {
                rules.remove(name);
                self.schedules.send(Change::Remove(name.to_owned()));
                Ok(Value::Null)
            }
        }
    }

    fn switch(&self, input: &Input, enabled: bool) -> Reply {
        self.with_rule(input, "Name", |name, rule| {
            rule.enabled = enabled;
            self.reschedule(name, rule);
            Ok(Value::Null)
        })
    }

    fn put_targets(&self, input: &Input) -> Reply {
        self.with_rule(input, "Rule", |_, rule| {
            for target in input.list("Targets") {
                rule.put_target(target)?;
            }
            Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
        })
    }

    fn remove_targets(&self, input: &Input) -> Reply {
        self.with_rule(input, "Rule", |_, rule| {
            let unknown: Vec<Value> = input
                .strings("Ids")
                .into_iter()
                .filter(|id| rule.targets.remove(id).is_none())
                .map(|id| json!({ "TargetId": id, "ErrorCode": "ResourceNotFoundException" }))
                .collect();
            Ok(json!({ "FailedEntryCount": unknown.len(), "FailedEntries": unknown }))
        })
    }

    fn names_by_target(&self, input: &Input) -> Reply {
        let arn = input.str("TargetArn")?;
        let rules = self.rules();
        let names: Vec<&String> = rules
            .iter()
            .filter(|(_, rule)| rule.targets.values().any(|t| t.arn == arn))
            .map(|(name, _)| name)
            .collect();
        Ok(json!({ "RuleNames": names }))
    }

    fn put_events(&self, input: &Input, from_plane: bool) -> Reply {
        let entries = input.list("Entries");
        if entries.is_empty() || entries.len() > ENTRIES {
            return Err(ServiceError::validation(format!("Entries has 1 to {ENTRIES} members")));
        }
        let results: Vec<Result<Value, ServiceError>> =
            entries.iter().map(|entry| self.event(&Input::from(entry.clone()), from_plane)).collect();
        let failed = results.iter().filter(|result| result.is_err()).count();
        let entries: Vec<Value> = results
            .into_iter()
            .map(|result| match result {
                Ok(event) => {
                    route(&self.hub, &self.rules, &event);
                    json!({ "EventId": event["id"] })
                }
                Err(error) => json!({ "ErrorCode": error.code, "ErrorMessage": error.message }),
            })
            .collect();
        Ok(json!({ "FailedEntryCount": failed, "Entries": entries }))
    }

    /// The whole event of one entry.
    fn event(&self, entry: &Input, from_plane: bool) -> Reply {
        let (source, detail) = (entry.str("Source")?, entry.str("Detail")?);
        if source.starts_with("aws.") && !from_plane {
            return Err(ServiceError::new("NotAuthorizedForSourceException", "Not authorized for the source."));
        }
        let detail: Value = serde_json::from_str(detail)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| ServiceError::new("MalformedDetail", "Detail is malformed."))?;
        Ok(envelope(&self.hub, source, entry.str("DetailType")?, &entry.strings("Resources"), detail))
    }

    fn tag(&self, input: &Input) -> Reply {
        let arn = input.str("ResourceARN")?;
        let mut rules = self.rules();
        let rule = rules.values_mut().find(|rule| rule.arn == arn).ok_or_else(|| no_rule(arn))?;
        for tag in input.list("Tags") {
            rule.tags.retain(|known| known["Key"] != tag["Key"]);
            rule.tags.push(tag.clone());
        }
        Ok(Value::Null)
    }

    fn tags(&self, input: &Input) -> Reply {
        let arn = input.str("ResourceARN")?;
        let rules = self.rules();
        let rule = rules.values().find(|rule| rule.arn == arn).ok_or_else(|| no_rule(arn))?;
        Ok(json!({ "Tags": rule.tags }))
    }
}

fn lock(rules: &Rules) -> MutexGuard<'_, BTreeMap<String, Rule>> {
    rules.lock().unwrap_or_else(PoisonError::into_inner)
}

fn no_rule(name: &str) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", format!("Rule {name} does not exist on EventBus default."))
}

/// The plane has the default bus and no other.
fn default_bus(input: &Input) -> Result<(), ServiceError> {
    match input.opt_str("EventBusName") {
        None => Ok(()),
        Some(name) if name == "default" || name.ends_with(":event-bus/default") => Ok(()),
        Some(name) => Err(ServiceError::new("ResourceNotFoundException", format!("Event bus {name} does not exist."))),
    }
}

fn test_pattern(input: &Input) -> Reply {
    let pattern = Pattern::parse(input.str("EventPattern")?)
        .map_err(|error| ServiceError::new("InvalidEventPatternException", error.to_string()))?;
    let event = serde_json::from_str(input.str("Event")?)
        .map_err(|error| ServiceError::validation(format!("Event is not JSON: {error}")))?;
    Ok(json!({ "Result": pattern.matches(&event) }))
}

/// An event as targets receive it. Times are whole seconds, as EventBridge writes them.
fn envelope(hub: &Hub, source: &str, detail_type: &str, resources: &[String], detail: Value) -> Value {
    let time = hub.now().iso8601();
    let time = format!("{}Z", time.split('.').next().unwrap_or_default());
    json!({
        "version": "0", "id": hub.ids.uuid(), "detail-type": detail_type, "source": source,
        "account": hub.identity.account, "time": time, "region": hub.identity.region, "resources": resources,
        "detail": detail,
    })
}

/// Delivers to the targets of every enabled rule whose pattern matches. Each delivery goes its own way.
fn route(hub: &Arc<Hub>, rules: &Rules, event: &Value) {
    let rules = lock(rules);
    for (name, rule) in rules.iter() {
        if rule.enabled && rule.pattern.as_ref().is_some_and(|pattern| pattern.matches(event)) {
            dispatch(hub, name, rule, event);
        }
    }
}

/// Delivers a scheduled rule's event.
fn fire(hub: &Arc<Hub>, rules: &Rules, due: &Due) {
    let rules = lock(rules);
    if let Some(rule) = rules.get(&due.rule).filter(|rule| rule.enabled) {
        let event = envelope(hub, "aws.events", "Scheduled Event", std::slice::from_ref(&rule.arn), json!({}));
        dispatch(hub, &due.rule, rule, &event);
    }
}

fn dispatch(hub: &Arc<Hub>, name: &str, rule: &Rule, event: &Value) {
    for target in rule.targets.values() {
        let payload = target.input.fill(event, name, &rule.arn);
        let (target, rule, retries) = (target.arn.clone(), rule.arn.clone(), target.attempts);
        tokio::spawn(delivery::deliver(Arc::clone(hub), delivery::Delivery { target, payload, rule, retries }));
    }
}

//! All alarms as one engine: it evaluates on plane time and says which state changed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::store::MetricStore;
use super::definition::{Definition, Watch};
use super::evaluation::State;
use super::range::{LAG, datapoints, state};
use super::reason::{composite_reason, reason};
use super::records::{Alarm, HistoryItem, Standing, Transition};
use crate::core::{Engine, ServiceError, Timestamp};

/// Time between evaluations: CloudWatch evaluates by the minute (by ten seconds for short periods) and looks again
/// when data of a finished period comes late. The plane looks every ten seconds.
const INTERVAL: Duration = Duration::from_secs(10);
/// The number of history items that are kept.
const HISTORY: usize = 10_000;

/// The engine's only input, an action that was carried out. Requests from outside go through the methods.
#[derive(Clone, Debug)]
pub(in crate::cloudwatch) struct ActionDone {
    pub alarm: String,
    pub action: String,
    /// The text of the error, if the action failed.
    pub error: Option<String>,
}

/// All alarms, with their history.
#[derive(Debug)]
pub(in crate::cloudwatch) struct Alarms {
    store: Arc<MetricStore>,
    /// The part of an ARN before the alarm's name.
    arn_prefix: String,
    alarms: BTreeMap<String, Alarm>,
    history: VecDeque<HistoryItem>,
    next: Timestamp,
}

impl Alarms {
    /// Makes the state without any alarm. `store` is where alarms read metrics, `arn_prefix` the part of an ARN before an alarm's name.
    pub(in crate::cloudwatch) fn new(store: Arc<MetricStore>, arn_prefix: String) -> Self {
        Self { store, arn_prefix, alarms: BTreeMap::new(), history: VecDeque::new(), next: Timestamp::default() }
    }

    /// All alarms, by name.
    pub(in crate::cloudwatch) fn all(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.values()
    }

    /// The alarm of that name.
    pub(in crate::cloudwatch) fn get(&self, name: &str) -> Option<&Alarm> {
        self.alarms.get(name)
    }

    /// The history, the newest first.
    pub(in crate::cloudwatch) fn history(&self) -> impl Iterator<Item = &HistoryItem> {
        self.history.iter().rev()
    }

    /// Puts an alarm, or another definition of one that keeps its state.
    ///
    /// # Errors
    /// `ValidationError` for a composite alarm that names an alarm that does not exist or depends on itself.
    pub(in crate::cloudwatch) fn put(
        &mut self,
        definition: Definition,
        now: Timestamp,
    ) -> (Result<(), ServiceError>, Vec<Transition>) {
        if let Err(error) = self.check_children(&definition) {
            return (Err(error), Vec::new());
        }
        let name = definition.name.clone();
        let known = self.alarms.get(&name).filter(|alarm| alarm.definition.kind() == definition.kind());
        let summary = format!("Alarm \"{name}\" {}", if known.is_some() { "updated" } else { "created" });
        let standing = known.map_or_else(
            || Standing {
                state: State::InsufficientData,
                reason: "Unchecked: Initial alarm creation".to_owned(),
                data: None,
                since: now,
                updated: now,
            },
            |alarm| alarm.standing.clone(),
        );
        let alarm = Alarm { definition, standing, configured: now };
        self.note(&alarm, now, "ConfigurationUpdate", summary, json!({ "version": "1.0" }));
        self.alarms.insert(name, alarm);
        if self.alarms.len() == 1 {
            self.next = now + LAG;
        }
        let transitions = self.settle_composites(now);
        (Ok(()), transitions)
    }

    fn check_children(&self, definition: &Definition) -> Result<(), ServiceError> {
        let Watch::Composite(rule) = &definition.watch else { return Ok(()) };
        let mut open: Vec<&str> = rule.alarms();
        let mut seen: Vec<&str> = Vec::new();
        while let Some(name) = open.pop() {
            if name == definition.name {
                return Err(super::super::values::validation("a composite alarm must not depend on itself"));
            }
            let Some(alarm) = self.alarms.get(name) else {
                let message = format!("the alarm {name} of the rule does not exist");
                return Err(super::super::values::validation(message));
            };
            if !seen.contains(&name) {
                seen.push(name);
                if let Watch::Composite(rule) = &alarm.definition.watch {
                    open.extend(rule.alarms());
                }
            }
        }
        Ok(())
    }

    /// Removes an alarm.
    pub(in crate::cloudwatch) fn remove(&mut self, name: &str, now: Timestamp) {
        if let Some(alarm) = self.alarms.remove(name) {
            let summary = format!("Alarm \"{name}\" deleted");
            self.note(&alarm, now, "ConfigurationUpdate", summary, json!({ "version": "1.0" }));
        }
    }

    /// Lets an alarm act, or not.
    pub(in crate::cloudwatch) fn enable_actions(&mut self, name: &str, enabled: bool) {
        if let Some(alarm) = self.alarms.get_mut(name) {
            alarm.definition.shown.insert("ActionsEnabled".to_owned(), json!(enabled));
        }
    }

    /// Sets a state by hand, until the next evaluation.
    ///
    /// # Errors
    /// `ResourceNotFound`.
    pub(in crate::cloudwatch) fn set_state(
        &mut self,
        name: &str,
        state: State,
        reason: String,
        data: Option<String>,
        now: Timestamp,
    ) -> (Result<(), ServiceError>, Vec<Transition>) {
        if !self.alarms.contains_key(name) {
            // AWS says no more.
            let error = ServiceError::new("ResourceNotFound", "");
            return (Err(error.with_status(404)), Vec::new());
        }
        let mut transitions: Vec<Transition> = self.transition(name, state, reason, data, now).into_iter().collect();
        transitions.extend(self.settle_composites(now));
        (Ok(()), transitions)
    }

    fn transition(
        &mut self,
        name: &str,
        state: State,
        reason: String,
        data: Option<String>,
        now: Timestamp,
    ) -> Option<Transition> {
        let alarm = self.alarms.get_mut(name)?;
        if alarm.standing.state == state {
            // A state that is confirmed has a new reason, and nothing else happens.
            alarm.standing = Standing { state, reason, data, since: alarm.standing.since, updated: now };
            return None;
        }
        let standing = Standing { state, reason, data, since: now, updated: now };
        let previous = std::mem::replace(&mut alarm.standing, standing);
        let alarm = alarm.clone();
        let summary = format!("Alarm updated from {} to {}", previous.state.as_str(), state.as_str());
        let data =
            json!({ "version": "1.0", "oldState": previous.in_history(), "newState": alarm.standing.in_history() });
        self.note(&alarm, now, "StateUpdate", summary, data);
        Some(Transition { alarm, previous })
    }

    fn note(&mut self, alarm: &Alarm, at: Timestamp, kind: &'static str, summary: String, data: Value) {
        self.history.push_back(HistoryItem {
            alarm: alarm.definition.name.clone(),
            alarm_kind: alarm.definition.kind(),
            at,
            kind,
            summary,
            data: data.to_string(),
        });
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
    }

    fn evaluate(&mut self, now: Timestamp) -> Vec<Transition> {
        let mut found = Vec::new();
        for (name, alarm) in &self.alarms {
            if let Watch::Metric(watch) = &alarm.definition.watch {
                let range = datapoints(&self.store, watch, now);
                if let Some(state) = state(watch, &range).filter(|state| *state != alarm.standing.state) {
                    let (reason, data) = reason(watch, &range, alarm.standing.state, state, now);
                    found.push((name.clone(), state, reason, data));
                }
            }
        }
        let mut transitions: Vec<Transition> = found
            .into_iter()
            .filter_map(|(name, state, reason, data)| self.transition(&name, state, reason, Some(data), now))
            .collect();
        transitions.extend(self.settle_composites(now));
        transitions
    }

    /// Brings the composite alarms to where their rules say, those of composites included.
    fn settle_composites(&mut self, now: Timestamp) -> Vec<Transition> {
        let mut transitions = Vec::new();
        // No rule depends on itself, so each round settles one level at least.
        for _ in 0..=self.alarms.len() {
            let states: BTreeMap<&str, State> =
                self.alarms.iter().map(|(name, alarm)| (name.as_str(), alarm.standing.state)).collect();
            let changed: Vec<(String, State, Option<String>)> = self
                .alarms
                .iter()
                .filter_map(|(name, alarm)| {
                    let Watch::Composite(rule) = &alarm.definition.watch else { return None };
                    let holds = rule.holds(&|child| states.get(child).copied());
                    let state = if holds { State::Alarm } else { State::Ok };
                    let trigger = rule.alarms().into_iter().max_by_key(|child| self.alarms.get(*child).map(since));
                    (alarm.standing.state != state).then(|| (name.clone(), state, trigger.map(str::to_owned)))
                })
                .collect();
            if changed.is_empty() {
                break;
            }
            for (name, state, trigger) in changed {
                let trigger = trigger.and_then(|trigger| self.alarms.get(&trigger));
                let (reason, data) = composite_reason(&name, state, trigger, &self.arn_prefix);
                transitions.extend(self.transition(&name, state, reason, data, now));
            }
        }
        transitions
    }
}

fn since(alarm: &Alarm) -> Timestamp {
    alarm.standing.since
}

impl Engine for Alarms {
    type Input = ActionDone;
    type Effect = Transition;

    fn step(&mut self, input: Option<ActionDone>, now: Timestamp) -> Vec<Transition> {
        if let Some(done) = input {
            if let Some(alarm) = self.alarms.get(&done.alarm).cloned() {
                let summary = match &done.error {
                    None => format!("Successfully executed action {}", done.action),
                    Some(error) => format!("Failed to execute action {}: {error}", done.action),
                };
                self.note(
                    &alarm,
                    now,
                    "Action",
                    summary,
                    json!({ "actionState": if done.error.is_none() { "Succeeded" } else { "Failed" } }),
                );
            }
            return Vec::new();
        }
        if self.alarms.is_empty() || now < self.next {
            return Vec::new();
        }
        // Five seconds after every ten, by the clock: 10-second and minute periods end just before.
        let interval = INTERVAL.as_millis() as i64;
        let tick = now.as_millis() - (now - LAG).as_millis().rem_euclid(interval) + interval;
        self.next = Timestamp::from_millis(tick);
        self.evaluate(now)
    }

    fn wake_at(&self) -> Option<Timestamp> {
        (!self.alarms.is_empty()).then_some(self.next)
    }
}

//! A world for the engine: one function with an alias, hooks that answer, alarms, and calls that fail or get lost.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::core::{Engine, Ids, ServiceError, Simulation, Timestamp};

use super::super::super::describe;
use super::super::super::traffic::TrafficRouting;
use super::super::{
    AlarmPolicy, AliasCall, AliasShape, AliasState, CallFailure, Deployments, Effect, Hook, Hooks, Input, Kind,
    LambdaShift, Milestone, Plan, RollbackPolicy,
};
use super::always;

pub(super) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(super) fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A deployment of the group `g` from version 1 to version 2, rolled back whatever ends it.
pub(super) fn plan(id: &str, routing: TrafficRouting) -> Plan {
    Plan {
        id: id.to_owned(),
        application: "app".to_owned(),
        group: "g".to_owned(),
        group_id: "group-id".to_owned(),
        role: "arn:aws:iam::000000000000:role/deploy".to_owned(),
        config: "config".to_owned(),
        routing,
        kind: Kind::Forward,
        shift: LambdaShift {
            function: "api".to_owned(),
            alias: "live".to_owned(),
            current: "1".to_owned(),
            target: "2".to_owned(),
        },
        unfit: None,
        hooks: Hooks::default(),
        alarms: AlarmPolicy::default(),
        rollback: RollbackPolicy { on_failure: true, on_alarm: true, on_request: true },
        revision: json!({}),
        previous_revision: None,
        description: None,
        creator: "user".to_owned(),
        override_alarms: None,
        auto_rollback: None,
    }
}

/// The same with hooks named `pre` and `post`.
pub(super) fn with_hooks(mut plan: Plan) -> Plan {
    let hook =
        |function: &str| Some(Hook { function: function.to_owned(), execution: format!("{function}-{}", plan.id) });
    let hooks = Hooks { before: hook("pre"), after: hook("post") };
    plan.hooks = hooks;
    plan
}

/// The same with an alarm named `errors`.
pub(super) fn with_alarm(mut plan: Plan) -> Plan {
    plan.alarms = AlarmPolicy { names: vec!["errors".to_owned()], ignore_poll_failure: false };
    plan
}

/// A request to the engine, or an event in the world.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    Answer(Input),
    Create(Box<Plan>),
    Stop(String, Option<bool>),
    HookReports(String, String, bool),
}

/// The engine with the requests that have answers of their own.
#[derive(Debug)]
pub(super) struct Asked {
    pub deployments: Deployments,
    pub refusals: Vec<ServiceError>,
    /// The `DeploymentInfo` of each deployment when it ended.
    pub ended: BTreeMap<String, Value>,
}

impl Asked {
    fn note_what_ended(&mut self) {
        for deployment in self.deployments.newest_first().filter(|deployment| deployment.is_over()) {
            let id = deployment.plan.id.clone();
            self.ended.entry(id).or_insert_with(|| describe::deployment_info(deployment));
        }
    }

    fn take(&mut self, input: Option<Happening>, now: Timestamp) -> Vec<Effect> {
        let (answer, effects) = match input {
            None => return self.deployments.step(None, now),
            Some(Happening::Answer(input)) => return self.deployments.step(Some(input), now),
            Some(Happening::Create(plan)) => self.deployments.create(*plan, now),
            Some(Happening::Stop(id, back)) => {
                let (answer, effects) = self.deployments.stop(&id, back, now);
                (answer.map(|_| ()), effects)
            }
            Some(Happening::HookReports(id, execution, good)) => {
                self.deployments.answer_hook(&id, &execution, good, now)
            }
        };
        self.refusals.extend(answer.err());
        effects
    }
}

impl Engine for Asked {
    type Input = Happening;
    type Effect = Effect;

    fn step(&mut self, input: Option<Happening>, now: Timestamp) -> Vec<Effect> {
        let effects = self.take(input, now);
        self.note_what_ended();
        effects
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.deployments.wake_at()
    }
}

/// The fate of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is done and answered.
    Fine,
    /// It is done and answered twice.
    Twice,
    /// It is done, and the answer is lost.
    AnswerLost,
    /// It is lost before it is done.
    CallLost,
    /// It is refused for now.
    Throttled,
}

/// The answer of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookAnswer {
    After(Duration, bool),
    Never,
    NotPermitted,
    Missing,
}

/// The world around the engine.
#[derive(Debug)]
pub(super) struct World {
    pub alias: AliasShape,
    pub revision: u64,
    pub versions: Vec<String>,
    /// From when to when the alarm is active.
    pub alarm: Option<(Timestamp, Timestamp)>,
    pub alarms_readable: bool,
    pub hooks: BTreeMap<String, HookAnswer>,
    pub latency: Duration,
    /// The fates of the calls to Lambda, one after the other; fine after the last.
    pub fates: Vec<Fate>,
    /// The number of calls to Lambda that came to nothing.
    pub failures: usize,
    /// The shapes that the alias got, with the times.
    pub history: Vec<(Timestamp, AliasShape)>,
    pub milestones: Vec<(String, Milestone)>,
    pub invoked: Vec<String>,
    /// Somebody moves the alias by hand.
    pub by_hand: Option<(Timestamp, AliasShape)>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            alias: AliasShape::whole("1"),
            revision: 0,
            versions: vec!["1".to_owned(), "2".to_owned()],
            alarm: None,
            alarms_readable: true,
            hooks: BTreeMap::new(),
            latency: Duration::from_millis(50),
            fates: Vec::new(),
            failures: 0,
            history: Vec::new(),
            milestones: Vec::new(),
            invoked: Vec::new(),
            by_hand: None,
        }
    }
}

impl World {
    fn fate(&mut self) -> Fate {
        let fate = if self.fates.is_empty() { Fate::Fine } else { self.fates.remove(0) };
        self.failures += usize::from(!matches!(fate, Fate::Fine | Fate::Twice));
        fate
    }

    fn set_alias(&mut self, shape: AliasShape, now: Timestamp) {
        self.revision += 1;
        self.alias = shape.clone();
        self.history.push((now, shape));
    }

    /// Answers an effect: the calls are done at once, their answers take the latency.
    pub(super) fn answer(&mut self, effect: Effect, now: Timestamp) -> Vec<(Timestamp, Happening)> {
        if let Some((at, shape)) = self.by_hand.take_if(|(at, _)| *at <= now) {
            self.set_alias(shape, at);
        }
        let answers = match effect {
            Effect::Announce { deployment, milestone } => {
                self.milestones.push((deployment.plan.id.clone(), milestone));
                return Vec::new();
            }
            Effect::InvokeHook { plan, hook } => return self.invoke(&plan, &hook, now),
            Effect::PollAlarms { plan, call } => {
                let deployment = plan.id;
                let active = self.alarm.is_some_and(|(from, to)| from <= now && now < to);
                let answer = if self.alarms_readable {
                    Ok(if active { vec!["errors".to_owned()] } else { Vec::new() })
                } else {
                    Err(failure("InternalServiceFault", false))
                };
                return vec![(now + self.latency, Happening::Answer(Input::AlarmsPolled { deployment, call, answer }))];
            }
            Effect::FindVersion { plan, call } => {
                let fate = self.fate();
                let found = self.versions.contains(&plan.shift.target);
                let answer = match fate {
                    Fate::Throttled => Err(failure("TooManyRequestsException", true)),
                    _ if found => Ok(()),
                    _ => Err(failure("ResourceNotFoundException", false)),
                };
                delivered(fate, Input::VersionFound { deployment: plan.id, call, answer })
            }
            Effect::Alias { plan, call } => self.alias_call(&plan, call, now),
        };
        answers.into_iter().map(|input| (now + self.latency, Happening::Answer(input))).collect()
    }

    fn alias_call(&mut self, plan: &Plan, call: AliasCall, now: Timestamp) -> Vec<Input> {
        let (fate, deployment) = (self.fate(), plan.id.clone());
        match call {
            AliasCall::Read { call } => {
                let state = AliasState { shape: Some(self.alias.clone()), revision: Some(self.revision.to_string()) };
                let answer =
                    if fate == Fate::Throttled { Err(failure("TooManyRequestsException", true)) } else { Ok(state) };
                delivered(fate, Input::AliasRead { deployment, call, answer })
            }
            AliasCall::Update { call, shape, revision } => {
                let answer = match fate {
                    Fate::CallLost => Ok(()),
                    Fate::Throttled => Err(failure("TooManyRequestsException", true)),
                    _ if revision.is_some_and(|revision| revision != self.revision.to_string()) => {
                        Err(failure("PreconditionFailedException", false))
                    }
                    _ => {
                        self.set_alias(shape, now);
                        Ok(())
                    }
                };
                delivered(fate, Input::AliasUpdated { deployment, call, answer })
            }
        }
    }

    fn invoke(&mut self, plan: &Plan, hook: &Hook, now: Timestamp) -> Vec<(Timestamp, Happening)> {
        self.invoked.push(hook.function.clone());
        let outcome = self.hooks.get(&hook.function).copied().unwrap_or(HookAnswer::After(seconds(2), true));
        let answer = match outcome {
            HookAnswer::NotPermitted => Err(failure("AccessDeniedException", false)),
            HookAnswer::Missing => Err(failure("ResourceNotFoundException", false)),
            _ => Ok(()),
        };
        let (deployment, execution) = (plan.id.clone(), hook.execution.clone());
        let invoked = Input::HookInvoked { deployment: deployment.clone(), execution: execution.clone(), answer };
        let mut happenings = vec![(now + self.latency, Happening::Answer(invoked))];
        if let HookAnswer::After(delay, good) = outcome {
            happenings.push((now + delay, Happening::HookReports(deployment, execution, good)));
        }
        happenings
    }
}

fn delivered(fate: Fate, input: Input) -> Vec<Input> {
    match fate {
        Fate::AnswerLost | Fate::CallLost => Vec::new(),
        Fate::Twice => vec![input.clone(), input],
        Fate::Fine | Fate::Throttled => vec![input],
    }
}

fn failure(code: &str, transient: bool) -> CallFailure {
    CallFailure { code: code.to_owned(), message: format!("{code} in the made-up world"), transient }
}

/// A run of the engine in a world.
#[derive(Debug)]
pub(super) struct Run {
    pub simulation: Simulation<Asked>,
    pub world: World,
}

impl Run {
    /// Nothing has happened yet.
    pub(super) fn new(world: World) -> Self {
        let deployments = Deployments::new(Ids::seeded(1));
        let asked = Asked { deployments, refusals: Vec::new(), ended: BTreeMap::new() };
        Self { simulation: Simulation::new(asked, START).holding(always::holds), world }
    }

    /// Something happens `after` the start.
    pub(super) fn at(&mut self, after: Duration, happening: Happening) {
        self.simulation.at(START + after, happening);
    }

    /// Runs until `after` the start.
    pub(super) fn until(&mut self, after: Duration) {
        let world = &mut self.world;
        self.simulation.run_until(START + after, |effect, now| world.answer(effect, now));
    }

    /// One deployment of `plan`, run for sixty hours.
    pub(super) fn of(plan: Plan, world: World) -> Self {
        let mut run = Self::new(world);
        run.at(Duration::ZERO, Happening::Create(Box::new(plan)));
        run.until(minutes(60 * 60));
        run
    }

    pub(super) fn deployment(&self, id: &str) -> &super::super::Deployment {
        self.simulation.engine.deployments.get(id).unwrap()
    }

    /// The deployment that rolled `id` back.
    pub(super) fn rollback_of(&self, id: &str) -> &super::super::Deployment {
        self.deployment(self.deployment(id).rolled_back_by.as_ref().unwrap())
    }

    /// `(seconds after the start, percent on version 2)` for each change of the alias, to whole seconds.
    pub(super) fn weights(&self) -> Vec<(u64, u8)> {
        let share = |shape: &AliasShape| match (&shape.additional, shape.version.as_str()) {
            (Some((_, share)), _) => *share,
            (None, "2") => 100,
            (None, _) => 0,
        };
        self.world.history.iter().map(|(at, shape)| (at.since(START).as_secs(), share(shape))).collect()
    }

    /// The lifecycle events' statuses in order.
    pub(super) fn lifecycle(&self, id: &str) -> Vec<&'static str> {
        self.deployment(id).lifecycle.events().iter().map(|event| event.status.as_str()).collect()
    }

    /// The code of why it ended early.
    pub(super) fn code(&self, id: &str) -> &'static str {
        self.deployment(id).fault.as_ref().map_or("", |fault| fault.code)
    }
}

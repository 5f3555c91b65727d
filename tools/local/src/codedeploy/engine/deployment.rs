//! One deployment: what it has done, what it waits for, and what comes next.

mod answers;
mod ending;

use std::time::Duration;

use super::alarm_watch::{AlarmWatch, Watch};
use super::alias::{AliasCall, AliasShape};
use super::alias_change::AliasChange;
use super::calls::{Attempts, CallFailure, CallNumbers, Due};
use super::effect::{Effect, Milestone};
use super::error_information::Fault;
use super::lifecycle::{Lifecycle, LifecycleEventName};
use super::plan::{Kind, Plan};
use super::standing::{Deployment, Phase, Status};
use crate::core::Timestamp;

/// The time in which a hook must report.
pub(in crate::codedeploy) const HOOK_LIMIT: Duration = Duration::from_secs(3600);
/// The longest time of a Lambda deployment.
pub(in crate::codedeploy) const DEPLOYMENT_LIMIT: Duration = Duration::from_secs(50 * 3600);

impl Deployment {
    /// A deployment that begins now, and what it wants done first. `weight` is the share that the target version
    /// already has: none, unless the deployment rolls another back.
    pub(super) fn begin(plan: Plan, rolls_back: Option<String>, weight: u8, now: Timestamp) -> (Self, Vec<Effect>) {
        let policy = if plan.kind == Kind::Forward { plan.alarms.clone() } else { Default::default() };
        let mut deployment = Self {
            plan,
            status: Status::InProgress,
            fault: None,
            created: now,
            completed: None,
            updated: now,
            lifecycle: Lifecycle::default(),
            weight,
            rolled_back_by: None,
            rolls_back,
            phase: Phase::FirstPoll,
            alarms: AlarmWatch::new(policy, now),
            numbers: CallNumbers::default(),
        };
        let mut effects = Vec::new();
        if deployment.rolls_back.is_some() {
            effects.push(deployment.announce(Milestone::Rollback));
        }
        effects.push(deployment.announce(Milestone::Start));
        effects.extend(deployment.first_step(now));
        (deployment, effects)
    }

    fn first_step(&mut self, now: Timestamp) -> Vec<Effect> {
        if let Some(fault) = self.plan.unfit.clone() {
            return self.fail(fault.untouched(), now);
        }
        if self.plan.kind == Kind::Rollback {
            return self.enter_hook(LifecycleEventName::BeforeAllowTraffic, now);
        }
        if self.plan.shift.current == self.plan.shift.target {
            // Seen on AWS: such a deployment is accepted and fails, without a word on why.
            return self.fail(Fault::configuration("TargetVersion must not equal CurrentVersion."), now);
        }
        if self.alarms.due().is_none() { self.check_version(now) } else { self.look(now) }
    }

    /// True if it has ended.
    pub(in crate::codedeploy) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    /// The time at which it wants to be looked at.
    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        let phase = match &self.phase {
            Phase::Over => return None,
            Phase::Ending { call_limit, .. } => return Some(*call_limit),
            Phase::FirstPoll => None,
            Phase::Version(attempts) => Some(attempts.due()),
            Phase::Precondition(change) | Phase::Shifting { change, .. } => Some(change.due()),
            Phase::Hook { deadline, .. } => Some(*deadline),
            Phase::Holding { until, .. } => Some(*until),
        };
        let limit = Some(self.created + DEPLOYMENT_LIMIT);
        [phase, limit, self.alarms.due()].into_iter().flatten().min()
    }

    /// Time passed.
    pub(super) fn look(&mut self, now: Timestamp) -> Vec<Effect> {
        if let Phase::Ending { call_limit, .. } = &self.phase {
            return if now >= *call_limit { self.end(now) } else { Vec::new() };
        }
        if self.is_over() {
            return Vec::new();
        }
        if now >= self.created + DEPLOYMENT_LIMIT {
            return self.fail(Fault::too_long(), now);
        }
        let (watch, call) = self.alarms.look(&mut self.numbers, now);
        let mut effects = self.heed(watch, now);
        if let Some(call) = call {
            effects.push(Effect::PollAlarms { plan: Box::new(self.plan.clone()), call });
        }
        effects.extend(self.look_at_phase(now));
        effects
    }

    fn look_at_phase(&mut self, now: Timestamp) -> Vec<Effect> {
        match &mut self.phase {
            Phase::Version(attempts) => match attempts.look(&mut self.numbers, now) {
                Due::No => Vec::new(),
                Due::Make(call) => vec![Effect::FindVersion { plan: Box::new(self.plan.clone()), call }],
                Due::GiveUp => self.fail(lambda_is_silent(&self.plan).untouched(), now),
            },
            Phase::Precondition(change) | Phase::Shifting { change, .. } => {
                let (progress, call) = change.look(&mut self.numbers, now);
                self.advance_alias(progress, call, now)
            }
            Phase::Hook { deadline, .. } if now >= *deadline => self.fail(Fault::hook_timeout(), now),
            Phase::Holding { index, until } if now >= *until => {
                let next = *index + 1;
                self.shift(next, now)
            }
            _ => Vec::new(),
        }
    }

    fn heed(&mut self, watch: Watch, now: Timestamp) -> Vec<Effect> {
        match watch {
            Watch::Clear if matches!(self.phase, Phase::FirstPoll) => self.check_version(now),
            Watch::Quiet | Watch::Clear => Vec::new(),
            Watch::Active(names) => self.fail(Fault::alarms(&names), now),
            Watch::Unreadable(failure) => self.fail(Fault::unreadable_alarms(&self.plan, &failure), now),
        }
    }

    fn check_version(&mut self, now: Timestamp) -> Vec<Effect> {
        let attempts = Attempts::first(&mut self.numbers, now);
        let call = attempts.number();
        self.phase = Phase::Version(attempts);
        vec![Effect::FindVersion { plan: Box::new(self.plan.clone()), call }]
    }

    fn enter_hook(&mut self, event: LifecycleEventName, now: Timestamp) -> Vec<Effect> {
        self.updated = now;
        self.lifecycle.begin(event, now);
        let hook = match event {
            LifecycleEventName::BeforeAllowTraffic => self.plan.hooks.before.clone(),
            _ => self.plan.hooks.after.clone(),
        };
        // A rollback calls no hooks, and AWS shows an event without a hook as succeeded.
        let Some(hook) = hook.filter(|_| self.plan.kind == Kind::Forward) else {
            return self.leave_hook(event, now);
        };
        self.phase = Phase::Hook { event, hook: hook.clone(), deadline: now + HOOK_LIMIT };
        vec![Effect::InvokeHook { plan: Box::new(self.plan.clone()), hook }]
    }

    fn leave_hook(&mut self, event: LifecycleEventName, now: Timestamp) -> Vec<Effect> {
        self.updated = now;
        self.lifecycle.succeed(event, now);
        if event == LifecycleEventName::BeforeAllowTraffic {
            self.lifecycle.begin(LifecycleEventName::AllowTraffic, now);
            self.shift(0, now)
        } else {
            self.succeed(now)
        }
    }

    fn shape(&self, percentage: u8) -> AliasShape {
        AliasShape::split(&self.plan.shift.current, &self.plan.shift.target, percentage)
    }

    fn shift(&mut self, index: u32, now: Timestamp) -> Vec<Effect> {
        // A rollback takes the alias as it finds it; a deployment only as it left it.
        let (goal, expected) = match self.plan.kind {
            Kind::Rollback => (self.shape(100), None),
            Kind::Forward => {
                let before = index.checked_sub(1).map_or(0, |last| self.plan.routing.percentage_after(last));
                (self.shape(self.plan.routing.percentage_after(index)), Some(self.shape(before)))
            }
        };
        let (change, call) = AliasChange::start(goal, expected, &mut self.numbers, now);
        self.phase = Phase::Shifting { index, change };
        vec![self.alias(call)]
    }

    fn percentage_of(&self, index: u32) -> u8 {
        if self.plan.kind == Kind::Rollback { 100 } else { self.plan.routing.percentage_after(index) }
    }

    fn shifted(&mut self, index: u32, now: Timestamp) -> Vec<Effect> {
        self.updated = now;
        self.weight = self.percentage_of(index);
        if self.weight < 100 {
            self.phase = Phase::Holding { index, until: now + self.plan.routing.interval() };
            return Vec::new();
        }
        self.lifecycle.succeed(LifecycleEventName::AllowTraffic, now);
        self.enter_hook(LifecycleEventName::AfterAllowTraffic, now)
    }

    fn succeed(&mut self, now: Timestamp) -> Vec<Effect> {
        self.close(Status::Succeeded, now);
        vec![self.announce(Milestone::Success)]
    }

    fn alias(&self, call: AliasCall) -> Effect {
        Effect::Alias { plan: Box::new(self.plan.clone()), call }
    }

    fn announce(&self, milestone: Milestone) -> Effect {
        Effect::Announce { deployment: Box::new(self.clone()), milestone }
    }
}

fn lambda_is_silent(plan: &Plan) -> Fault {
    let failure =
        CallFailure { code: "NoAnswer".to_owned(), message: "Lambda did not answer".to_owned(), transient: true };
    Fault::lambda(plan, &failure)
}

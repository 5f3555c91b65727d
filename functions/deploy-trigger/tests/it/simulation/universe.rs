//! The world of a simulation: what is under way in it, and what each step does.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use deploy_trigger::{Attempt, Deadline, Report, TriggerError, close_from_stack_event, reconcile, release_from_event};
use jiff::{SignedDuration, Timestamp};
use slipway_shared::clock::Clock;
use slipway_shared::fakes::Failure;
use slipway_shared::release::{Queue, ReleaseState};
use slipway_shared::stack_events::StackStatusChange;

use super::machine::{Machine, Skewed};
use super::schedule::Step;
use crate::world::{STACK, World};

/// A Lambda function's timeout.
const TIMEOUT: Duration = Duration::from_secs(300);
/// Lambda's retries of an asynchronous event.
const RETRIES: usize = 2;
/// The executions of a schedule; their minutes must differ.
const MOST_PUSHES: usize = 10;
/// Rounds in which the world must have calmed down.
const ROUNDS: usize = 60;

type Work = Pin<Box<dyn Future<Output = Result<Report, TriggerError>>>>;

pub(super) struct Universe {
    pub(super) world: Arc<World>,
    pub(super) pushes: Vec<Push>,
    /// The times at which a message may have been sent and not noted.
    pub(super) faults: usize,
    /// The states in which releases were seen closed.
    pub(super) closed: BTreeMap<String, ReleaseState>,
    /// The order of what was seen live last.
    pub(super) live: Option<Timestamp>,
    events: Vec<Waiting>,
    attempts: Vec<Running>,
    begun: u8,
    reports: BTreeSet<&'static str>,
}

pub(super) struct Push {
    pub(super) id: String,
    pub(super) good: bool,
    code: String,
}

#[derive(Clone)]
struct Waiting {
    event: Event,
    tries: usize,
}

#[derive(Clone)]
enum Event {
    Success(String),
    Stack(StackStatusChange),
    Tick,
}

struct Running {
    work: Work,
    of: Waiting,
    until: Timestamp,
}

impl Universe {
    pub(super) fn new(queue: Queue) -> Self {
        let mut world = World::empty();
        world.settings.queue = queue;
        world.stacks.set_status(STACK, "UPDATE_COMPLETE");
        Self {
            world: Arc::new(world),
            pushes: Vec::new(),
            faults: 0,
            closed: BTreeMap::new(),
            live: None,
            events: Vec::new(),
            attempts: Vec::new(),
            begun: 0,
            reports: BTreeSet::new(),
        }
    }

    pub(super) fn take(&mut self, step: &Step) {
        match step {
            Step::Push { good, rebuild, lags } => self.push(*good, *rebuild, *lags),
            Step::Deliver(pick) => {
                if let Some(at) = picked(self.events.len(), *pick) {
                    let event = self.events.remove(at);
                    self.begin(event);
                }
            }
            Step::Duplicate(pick) => {
                if let Some(at) = picked(self.events.len(), *pick) {
                    self.begin(self.events[at].clone());
                }
            }
            Step::Lose(pick) => {
                if let Some(at) = picked(self.events.len(), *pick) {
                    self.events.remove(at);
                }
            }
            Step::Tick => self.begin(Waiting { event: Event::Tick, tries: 0 }),
            Step::Poll(pick) => {
                if let Some(at) = picked(self.attempts.len(), *pick) {
                    self.poll(at);
                }
            }
            Step::Run(pick) => {
                if let Some(at) = picked(self.attempts.len(), *pick) {
                    while !self.poll(at) {}
                }
            }
            Step::Crash(pick) => {
                if let Some(at) = picked(self.attempts.len(), *pick) {
                    self.faults += 1;
                    let Running { of, .. } = self.attempts.remove(at);
                    self.again(of);
                }
            }
            Step::Fault { lost } => {
                self.faults += 1;
                let failure = if *lost { Failure::AnswerLost } else { Failure::Refused };
                self.world.fuse.blow_at(self.world.fuse.calls().len(), failure);
            }
            Step::End => self.end(),
            Step::ByHand { with_token } => {
                self.world.stacks.begin_by_hand(STACK, with_token.then_some("Console-UpdateStack-1"));
            }
            Step::Pass(seconds) => self.pass(Duration::from_secs(u64::from(*seconds))),
        }
    }

    /// No more faults: everything that is under way gets to its end.
    pub(super) fn calm_down(&mut self) {
        self.world.fuse.mend();
        for round in 0..ROUNDS {
            while !self.attempts.is_empty() {
                self.poll(0);
            }
            while let Some(event) = self.events.pop() {
                self.begin(event);
                while !self.attempts.is_empty() {
                    self.poll(0);
                }
            }
            // The schedule has come at least once after everything else.
            if round > 0 && self.is_calm() {
                return;
            }
            self.end();
            self.pass(Duration::from_secs(360));
            self.begin(Waiting { event: Event::Tick, tries: 0 });
        }
    }

    /// The kinds of things that happened.
    pub(super) fn sights(&self) -> BTreeSet<&'static str> {
        let records = self.world.releases.records(&self.world.key());
        self.reports.iter().copied().chain(records.iter().map(|record| record.state.as_str())).collect()
    }

    fn is_calm(&self) -> bool {
        let state = self.world.state();
        state.tickets.is_empty() && state.leading.is_none() && state.lock.is_none()
    }

    fn push(&mut self, good: bool, rebuild: bool, lags: bool) {
        let number = self.pushes.len();
        if number == MOST_PUSHES {
            return;
        }
        let before = self.pushes.last().filter(|_| rebuild);
        let (code, good) =
            before.map_or_else(|| (format!("api {number}"), good), |push| (push.code.clone(), push.good));
        let id = format!("exec-{number}");
        self.world.build(&id, u8::try_from(number).unwrap(), &code);
        self.world.pipelines.lag(&id, usize::from(lags));
        self.events.push(Waiting { event: Event::Success(id.clone()), tries: 0 });
        self.pushes.push(Push { id, good, code });
    }

    fn begin(&mut self, of: Waiting) {
        let world = Arc::clone(&self.world);
        self.begun = self.begun.wrapping_add(1);
        let ahead = SignedDuration::from_secs(i64::from(self.begun % 29) - 14);
        let machine = Machine { world, clock: Skewed { clock: self.world.clock.clone(), ahead } };
        let holder = format!("stream#{}", self.begun);
        let event = of.event.clone();
        let work = async move {
            let deadline = Deadline::at(machine.clock.now() + TIMEOUT);
            let attempt = Attempt::new(&machine, &machine.world.settings, holder, deadline);
            match event {
                Event::Success(id) => release_from_event(&attempt, &machine.world.success(&id)).await,
                Event::Stack(change) => close_from_stack_event(&attempt, &change).await,
                Event::Tick => reconcile(&attempt).await,
            }
        };
        self.attempts.push(Running { work: Box::pin(work), of, until: self.world.clock.now() + TIMEOUT });
    }

    /// Lets an attempt go on to its next call. Returns whether it is gone.
    fn poll(&mut self, at: usize) -> bool {
        let running = &mut self.attempts[at];
        if running.until <= self.world.clock.now() {
            // Lambda ends what takes too long.
            self.faults += 1;
            let Running { of, .. } = self.attempts.remove(at);
            self.again(of);
            return true;
        }
        match running.work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => false,
            Poll::Ready(result) => {
                let Running { of, .. } = self.attempts.remove(at);
                match result {
                    Ok(Report::InHand) => drop(self.reports.insert("in hand")),
                    Ok(Report::Reconciled { found }) if found > 0 => drop(self.reports.insert("missed")),
                    Ok(_) => {}
                    Err(TriggerError::LockLost(_)) => {
                        self.reports.insert("lock lost");
                        self.again(of);
                    }
                    Err(_) => self.again(of),
                }
                true
            }
        }
    }

    fn again(&mut self, of: Waiting) {
        if of.tries < RETRIES {
            self.events.push(Waiting { tries: of.tries + 1, ..of });
        }
    }

    /// Ends the operation of the stack, if one is under way.
    fn end(&mut self) {
        let executing = self.world.stacks.executing(STACK).is_some();
        let release = self.world.stacks.executions().last().cloned().filter(|_| executing);
        if !executing && !self.world.stacks.is_busy(STACK) {
            return;
        }
        let push = release.and_then(|release| self.pushes.iter().find(|push| push.id == release));
        let status = if push.is_none_or(|push| push.good) { "UPDATE_COMPLETE" } else { "UPDATE_ROLLBACK_COMPLETE" };
        let event = self.world.stacks.end(STACK, status);
        self.events.push(Waiting { event: Event::Stack(event), tries: 0 });
    }

    fn pass(&mut self, time: Duration) {
        self.world.clock.advance(time);
    }
}

fn picked(among: usize, pick: u8) -> Option<usize> {
    (among > 0).then(|| usize::from(pick) % among)
}

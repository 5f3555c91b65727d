//! Running the checks of a suite: what is independent side by side, under one deadline.
//!
//! Durations are measured first and alone, since other calls would be measured with them; log lines are read last, when everything
//! that could write them has run. Everything between runs side by side, [`AT_ONCE`] at a time, but for checks that share captured
//! values, which keep the order of the list.

mod alarms;
mod drift;
mod http;
mod invoke;
mod latency;
mod logs;
mod one;
mod wants;

#[cfg(feature = "template")]
pub(crate) use wants::reasons as unmet;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::case::Case;
use super::deadline::Allotment;
use super::ports::HookPorts;
use super::sequence::Sequence;
use super::verdict::{CheckOutcome, Finding, Reason, Verdict, judge};
use crate::suite::{Check, Probe, Suite, sequences};

/// So many checks run at the same time. A new version has no environment yet: each call at once starts one.
const AT_ONCE: usize = 20;

/// The list of a suite that a hook runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `checks`: before any user reaches the target version.
    Checks,
    /// `public`: after all users reach it.
    Public,
}

/// The checks of one call of a hook, shared by their tasks.
struct Run<P> {
    case: Case<P>,
    list: List,
    checks: Vec<Check>,
    allotment: Allotment,
    places: Semaphore,
    /// The ends of the logs of the invocations so far.
    tails: Mutex<Vec<String>>,
    url: OnceCell<Result<String, Reason>>,
}

impl<P: HookPorts> Case<P> {
    /// Runs a list of the suite of what is deployed, and judges by what it finds.
    pub async fn run_list(self, list: List) -> Verdict {
        let suite = match self.suite().await {
            Ok(suite) => suite,
            Err(verdict) => return verdict,
        };
        let checks = list.of(suite);
        if checks.is_empty() {
            return list.empty(self.subject.name());
        }
        self.run_checks(list, checks).await
    }

    /// Runs these checks of a list, notes what each finds, and judges by that.
    pub async fn run_checks(self, list: List, checks: Vec<Check>) -> Verdict {
        let notebook = self.notebook.clone();
        Run::new(self, list, checks).all().await;
        judge(&notebook.evidence().outcomes)
    }
}

impl List {
    fn of(self, suite: Suite) -> Vec<Check> {
        match self {
            Self::Checks => suite.checks,
            Self::Public => suite.public,
        }
    }

    /// Before the shift something must be asked; what the public sees may not be there yet, which the stage's policy decides.
    fn empty(self, name: &str) -> Verdict {
        match self {
            Self::Checks => Verdict::errored(format!("the suite of {name} holds no checks")),
            Self::Public => Verdict::inconclusive(format!("the suite of {name} holds no public checks")),
        }
    }
}

impl<P: HookPorts> Run<P> {
    fn new(case: Case<P>, list: List, checks: Vec<Check>) -> Arc<Self> {
        let allotment = Allotment::until(case.until, checks.iter().any(|check| check.always));
        let (places, tails, url) = (Semaphore::new(AT_ONCE), Mutex::default(), OnceCell::new());
        Arc::new(Self { case, list, checks, allotment, places, tails, url })
    }

    async fn all(self: Arc<Self>) {
        let (mut alone, mut last, mut together) = (Vec::new(), Vec::new(), Vec::new());
        for group in self.groups() {
            match group.as_slice() {
                [only] if matches!(self.checks[*only].probe, Probe::Latency(_)) => alone.push(group),
                [only] if matches!(self.checks[*only].probe, Probe::Logs(_)) => last.push(group),
                _ => together.push(group),
            }
        }
        for group in alone {
            self.clone().side_by_side(vec![group]).await;
        }
        self.clone().side_by_side(together).await;
        self.side_by_side(last).await;
    }

    /// The positions of the checks that belong together, without those that an earlier call of the hook has found to pass as a whole.
    fn groups(&self) -> Vec<Vec<usize>> {
        let position = |check: &Check| self.checks.iter().position(|each| std::ptr::eq(each, check));
        let known = |group: &[usize]| group.iter().all(|at| self.case.passed.contains(&self.checks[*at].name));
        let groups = sequences(&self.checks).into_iter();
        groups
            .map(|group| group.into_iter().filter_map(position).collect::<Vec<_>>())
            .filter(|group| !known(group))
            .collect()
    }

    /// Each group in a task of its own: a bug in one check is that check's finding, and no other's.
    async fn side_by_side(self: Arc<Self>, groups: Vec<Vec<usize>>) {
        let mut tasks = JoinSet::new();
        let mut of_task = std::collections::HashMap::new();
        for group in groups {
            let task = tasks.spawn(self.clone().in_order(group.clone()));
            of_task.insert(task.id(), group);
        }
        while let Some(ended) = tasks.join_next().await {
            let Err(panic) = ended else { continue };
            for at in of_task.remove(&panic.id()).unwrap_or_default() {
                let name = &self.checks[at].name;
                let reason = Reason::new(format!("check {name:?}: not finished, because a check panicked"));
                self.case.notebook.note_missing(at, outcome(name, Finding::Errored(reason), Instant::now()));
            }
        }
    }

    async fn in_order(self: Arc<Self>, group: Vec<usize>) {
        let mut sequence = Sequence::default();
        for at in group {
            let check = &self.checks[at];
            // It is never closed.
            let _place = self.places.acquire().await;
            let began = Instant::now();
            let finding = self.one(&mut sequence, check).await;
            self.case.notebook.note_at(at, outcome(&check.name, finding, began));
        }
    }

    fn keep_tail(&self, tail: String) {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner).push(tail);
    }

    fn kept_tails(&self) -> Vec<String> {
        self.tails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn outcome(name: &str, finding: Finding, began: Instant) -> CheckOutcome {
    CheckOutcome { name: name.to_owned(), finding, duration: began.elapsed() }
}

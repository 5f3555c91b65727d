//! A hook's part in a release of several functions ([`Gathering`](crate::ledger::Gathering)).
//!
//! Before its suite it looks whether others are released with it: if one of them has failed, nothing is left to judge. After it, it
//! writes down how the suite ended. Then it answers for all, if it was the last or has failed; or it leaves CodeDeploy without an answer
//! for now, which whoever comes last, or `canary-watch`, gives in its place. A function that is released by itself costs one read.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;
use tracing::warn;

use super::case::Case;
use super::conclude::Conclusion;
use super::deadline::Deadline;
use super::event::HookEvent;
use super::lifecycle::LifecycleEvent;
use super::policy::HookStatus;
use super::ports::HookPorts;
use super::run::Hook;
use super::subject::{Shift, Subject};
use super::verdict::{Reason, Verdict};
use crate::call::CallError;
use crate::ledger::{
    Arrival, Basis, Decision, Newcomer, Place, ReadGathering, StoredGathering, WriteGathering, Written,
};
use crate::telemetry::Chain;

/// The longest time in which a hook may write down how its suite ended.
const LONGEST_JOIN: Duration = Duration::from_secs(5);

/// The answer of a call.
#[derive(Debug)]
pub(super) enum Answer {
    /// What the hook has found itself.
    Own,
    /// None yet: the suites of these functions have not ended.
    Wait(Vec<String>),
    /// What is decided, for all.
    Together(StoredGathering),
}

/// What one call knows of the gathering; shared with the task of its checks.
#[derive(Debug, Clone)]
pub(super) struct Company {
    stack: String,
    deployment: String,
    /// None until it was read.
    place: Arc<Mutex<Option<Place>>>,
}

impl Company {
    pub(super) fn of<P>(hook: &Hook<P>, event: &HookEvent) -> Self {
        let stack = hook.settings.as_ref().map(|settings| settings.stack.clone()).unwrap_or_default();
        Self { stack, deployment: event.address.deployment_id.clone(), place: Arc::default() }
    }

    /// The verdict of the checks, unless it does not matter any more.
    pub(super) async fn before<P, F, Fut>(self, case: Case<P>, checks: F) -> Verdict
    where
        P: HookPorts,
        F: FnOnce(Case<P>) -> Fut,
        Fut: Future<Output = Verdict>,
    {
        let place = match self.look(&*case.ports, &case.subject).await {
            Ok(place) => place,
            Err(error) => {
                let detail = Chain(&error).to_string();
                let reason = Reason::with_detail("cannot find out what is released together with it", detail);
                return Verdict::Errored(reason.into());
            }
        };
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(place.clone());
        match place {
            Place::Apart | Place::Expected => checks(case).await,
            Place::Late(because) => Verdict::Failed(Reason::new(because).into()),
            // Replaced by what was decided; if that cannot be found any more, it proves nothing.
            Place::Waiting | Place::Decided => Verdict::errored("the suite ended in an earlier call"),
        }
    }

    async fn look<P: HookPorts>(&self, ports: &P, subject: &Subject) -> Result<Place, CallError> {
        let Some((_, newcomer)) = newcomer(&self.deployment, subject) else { return Ok(Place::Apart) };
        let ledger = ports.ledger().ok_or_else(no_ledger)?;
        let stored = ledger.read_gathering(&self.stack).await?;
        Ok(stored.map_or(Place::Apart, |stored| stored.gathering.place(&newcomer)))
    }

    /// True if this call has judged by itself, and not found what an earlier one did.
    pub(super) fn judged(&self) -> bool {
        !matches!(self.place(), Some(Place::Waiting | Place::Decided))
    }

    fn place(&self) -> Option<Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes down how the suite ended, and says what is to be answered; the conclusion becomes what was decided.
    ///
    /// # Errors
    /// Fails if a suite that passed could not be written down: it may be, or not. To answer would be a guess; Lambda calls again.
    pub(super) async fn answer<P: HookPorts>(
        &self,
        hook: &Hook<P>,
        event: &HookEvent,
        conclusion: &mut Conclusion,
        (at, deadline): (Timestamp, Deadline),
    ) -> Result<Answer, CallError> {
        let arrival = match self.place() {
            None | Some(Place::Apart | Place::Late(_)) => return Ok(Answer::Own),
            Some(Place::Waiting | Place::Decided) => None,
            Some(Place::Expected) => Some(()),
        };
        let Some(subject) = conclusion.evidence.subject.clone() else { return Ok(Answer::Own) };
        let passed = conclusion.status == HookStatus::Succeeded;
        let arrival = arrival.and_then(|()| arrival_of(event, &subject, at, passed));
        let because = because(&subject, &conclusion.verdict);
        let joined = self.join_in_time(hook, subject, arrival, because, deadline).await;
        match joined {
            Ok(Joined::Answer(answer)) => {
                adopt(conclusion, &answer);
                Ok(answer)
            }
            Ok(Joined::Late(because)) => {
                conclusion.verdict = Verdict::Failed(Reason::new(because).into());
                conclusion.status = HookStatus::Failed;
                Ok(Answer::Own)
            }
            Err(error) if passed => Err(error),
            Err(error) => {
                warn!(deployment.id = self.deployment, error = %Chain(&error), "the others were not told of the failure");
                Ok(Answer::Own)
            }
        }
    }

    /// In a task of its own, so that neither a panic nor a silence of the ledger keeps the hook from answering.
    async fn join_in_time<P: HookPorts>(
        &self,
        hook: &Hook<P>,
        subject: Subject,
        arrival: Option<Arrival>,
        because: String,
        deadline: Deadline,
    ) -> Result<Joined, CallError> {
        let (company, ports) = (self.clone(), Arc::clone(&hook.ports));
        let task = tokio::spawn(async move { company.join(&*ports, &subject, arrival, &because).await });
        let stop = task.abort_handle();
        match timeout(LONGEST_JOIN.min(deadline.remaining() / 2), task).await {
            Ok(Ok(joined)) => joined,
            Ok(Err(panic)) => Err(CallError::Unavailable { operation: "PutItem", source: Box::new(panic) }),
            Err(elapsed) => {
                stop.abort();
                Err(CallError::Unavailable { operation: "PutItem", source: Box::new(elapsed) })
            }
        }
    }

    /// Until nobody else has written at the same time. Without an arrival it only looks.
    async fn join<P: HookPorts>(
        &self,
        ports: &P,
        subject: &Subject,
        arrival: Option<Arrival>,
        because: &str,
    ) -> Result<Joined, CallError> {
        let ledger = ports.ledger().ok_or_else(no_ledger)?;
        let own = Ok(Joined::Answer(Answer::Own));
        let Some((shift, newcomer)) = newcomer(&self.deployment, subject) else { return own };
        loop {
            let Some(StoredGathering { mut gathering, revision }) = ledger.read_gathering(&self.stack).await? else {
                return own;
            };
            match (gathering.place(&newcomer), &arrival) {
                (Place::Apart, _) | (Place::Expected, None) => return own,
                (Place::Late(because), _) => return Ok(Joined::Late(because)),
                (Place::Decided, _) => {
                    return Ok(Joined::Answer(Answer::Together(StoredGathering { gathering, revision })));
                }
                (Place::Waiting, None) => return Ok(Joined::Answer(waits(&gathering))),
                (Place::Expected | Place::Waiting, Some(arrival)) => {
                    gathering.come(shift.function.as_str(), &shift.alias, arrival.clone(), because);
                    match ledger.write_gathering(&gathering, Basis::Revision(revision)).await? {
                        Written::Lost => {}
                        Written::Kept(_) if gathering.decision() == Decision::Open => {
                            return Ok(Joined::Answer(waits(&gathering)));
                        }
                        Written::Kept(revision) => {
                            return Ok(Joined::Answer(Answer::Together(StoredGathering { gathering, revision })));
                        }
                    }
                }
            }
        }
    }
}

/// The end of writing down.
#[derive(Debug)]
enum Joined {
    Answer(Answer),
    /// Another failed meanwhile, for this reason.
    Late(String),
}

fn waits(gathering: &crate::ledger::Gathering) -> Answer {
    let missing = gathering.members.iter().filter(|member| member.arrival.is_none());
    Answer::Wait(missing.map(|member| member.function.clone()).collect())
}

/// The conclusion becomes that of all.
fn adopt(conclusion: &mut Conclusion, answer: &Answer) {
    conclusion.waits = matches!(answer, Answer::Wait(_));
    let Answer::Together(stored) = answer else { return };
    match stored.gathering.decision() {
        Decision::Passed => {
            conclusion.status = HookStatus::Succeeded;
            conclusion.verdict = Verdict::Passed;
        }
        Decision::Failed(because) => {
            // One that has failed itself says why.
            if conclusion.status == HookStatus::Succeeded || matches!(conclusion.verdict, Verdict::Errored(_)) {
                conclusion.verdict = Verdict::Failed(Reason::new(because).into());
            }
            conclusion.status = HookStatus::Failed;
        }
        Decision::Open => {}
    }
}

/// Only functions are gathered, and only before their traffic shifts.
fn newcomer<'a>(deployment: &'a str, subject: &'a Subject) -> Option<(&'a Shift, Newcomer<'a>)> {
    let shift = subject.shift().filter(|_| subject.event == LifecycleEvent::BeforeAllowTraffic)?;
    let newcomer = Newcomer {
        deployment_id: deployment,
        function: shift.function.as_str(),
        alias: &shift.alias,
        began: subject.began,
        creator: subject.creator.as_deref(),
    };
    Some((shift, newcomer))
}

fn arrival_of(event: &HookEvent, subject: &Subject, at: Timestamp, passed: bool) -> Option<Arrival> {
    let shift = subject.shift()?;
    Some(Arrival {
        deployment_id: event.address.deployment_id.clone(),
        application: subject.application.clone(),
        deployment_group: subject.group.clone(),
        execution_id: Some(event.address.execution_id.clone()),
        current_version: shift.current_version.as_ref().map(ToString::to_string),
        target_version: shift.target_version.to_string(),
        began: subject.began.unwrap_or(at),
        passed,
    })
}

/// The reason that the others are given. It names what differed, never what was answered.
fn because(subject: &Subject, verdict: &Verdict) -> String {
    let reasons: Vec<&str> = verdict.reasons().map(Reason::subject).take(3).collect();
    format!("the suite of {}, which is released with it, has not passed: {}", subject.name(), reasons.join("; "))
}

fn no_ledger() -> CallError {
    CallError::Unexpected { operation: "GetItem", source: "the hook knows no ledger".into() }
}

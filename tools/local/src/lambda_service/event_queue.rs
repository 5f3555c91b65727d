//! The queue of asynchronous invocations, as a pure engine.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>: a function error is retried
//! twice, after one and after two minutes; throttles and system errors are retried for as long as the event may live,
//! after one second doubling up to five minutes. An event that has failed, or is too old, is concluded once.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::names::FunctionRef;
use crate::core::{Engine, Timestamp};

const FIRST_RETRY: Duration = Duration::from_secs(60);
const SECOND_RETRY: Duration = Duration::from_secs(120);
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_secs(300);

/// An event that a caller has handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct QueuedEvent {
    /// The request id, the same in every attempt.
    pub(super) request_id: String,
    pub(super) target: FunctionRef,
    pub(super) payload: Bytes,
    pub(super) client_context: Option<String>,
}

/// The retries and the age that the function's configuration allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RetryPolicy {
    pub(super) retries: u32,
    pub(super) age: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { retries: 2, age: Duration::from_secs(21_600) }
    }
}

/// The outcome of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Succeeded(Response),
    FunctionError(Response),
    /// No concurrency, or the system's fault.
    NotRun,
    /// The function may not run at all: its reserved concurrency is zero, or it is gone.
    Refused,
}

/// The answer of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) executed_version: String,
    pub(super) failed: bool,
    pub(super) payload: Bytes,
}

/// The end of an event, by the names of the invocation record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
}

/// The end of an event, from which its invocation record is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conclusion {
    pub(super) event: QueuedEvent,
    pub(super) condition: Condition,
    /// The number of times that the function ran.
    pub(super) invocations: u32,
    /// The last answer, if it ever ran.
    pub(super) response: Option<Response>,
}

/// An input of the queue.
#[derive(Debug)]
pub(super) enum QueueInput {
    Accepted(QueuedEvent, RetryPolicy),
    Attempted { request_id: String, attempt: Attempt, policy: RetryPolicy },
}

/// An effect that the queue wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum QueueEffect {
    Invoke(QueuedEvent),
    Conclude(Conclusion),
}

#[derive(Debug)]
struct Waiting {
    event: QueuedEvent,
    policy: RetryPolicy,
    accepted: Timestamp,
    /// The time of the next attempt; none while one runs.
    due: Option<Timestamp>,
    invocations: u32,
    /// The number of throttles in a row.
    backoffs: u32,
    response: Option<Response>,
}

impl Waiting {
    fn expires(&self) -> Timestamp {
        self.accepted + self.policy.age
    }

    /// The time at which this entry next needs to be looked at.
    fn wake(&self) -> Option<Timestamp> {
        self.due.map(|due| due.min(self.expires()))
    }

    fn conclude(self, condition: Condition) -> QueueEffect {
        QueueEffect::Conclude(Conclusion {
            event: self.event,
            condition,
            invocations: self.invocations,
            response: self.response,
        })
    }
}

/// The queue of all functions: the events that are not concluded, by request id.
#[derive(Debug, Default)]
pub(super) struct EventQueue {
    waiting: BTreeMap<String, Waiting>,
}

impl EventQueue {
    fn accept(&mut self, event: QueuedEvent, policy: RetryPolicy, now: Timestamp) -> Vec<QueueEffect> {
        let waiting = Waiting {
            event: event.clone(),
            policy,
            accepted: now,
            due: None,
            invocations: 0,
            backoffs: 0,
            response: None,
        };
        self.waiting.insert(event.request_id.clone(), waiting);
        vec![QueueEffect::Invoke(event)]
    }

    fn attempted(
        &mut self,
        request_id: &str,
        attempt: Attempt,
        policy: RetryPolicy,
        now: Timestamp,
    ) -> Vec<QueueEffect> {
        let Some(mut entry) = self.waiting.remove(request_id) else { return Vec::new() };
        entry.policy = policy;
        let wait = match attempt {
            Attempt::Succeeded(response) => {
                entry.invocations += 1;
                entry.response = Some(response);
                return vec![entry.conclude(Condition::Success)];
            }
            // The record of an event that was refused is not documented; it reads like one that ran out of retries.
            Attempt::Refused => return vec![entry.conclude(Condition::RetriesExhausted)],
            Attempt::FunctionError(response) => {
                entry.invocations += 1;
                entry.response = Some(response);
                entry.backoffs = 0;
                if entry.invocations > policy.retries {
                    return vec![entry.conclude(Condition::RetriesExhausted)];
                }
                if entry.invocations == 1 { FIRST_RETRY } else { SECOND_RETRY }
            }
            Attempt::NotRun => {
                let wait = FIRST_BACKOFF.saturating_mul(1 << entry.backoffs.min(16)).min(LONGEST_BACKOFF);
                entry.backoffs += 1;
                wait
            }
        };
        entry.due = Some(now + wait);
        self.waiting.insert(request_id.to_owned(), entry);
        Vec::new()
    }

    fn due(&mut self, now: Timestamp) -> Vec<QueueEffect> {
        let ready: Vec<String> = self
            .waiting
            .iter()
            .filter(|(_, entry)| entry.wake().is_some_and(|at| at <= now))
            .map(|(id, _)| id.clone())
            .collect();
        let mut effects = Vec::with_capacity(ready.len());
        for id in ready {
            let Some(mut entry) = self.waiting.remove(&id) else { continue };
            if entry.expires() <= now {
                effects.push(entry.conclude(Condition::EventAgeExceeded));
                continue;
            }
            entry.due = None;
            effects.push(QueueEffect::Invoke(entry.event.clone()));
            self.waiting.insert(id, entry);
        }
        effects
    }
}

impl Engine for EventQueue {
    type Input = QueueInput;
    type Effect = QueueEffect;

    fn step(&mut self, input: Option<QueueInput>, now: Timestamp) -> Vec<QueueEffect> {
        let mut effects = match input {
            None => Vec::new(),
            Some(QueueInput::Accepted(event, policy)) => self.accept(event, policy, now),
            Some(QueueInput::Attempted { request_id, attempt, policy }) => {
                self.attempted(&request_id, attempt, policy, now)
            }
        };
        effects.extend(self.due(now));
        effects
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.waiting.values().filter_map(Waiting::wake).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::Simulation;

    const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn event() -> QueuedEvent {
        QueuedEvent {
            request_id: "r-1".to_owned(),
            target: FunctionRef { name: "fn".to_owned(), qualifier: None },
            payload: Bytes::from_static(b"{}"),
            client_context: None,
        }
    }

    fn failed() -> Attempt {
        let response = Response {
            executed_version: "1".to_owned(),
            failed: true,
            payload: Bytes::from_static(b"{\"errorType\":\"E\"}"),
        };
        Attempt::FunctionError(response)
    }

    /// Runs one event for a day with the answers in turn (the last one repeats); when it was tried and how it ended,
    /// in seconds after it was accepted.
    fn run(policy: RetryPolicy, answers: &[Attempt]) -> (Vec<u64>, Vec<(u64, Conclusion)>) {
        let mut simulation = Simulation::new(EventQueue::default(), START);
        simulation.at(START, QueueInput::Accepted(event(), policy));
        let (mut tried, mut ended) = (Vec::new(), Vec::new());
        simulation.run_until(START + Duration::from_secs(86_400), |effect, now| match effect {
            QueueEffect::Invoke(event) => {
                let attempt = answers[tried.len().min(answers.len() - 1)].clone();
                tried.push(now.since(START).as_secs());
                vec![(now, QueueInput::Attempted { request_id: event.request_id, attempt, policy })]
            }
            QueueEffect::Conclude(conclusion) => {
                ended.push((now.since(START).as_secs(), conclusion));
                Vec::new()
            }
        });
        assert_eq!(simulation.engine.waiting.len(), 0, "nothing may be left in the queue");
        (tried, ended)
    }

    #[test]
    fn a_failing_function_is_retried_after_one_and_two_minutes_and_then_given_up_once() {
        let (tried, ended) = run(RetryPolicy::default(), &[failed()]);
        assert_eq!(tried, [0, 60, 180]);
        assert_eq!(ended.len(), 1);
        let (at, conclusion) = &ended[0];
        assert_eq!((*at, conclusion.condition, conclusion.invocations), (180, Condition::RetriesExhausted, 3));
        assert!(conclusion.response.as_ref().unwrap().failed);
    }

    #[test]
    fn a_retry_that_succeeds_ends_the_event() {
        let response = Response { executed_version: "1".to_owned(), failed: false, payload: Bytes::new() };
        let (tried, ended) = run(RetryPolicy::default(), &[failed(), Attempt::Succeeded(response)]);
        assert_eq!(tried, [0, 60]);
        assert_eq!((ended[0].1.condition, ended[0].1.invocations), (Condition::Success, 2));
    }

    #[test]
    fn no_retries_are_made_when_none_are_allowed() {
        let (tried, ended) = run(RetryPolicy { retries: 0, ..RetryPolicy::default() }, &[failed()]);
        assert_eq!((tried, ended.len()), (vec![0], 1));
    }

    #[test]
    fn throttles_back_off_and_do_not_use_up_the_retries() {
        let (tried, ended) =
            run(RetryPolicy::default(), &[Attempt::NotRun, Attempt::NotRun, Attempt::NotRun, failed()]);
        assert_eq!(tried, [0, 1, 3, 7, 67, 187]);
        assert_eq!((ended[0].1.condition, ended[0].1.invocations), (Condition::RetriesExhausted, 3));
    }

    #[test]
    fn an_event_that_is_always_throttled_is_given_up_at_six_hours() {
        let (tried, ended) = run(RetryPolicy::default(), &[Attempt::NotRun]);
        assert_eq!((ended[0].0, ended[0].1.condition), (21_600, Condition::EventAgeExceeded));
        assert_eq!(ended[0].1.invocations, 0);
        assert!(tried.windows(2).all(|pair| pair[1] - pair[0] <= 300), "no wait is longer than five minutes");
    }

    #[test]
    fn an_event_older_than_its_maximum_age_is_not_retried() {
        let (tried, ended) = run(RetryPolicy { age: Duration::from_secs(90), ..RetryPolicy::default() }, &[failed()]);
        assert_eq!(tried, [0, 60]);
        assert_eq!((ended[0].0, ended[0].1.condition), (90, Condition::EventAgeExceeded));
    }

    #[test]
    fn a_function_without_concurrency_is_not_retried() {
        let (tried, ended) = run(RetryPolicy::default(), &[Attempt::Refused]);
        assert_eq!((tried, ended[0].1.condition), (vec![0], Condition::RetriesExhausted));
    }
}

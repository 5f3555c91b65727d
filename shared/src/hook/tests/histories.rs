//! Every history ends in exactly one report, and none in a `Succeeded` that was not earned.
//!
//! A history is what Lambda and the world may do to one call of CodeDeploy: the event is delivered up to three times, each of them
//! twice at once or not; an attempt never starts (a wrong architecture, a broken initialisation), dies in the middle (no memory, the
//! function's timeout), or runs, with checks that pass, fail, panic or hang, in a world in which any call is refused, throttled, lost,
//! never answered, or panics. When Lambda gives up, its failure destination is told, and answers in the hook's place.

use std::future::{Future, pending};
use std::panic::resume_unwind;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::fakes::{Fault, World};
use crate::hook::LifecycleEvent::{AfterAllowTraffic, BeforeAllowTraffic};
use crate::hook::{HookError, HookReport, HookStatus, Reason, Verdict, run_hook};

/// Lambda's attempts at an asynchronous invocation.
const ATTEMPTS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Checks {
    Pass,
    Fail,
    Panic,
    Hang,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Attempt {
    /// The process does not come up.
    NeverStarts,
    /// The process is gone after so long.
    Dies(Duration, Checks),
    Runs(Checks),
    /// The event is delivered twice at the same time.
    Twice(Checks, Checks),
}

#[derive(Debug, Clone)]
struct History {
    event: Value,
    rolls_back: bool,
    attempts: Vec<Attempt>,
    reporting: Vec<Fault>,
    reading: Vec<Fault>,
    listing: Vec<Fault>,
    recording: Vec<Fault>,
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = prop_oneof![
        4 => Just(Fault::None),
        1 => Just(Fault::Denied),
        1 => Just(Fault::Throttled),
        1 => Just(Fault::Unavailable),
        1 => Just(Fault::Unexpected),
        1 => Just(Fault::AnswerLost),
        1 => Just(Fault::Slow(Duration::from_secs(2))),
        1 => Just(Fault::Hangs),
        1 => Just(Fault::Panics),
    ];
    proptest::collection::vec(fault, 0..8)
}

fn checks() -> impl Strategy<Value = Checks> {
    prop_oneof![Just(Checks::Pass), Just(Checks::Fail), Just(Checks::Panic), Just(Checks::Hang)]
}

fn attempt() -> impl Strategy<Value = Attempt> {
    prop_oneof![
        1 => Just(Attempt::NeverStarts),
        1 => (0u64..62_000, checks()).prop_map(|(millis, checks)| Attempt::Dies(Duration::from_millis(millis), checks)),
        2 => checks().prop_map(Attempt::Runs),
        1 => (checks(), checks()).prop_map(|(one, other)| Attempt::Twice(one, other)),
    ]
}

/// As CodeDeploy sends it, and as it might come to send it.
fn event() -> impl Strategy<Value = Value> {
    let (id, token) = (World::DEPLOYMENT, World::TOKEN);
    prop_oneof![
        6 => Just(json!({"DeploymentId": id, "LifecycleEventHookExecutionId": token})),
        1 => Just(json!({"deploymentId": id, "lifecycleEventHookExecutionId": token})),
        1 => Just(json!({"detail": {"DeploymentId": id, "LifecycleEventHookExecutionId": token}})),
        1 => Just(json!({"DeploymentId": id, "LifecycleEventHookExecutionId": token, "More": [1, 2]})),
    ]
}

fn history() -> impl Strategy<Value = History> {
    let world = (faults(), faults(), faults(), faults());
    let attempts = proptest::collection::vec(attempt(), ATTEMPTS);
    (event(), prop::bool::weighted(0.1), attempts, world).prop_map(
        |(event, rolls_back, attempts, (reporting, reading, listing, recording))| History {
            event,
            rolls_back,
            attempts,
            reporting,
            reading,
            listing,
            recording,
        },
    )
}

/// The world after the history, and whether checks passed in it.
struct Lived {
    world: World,
    passed: bool,
    in_time: bool,
    /// True if Lambda gave the hook up, and its destination answered.
    given_up: bool,
}

impl Lived {
    fn new(history: &History) -> Self {
        let mut world = World::calling(BeforeAllowTraffic);
        if history.rolls_back {
            world.codedeploy.roll_back(World::DEPLOYMENT);
        }
        let faulty = world.deployments.failing("PutLifecycleEventHookExecutionStatus", history.reporting.clone());
        let faulty = faulty.failing("GetDeployment", history.reading.clone());
        world.deployments = faulty.failing("ListDeploymentTargets", history.listing.clone());
        world.ledger = world.ledger.failing("PutItem", history.recording.clone());
        Self { world, passed: false, in_time: true, given_up: false }
    }

    fn run(&self, event: &Value, checks: Checks) -> impl Future<Output = Result<HookReport, HookError>> + use<> {
        let (hook, invocation) = (self.world.hook(BeforeAllowTraffic), World::invocation_with(event.clone()));
        async move {
            let judged = move |_| async move {
                match checks {
                    Checks::Pass => Verdict::Passed,
                    Checks::Fail => Verdict::Failed(Reason::new("bad").into()),
                    Checks::Panic => resume_unwind(Box::new("a bug in a check")),
                    Checks::Hang => pending().await,
                }
            };
            run_hook(&hook, invocation, judged).await
        }
    }

    /// One delivery by Lambda; true if it is done with the event.
    async fn deliver(&mut self, event: &Value, attempt: Attempt) -> bool {
        let ran: &[Checks] = match &attempt {
            Attempt::NeverStarts => &[],
            Attempt::Dies(_, checks) | Attempt::Runs(checks) => &[*checks],
            Attempt::Twice(one, other) => &[*one, *other],
        };
        self.passed |= ran.contains(&Checks::Pass);
        // Lambda ends a function after its 60 seconds.
        let limit = Duration::from_secs(60);
        match attempt {
            Attempt::NeverStarts => false,
            Attempt::Dies(after, checks) => timeout(after, self.run(event, checks)).await.is_ok_and(|end| end.is_ok()),
            Attempt::Runs(checks) => {
                let ended = timeout(limit, self.run(event, checks)).await;
                self.in_time &= ended.is_ok();
                ended.is_ok_and(|end| end.is_ok())
            }
            Attempt::Twice(one, other) => {
                let both = async { tokio::join!(self.run(event, one), self.run(event, other)) };
                let ended = timeout(limit, both).await;
                self.in_time &= ended.is_ok();
                ended.is_ok_and(|(one, other)| one.is_ok() && other.is_ok())
            }
        }
    }

    /// The failure destination, which is another hook: its event is Lambda's record of the one that was given up.
    async fn answered_for(&self, event: &Value) {
        let record = json!({
            "requestContext": {"functionArn": "arn:aws:lambda:r:a:function:hook", "condition": "RetriesExhausted"},
            "requestPayload": event,
        });
        for _ in 0..20 {
            let hook = self.world.hook(AfterAllowTraffic);
            let call = run_hook(&hook, World::invocation_with(record.clone()), |_| async { Verdict::Passed });
            if matches!(timeout(Duration::from_secs(60), call).await, Ok(Ok(_))) {
                return;
            }
        }
    }
}

async fn live(history: &History) -> Lived {
    let mut lived = Lived::new(history);
    for attempt in &history.attempts {
        if lived.deliver(&history.event, *attempt).await {
            return lived;
        }
    }
    lived.given_up = true;
    lived.answered_for(&history.event).await;
    lived
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn every_history_ends_in_exactly_one_report(history in history()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let lived = runtime.block_on(live(&history));
        prop_assert!(lived.in_time, "the hook was ended by its timeout");
        let reports = lived.world.codedeploy.reports(World::DEPLOYMENT);
        prop_assert_eq!(reports.len(), 1);
        let (event, status) = reports[0];
        prop_assert_eq!(event, BeforeAllowTraffic);
        if status == HookStatus::Succeeded {
            prop_assert!(lived.passed || history.rolls_back, "nothing has earned it");
        }
        // A record, if there is one, is that of the call to which CodeDeploy listened, unless writing it again was refused.
        if !lived.given_up && history.recording.iter().all(|fault| *fault == Fault::None) && !lost(&history) {
            let told = lived.world.recorded(BeforeAllowTraffic).and_then(|entry| entry.action);
            let died = history.attempts.iter().any(|attempt| matches!(attempt, Attempt::Dies(..)));
            prop_assert!(died || told.is_none_or(|told| told == status.reported()));
        }
    }
}

/// True if a report may have been taken while nobody heard of it: whose it was cannot be known then.
fn lost(history: &History) -> bool {
    history.reporting.iter().any(|fault| matches!(fault, Fault::AnswerLost | Fault::Slow(_)))
}

#[tokio::test(start_paused = true)]
async fn an_event_without_ids_is_answered_by_nobody_and_succeeds_nowhere() {
    let history = History {
        event: json!({"DeploymentId": World::DEPLOYMENT}),
        rolls_back: false,
        attempts: Vec::new(),
        reporting: Vec::new(),
        reading: Vec::new(),
        listing: Vec::new(),
        recording: Vec::new(),
    };
    let mut lived = Lived::new(&history);
    assert!(!lived.deliver(&history.event, Attempt::Runs(Checks::Pass)).await);
    assert!(lived.world.codedeploy.reports(World::DEPLOYMENT).is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_last_report_ends_before_the_function_does() {
    let slow = Fault::Slow(Duration::from_secs(2));
    let history = History {
        event: json!({"DeploymentId": World::DEPLOYMENT, "LifecycleEventHookExecutionId": World::TOKEN}),
        rolls_back: false,
        attempts: vec![Attempt::Runs(Checks::Pass), Attempt::NeverStarts, Attempt::NeverStarts],
        reporting: vec![Fault::Panics, Fault::Hangs, Fault::Panics, slow, slow],
        reading: vec![Fault::Hangs],
        listing: Vec::new(),
        recording: vec![slow],
    };
    let lived = live(&history).await;
    assert!(lived.in_time);
    assert_eq!(lived.world.codedeploy.reports(World::DEPLOYMENT).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn of_two_calls_at_once_the_first_report_stands_and_so_does_its_record() {
    for (one, other) in [(Checks::Pass, Checks::Fail), (Checks::Fail, Checks::Pass)] {
        let world = World::calling(BeforeAllowTraffic);
        let lived = Lived { world, passed: false, in_time: true, given_up: false };
        let event = json!({"DeploymentId": World::DEPLOYMENT, "LifecycleEventHookExecutionId": World::TOKEN});
        let (first, second) = tokio::join!(lived.run(&event, one), lived.run(&event, other));
        assert!(first.is_ok() && second.is_ok());
        let reports = lived.world.codedeploy.reports(World::DEPLOYMENT);
        assert_eq!(reports.len(), 1);
        assert_eq!(lived.world.recorded(BeforeAllowTraffic).unwrap().action, Some(reports[0].1.reported()));
    }
}

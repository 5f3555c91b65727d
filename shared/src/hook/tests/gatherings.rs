//! Functions that are released as one: nothing shifts before every suite has passed, whatever happens on the way.

use std::collections::BTreeSet;
use std::future::pending;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::fakes::{Fault, Faulty, World};
use crate::hook::LifecycleEvent::{AfterAllowTraffic, BeforeAllowTraffic};
use crate::hook::{
    Case, DeploymentInfo, Finding, HookError, HookReport, HookStatus, Invocation, Reason, Verdict, judge, look_after,
    run_hook,
};
use crate::ledger::{Gate, Gathering};

const REPORT: &str = "PutLifecycleEventHookExecutionStatus";

fn function(number: usize) -> String {
    format!("fn-{number}")
}

fn deployment(number: usize) -> String {
    format!("d-{number}")
}

/// A release of so many functions, each of which has just called its hook.
fn world(functions: usize) -> World {
    let world = World::calling(BeforeAllowTraffic);
    for number in 0..functions {
        let id = deployment(number);
        world.codedeploy.begin(&id, &function(number));
        world.codedeploy.call_hook(&id, BeforeAllowTraffic, &format!("token-{number}"));
    }
    let aliases = (0..functions).map(|number| (function(number), "live".to_owned())).collect();
    world.kept.gather(Gathering::of(World::STACK, "e-1", Timestamp::UNIX_EPOCH, aliases, Vec::new()));
    world
}

fn invocation(number: usize) -> Invocation {
    let (id, token) = (deployment(number), format!("token-{number}"));
    World::invocation_with(json!({"DeploymentId": id, "LifecycleEventHookExecutionId": token}))
}

async fn run(world: &World, number: usize, verdict: Verdict) -> Result<HookReport, HookError> {
    run_hook(&world.hook(BeforeAllowTraffic), invocation(number), move |_| async move { verdict }).await
}

fn failed() -> Verdict {
    Verdict::Failed(Reason::with_detail("check \"health\": status", "expected 200, got 500").into())
}

fn reports(world: &World, number: usize) -> Vec<HookStatus> {
    world.codedeploy.reports(&deployment(number)).into_iter().map(|(_, status)| status).collect()
}

async fn watch(world: &World, after: Duration) -> Vec<String> {
    let now = Timestamp::UNIX_EPOCH + after;
    look_after(&world.deployments, &world.ledger, World::STACK, &"production".parse().unwrap(), now)
        .await
        .unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn the_last_suite_that_passes_lets_all_go_on() {
    let world = world(3);
    for number in 0..2 {
        assert_eq!(run(&world, number, Verdict::Passed).await.unwrap().status, "Waiting");
        assert_eq!(reports(&world, number), []);
        let entry = world.kept.entry(&deployment(number), BeforeAllowTraffic).unwrap();
        assert_eq!((entry.verdict.as_str(), entry.closed), ("passed", false));
    }
    assert_eq!(run(&world, 2, Verdict::Passed).await.unwrap().status, "Succeeded");
    for number in 0..3 {
        assert_eq!(reports(&world, number), [HookStatus::Succeeded]);
        let entry = world.kept.entry(&deployment(number), BeforeAllowTraffic).unwrap();
        assert_eq!((entry.action.as_deref(), entry.closed), (Some("reported Succeeded"), true));
    }
    assert!(watch(&world, Duration::from_secs(3600)).await.is_empty(), "nobody is owed an answer");
}

/// Passes with one check, and says what is kept of it in the end.
async fn kept_checks(world: &World, other_comes_after: Duration) -> (Option<String>, Vec<String>) {
    let checked = |case: Case<_>| async move {
        case.run("health", async { Finding::Passed }).await;
        judge(&case.notebook.evidence().outcomes)
    };
    let hook = world.hook(BeforeAllowTraffic);
    let other = async {
        sleep(other_comes_after).await;
        run(world, 1, Verdict::Passed).await
    };
    let (first, other) = tokio::join!(run_hook(&hook, invocation(0), checked), other);
    assert_eq!((first.unwrap().status, other.unwrap().status), ("Waiting", "Succeeded"));
    let entry = world.kept.entry("d-0", BeforeAllowTraffic).unwrap();
    (entry.action, entry.checks.into_iter().map(|check| check.name).collect())
}

#[tokio::test(start_paused = true)]
async fn what_a_suite_found_is_kept_whoever_answers_for_it_and_however_fast() {
    let expected = (Some("reported Succeeded".to_owned()), vec!["health".to_owned()]);
    assert_eq!(kept_checks(&world(2), Duration::from_secs(5)).await, expected);
    let mut hurried = world(2);
    // The first has written down that it passed; before it records the verdict, the second has answered for both.
    hurried.ledger = hurried.ledger.failing("PutItem", [Fault::None, Fault::Slow(Duration::from_secs(1))]);
    assert_eq!(kept_checks(&hurried, Duration::from_millis(100)).await, expected);
}

#[tokio::test(start_paused = true)]
async fn one_failure_fails_those_that_wait_and_says_whose_it_is() {
    let world = world(3);
    run(&world, 0, Verdict::Passed).await.unwrap();
    assert_eq!(run(&world, 1, failed()).await.unwrap().status, "Failed");
    assert_eq!((reports(&world, 0), reports(&world, 1)), (vec![HookStatus::Failed], vec![HookStatus::Failed]));
    let entry = world.kept.entry("d-0", Gate::BeforeAllowTraffic).unwrap();
    let because = "the suite of fn-1, which is released with it, has not passed: check \"health\": status";
    assert_eq!((entry.verdict.as_str(), entry.reasons), ("failed", vec![because.to_owned()]));
    let late = run(&world, 2, Verdict::Passed).await.unwrap();
    assert_eq!((late.verdict, late.status), ("failed", "Failed"));
    assert_eq!(reports(&world, 2), [HookStatus::Failed]);
}

#[tokio::test(start_paused = true)]
async fn a_suite_is_not_run_again_while_others_are_waited_for() {
    let world = world(2);
    run(&world, 0, Verdict::Passed).await.unwrap();
    assert_eq!(run(&world, 0, failed()).await.unwrap().status, "Waiting");
    run(&world, 1, Verdict::Passed).await.unwrap();
    run(&world, 0, failed()).await.unwrap();
    assert_eq!(reports(&world, 0), [HookStatus::Succeeded]);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_too_long_fails_and_is_told_for_whom() {
    let world = world(2);
    run(&world, 0, Verdict::Passed).await.unwrap();
    assert!(watch(&world, Duration::from_secs(599)).await.is_empty());
    assert_eq!(watch(&world, Duration::from_secs(600)).await, ["d-0"]);
    assert_eq!(reports(&world, 0), [HookStatus::Failed]);
    assert!(world.kept.entry("d-0", Gate::BeforeAllowTraffic).unwrap().reasons[0].contains("the suite of fn-1"));
    assert!(watch(&world, Duration::from_secs(660)).await.is_empty(), "once");
}

#[tokio::test(start_paused = true)]
async fn answers_that_a_hook_died_before_giving_are_given_by_the_watch() {
    let mut world = world(2);
    run(&world, 0, Verdict::Passed).await.unwrap();
    world.deployments = world.deployments.failing(REPORT, [Fault::Hangs; 4]);
    let died = timeout(Duration::from_secs(1), run(&world, 1, Verdict::Passed)).await;
    assert!(died.is_err() && reports(&world, 0).is_empty());
    sleep(Duration::from_secs(60)).await;
    world.deployments = Faulty::new(world.codedeploy.clone());
    assert_eq!(watch(&world, Duration::from_secs(60)).await, ["d-0", "d-1"]);
    assert_eq!((reports(&world, 0), reports(&world, 1)), (vec![HookStatus::Succeeded], vec![HookStatus::Succeeded]));
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_is_not_the_releases_is_judged_by_itself() {
    let world = world(2);
    let info = DeploymentInfo { creator: Some("user".into()), ..DeploymentInfo::default() };
    world.codedeploy.set_info("d-0", info);
    assert_eq!(run(&world, 0, Verdict::Passed).await.unwrap().status, "Succeeded");
    assert_eq!(world.kept.gathering(World::STACK).unwrap().members[0].arrival, None);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_waits_for_nobody() {
    let world = world(2);
    run(&world, 0, failed()).await.unwrap();
    world.codedeploy.roll_back("d-1");
    run(&world, 1, failed()).await.unwrap();
    assert_eq!(reports(&world, 1), [HookStatus::Succeeded]);
}

#[tokio::test(start_paused = true)]
async fn a_function_that_is_released_by_itself_costs_one_read_and_after_the_shift_none() {
    for (event, faults, status) in [
        (BeforeAllowTraffic, vec![Fault::None, Fault::Denied], "Succeeded"),
        (BeforeAllowTraffic, vec![Fault::Denied], "Failed"),
        (AfterAllowTraffic, vec![Fault::Denied], "Succeeded"),
    ] {
        let mut world = World::calling(event);
        world.ledger = world.ledger.failing("GetItem", faults).failing("PutItem", [Fault::Denied]);
        let report = run_hook(&world.hook(event), World::invocation(), |_| async { Verdict::Passed }).await.unwrap();
        assert_eq!(report.status, status, "{event}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_or_may_not_be_written_down_is_found_out_by_the_next_call() {
    let mut world = world(2);
    world.ledger = world.ledger.failing("PutItem", [Fault::AnswerLost]);
    let error = run(&world, 0, Verdict::Passed).await.unwrap_err();
    assert_eq!(error.error_type(), "Hook.GatheringFailed");
    assert_eq!(run(&world, 0, failed()).await.unwrap().status, "Waiting");
    run(&world, 1, Verdict::Passed).await.unwrap();
    assert_eq!(reports(&world, 0), [HookStatus::Succeeded]);
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Suite {
    Passes,
    Fails,
    Panics,
    Hangs,
}

/// What Lambda makes of one delivery of an event.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Attempt {
    NeverStarts,
    /// The process is gone after so many milliseconds.
    Dies(u64, Suite),
    Runs(Suite),
    Twice(Suite, Suite),
}

#[derive(Debug, Clone)]
struct History {
    /// Of each function: the milliseconds before its hook is called, and what becomes of each delivery.
    functions: Vec<(u64, Vec<Attempt>)>,
    reporting: Vec<Fault>,
    reading: Vec<Fault>,
    writing: Vec<Fault>,
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = prop_oneof![
        6 => Just(Fault::None),
        1 => Just(Fault::Denied),
        1 => Just(Fault::Unavailable),
        1 => Just(Fault::AnswerLost),
        1 => Just(Fault::Slow(Duration::from_millis(700))),
        1 => Just(Fault::Hangs),
        1 => Just(Fault::Panics),
    ];
    prop_oneof![Just(Vec::new()), proptest::collection::vec(fault, 0..8)]
}

fn suite() -> impl Strategy<Value = Suite> {
    prop_oneof![6 => Just(Suite::Passes), 1 => Just(Suite::Fails), 1 => Just(Suite::Panics), 1 => Just(Suite::Hangs)]
}

fn attempt() -> impl Strategy<Value = Attempt> {
    prop_oneof![
        1 => Just(Attempt::NeverStarts),
        1 => (0u64..3_000, suite()).prop_map(|(millis, suite)| Attempt::Dies(millis, suite)),
        4 => suite().prop_map(Attempt::Runs),
        1 => (suite(), suite()).prop_map(|(one, other)| Attempt::Twice(one, other)),
    ]
}

fn history() -> impl Strategy<Value = History> {
    let function = (0u64..4_000, proptest::collection::vec(attempt(), 3));
    (proptest::collection::vec(function, 2..5), faults(), faults(), faults())
        .prop_map(|(functions, reporting, reading, writing)| History { functions, reporting, reading, writing })
}

/// The functions whose suites have passed so far. A function whose first pass comes after a shift was let through is noted.
#[derive(Debug, Clone, Default)]
struct Passed(Arc<Mutex<(BTreeSet<usize>, bool)>>);

impl Passed {
    fn note(&self, world: &World, number: usize, of: usize) {
        let mut noted = self.0.lock().unwrap();
        let shifts = (0..of).any(|each| reports(world, each).contains(&HookStatus::Succeeded));
        let first = noted.0.insert(number);
        noted.1 |= first && shifts;
    }
}

async fn call(world: World, number: usize, of: usize, suite: Suite, passed: Passed) -> bool {
    let (hook, seen) = (world.hook(BeforeAllowTraffic), world.clone());
    let checks = move |_| async move {
        sleep(Duration::from_millis(100)).await;
        match suite {
            Suite::Passes => {
                passed.note(&seen, number, of);
                Verdict::Passed
            }
            Suite::Fails => failed(),
            Suite::Panics => resume_unwind(Box::new("a bug in a check")),
            Suite::Hangs => pending().await,
        }
    };
    matches!(timeout(Duration::from_secs(60), run_hook(&hook, invocation(number), checks)).await, Ok(Ok(_)))
}

/// Lambda, with one function's event: three attempts, then the failure destination.
async fn lambda(world: World, number: usize, of: usize, (delay, attempts): (u64, Vec<Attempt>), passed: Passed) {
    sleep(Duration::from_millis(delay)).await;
    let call = |suite| call(world.clone(), number, of, suite, passed.clone());
    for attempt in attempts {
        let done = match attempt {
            Attempt::NeverStarts => false,
            Attempt::Dies(millis, suite) => {
                timeout(Duration::from_millis(millis), call(suite)).await.unwrap_or_default()
            }
            Attempt::Runs(suite) => call(suite).await,
            Attempt::Twice(one, other) => {
                let (one, other) = tokio::join!(call(one), call(other));
                one && other
            }
        };
        if done {
            return;
        }
        sleep(Duration::from_secs(60)).await;
    }
    let record = json!({
        "requestContext": {"functionArn": "arn:aws:lambda:r:a:function:hook", "condition": "RetriesExhausted"},
        "requestPayload": invocation(number).payload,
    });
    for _ in 0..20 {
        let hook = world.hook(AfterAllowTraffic);
        let run = run_hook(&hook, World::invocation_with(record.clone()), |_| async { Verdict::Passed });
        if matches!(timeout(Duration::from_secs(60), run).await, Ok(Ok(_))) {
            return;
        }
    }
}

async fn live(history: &History) -> (World, Passed) {
    let of = history.functions.len();
    let (mut world, passed) = (world(of), Passed::default());
    world.deployments = world.deployments.failing(REPORT, history.reporting.clone());
    world.ledger = world.ledger.failing("GetItem", history.reading.clone());
    world.ledger = world.ledger.failing("PutItem", history.writing.clone());
    let (began, mut hooks) = (Instant::now(), JoinSet::new());
    for (number, function) in history.functions.iter().cloned().enumerate() {
        hooks.spawn(lambda(world.clone(), number, of, function, passed.clone()));
    }
    // Two runs of the watch at once, every minute of half an hour.
    for _ in 0..30 {
        sleep(Duration::from_secs(60)).await;
        let looks = [began.elapsed(); 2].map(|elapsed| {
            let world = world.clone();
            tokio::spawn(async move { timeout(Duration::from_secs(50), watch(&world, elapsed)).await })
        });
        for look in looks {
            let _ = look.await;
        }
    }
    while hooks.join_next().await.is_some() {}
    (world, passed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn nothing_shifts_before_every_suite_has_passed(history in history()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (world, passed) = runtime.block_on(live(&history));
        let of = history.functions.len();
        let statuses: Vec<Vec<HookStatus>> = (0..of).map(|number| reports(&world, number)).collect();
        prop_assert!(statuses.iter().all(|reports| reports.len() == 1), "{:?}", statuses);
        let (passed, too_late) = passed.0.lock().unwrap().clone();
        prop_assert!(!too_late, "a suite passed after a shift was let through");
        let succeeded = statuses.iter().filter(|reports| reports[0] == HookStatus::Succeeded).count();
        if succeeded > 0 {
            prop_assert_eq!(passed.len(), of, "a shift was let through that was not earned");
        }
        // Where nobody is kept from the ledger all are told the same.
        if history.reading.is_empty() && history.writing.is_empty() {
            prop_assert!(succeeded == 0 || succeeded == of, "{:?}", statuses);
        }
    }
}

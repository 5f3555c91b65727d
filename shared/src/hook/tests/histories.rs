//! Every history ends in exactly one report: any faults anywhere, with Lambda's two retries after an error.

use std::future::pending;

use proptest::prelude::*;

use crate::fakes::{Fault, World};
use crate::hook::LifecycleEvent::BeforeAllowTraffic;
use crate::hook::{HookStatus, Reason, Verdict, run_hook};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Behaviour {
    Passes,
    Fails,
    Panics,
    Hangs,
}

#[derive(Debug, Clone)]
struct History {
    behaviours: Vec<Behaviour>,
    reporting: Vec<Fault>,
    reading: Vec<Fault>,
    recording: Vec<Fault>,
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = prop_oneof![
        Just(Fault::None),
        Just(Fault::Denied),
        Just(Fault::Throttled),
        Just(Fault::Unavailable),
        Just(Fault::Unexpected),
        Just(Fault::AnswerLost),
        Just(Fault::Hangs),
        Just(Fault::Panics),
    ];
    proptest::collection::vec(fault, 0..8)
}

fn history() -> impl Strategy<Value = History> {
    let behaviour =
        prop_oneof![Just(Behaviour::Passes), Just(Behaviour::Fails), Just(Behaviour::Panics), Just(Behaviour::Hangs)];
    (proptest::collection::vec(behaviour, 1..4), faults(), faults(), faults())
        .prop_map(|(behaviours, reporting, reading, recording)| History { behaviours, reporting, reading, recording })
}

/// CodeDeploy's call and, as Lambda makes them, up to two more while the hook returns an error. The faults of the last are over.
async fn live(history: History) -> (World, Vec<Behaviour>) {
    let mut world = World::calling(BeforeAllowTraffic);
    world.deployments = world
        .deployments
        .failing("PutLifecycleEventHookExecutionStatus", history.reporting.iter().copied().take(8))
        .failing("GetDeployment", history.reading);
    world.parameters = world.parameters.failing("PutParameter", history.recording);
    let mut ran = Vec::new();
    for attempt in 0..9 {
        let hook = world.hook(BeforeAllowTraffic);
        let behaviour = history.behaviours[attempt % history.behaviours.len()];
        ran.push(behaviour);
        let invocation = World::invocation();
        let deadline = invocation.deadline;
        let outcome = run_hook(&hook, invocation, move |_| async move {
            match behaviour {
                Behaviour::Passes => Verdict::Passed,
                Behaviour::Fails => Verdict::Failed(Reason::new("bad").into()),
                Behaviour::Panics => panic!("a bug in a check"),
                Behaviour::Hangs => pending().await,
            }
        })
        .await;
        assert!(!deadline.remaining().is_zero(), "the deadline is over");
        if outcome.is_ok() {
            break;
        }
    }
    (world, ran)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_history_ends_in_exactly_one_report(history in history()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (world, ran) = runtime.block_on(live(history));
        let reports = world.codedeploy.reports(World::DEPLOYMENT);
        prop_assert_eq!(reports.len(), 1);
        let (event, status) = reports[0];
        prop_assert_eq!(event, BeforeAllowTraffic);
        if !ran.contains(&Behaviour::Passes) {
            prop_assert_eq!(status, HookStatus::Failed);
        }
    }
}

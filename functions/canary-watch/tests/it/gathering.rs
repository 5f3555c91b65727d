//! Functions of a release that wait for each other.

use slipway_shared::fakes::Failure;
use slipway_shared::hook::HookStatus;
use slipway_shared::ledger::{Arrival, Gate, Gathering};

use crate::world::{World, at};

const ID: &str = "d-WAITS";

/// The suite of `a` has passed at the beginning of minute 0; that of `b` has not ended.
fn world() -> World {
    let world = World::empty();
    let aliases = ["a", "b"].map(|function| (function.to_owned(), "live".to_owned())).into();
    let mut gathering = Gathering::of(&world.settings.stack, "e-1", at(0), aliases, Vec::new());
    let arrival = Arrival {
        deployment_id: ID.to_owned(),
        application: "app".to_owned(),
        deployment_group: "group".to_owned(),
        execution_id: "token".parse().ok(),
        current_version: Some("1".to_owned()),
        target_version: "2".to_owned(),
        began: at(0),
        passed: true,
    };
    gathering.come("a", "live", arrival, "");
    world.ledger.gather(gathering);
    world
}

fn failed(times: usize) -> Vec<(String, HookStatus)> {
    vec![(ID.to_owned(), HookStatus::Failed); times]
}

#[tokio::test]
async fn whoever_waits_too_long_is_answered_once() {
    let world = world();
    world.tick(9).await.unwrap();
    assert_eq!(world.shifts.reports(), []);
    world.tick(10).await.unwrap();
    assert_eq!(world.shifts.reports(), failed(1));
    let entry = world.ledger.entry(ID, Gate::BeforeAllowTraffic).unwrap();
    assert!(entry.reasons[0].contains("the suite of b"), "{entry:?}");
    world.tick(11).await.unwrap();
    assert_eq!(world.shifts.reports(), failed(1));
}

#[tokio::test]
async fn a_fault_at_any_call_is_made_good_by_the_next_run() {
    for failure in [Failure::Refused, Failure::AnswerLost, Failure::Death] {
        for call in 0.. {
            let world = world();
            world.fuse.blow_at(call, failure);
            let first = world.tick(10).await;
            let reached = world.fuse.calls().len() > call;
            world.fuse.mend();
            world.tick(11).await.unwrap();
            let reports = world.shifts.reports();
            // Whether an answer that was lost has been heard can only be found out by giving it again.
            assert!([failed(1), failed(2)].contains(&reports), "{failure:?} at {call}: {reports:?}");
            world.tick(12).await.unwrap();
            assert_eq!(world.shifts.reports(), reports, "{failure:?} at {call}");
            if !reached {
                first.unwrap();
                break;
            }
        }
    }
}

#[tokio::test]
async fn whoever_waits_is_answered_also_if_the_verdict_cannot_be_kept() {
    let keeps = {
        let world = world();
        world.tick(10).await.unwrap();
        world.fuse.calls().iter().position(|call| *call == "PutItem").unwrap()
    };
    let world = world();
    world.fuse.blow_at(keeps, Failure::Refused);
    world.tick(10).await.unwrap_err();
    assert_eq!(world.shifts.reports(), failed(1));
}

#[tokio::test]
async fn two_runs_at_once_say_the_same() {
    let world = world();
    let (one, other) = tokio::join!(world.tick(10), world.tick(10));
    one.unwrap();
    other.unwrap();
    let reports = world.shifts.reports();
    assert!([failed(1), failed(2)].contains(&reports), "{reports:?}");
    world.tick(11).await.unwrap();
    assert_eq!(world.shifts.reports(), reports);
}

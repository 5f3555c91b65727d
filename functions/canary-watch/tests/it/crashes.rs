//! Runs that die anywhere, and runs at once: the shift is stopped, and people are told.

use canary_watch::Did;
use slipway_shared::fakes::Failure;
use slipway_shared::ledger::Notice;

use crate::world::{ID, Traffic, World, well};

fn failing() -> World {
    let world = World::with_canary();
    world.traffic(0..10, well(900), Traffic { failures: 30, ..well(100) });
    world
}

/// The number of calls of a run that stops.
async fn calls() -> usize {
    let world = failing();
    world.tick(6).await.unwrap();
    world.fuse.calls().len()
}

#[tokio::test]
async fn whichever_call_fails_the_next_runs_stop_the_shift_and_tell_people() {
    for failure in [Failure::Refused, Failure::AnswerLost, Failure::Death] {
        for call in 0..calls().await {
            let world = failing();
            world.fuse.blow_at(call, failure);
            let _ = world.tick(6).await;
            world.fuse.mend();
            // A claim on the notification that somebody died with is taken over after a while.
            for minute in [7, 8, 12] {
                world.tick(minute).await.unwrap();
            }
            assert_eq!(world.shifts.status(ID), "Stopped", "{failure:?} {call}");
            assert!(matches!(world.entry().notice, Some(Notice::Sent(_))), "{failure:?} {call}");
            let sent = world.notifications.sent().len();
            assert!((1..=2).contains(&sent), "{failure:?} {call}: {sent}");
        }
    }
}

#[tokio::test]
async fn two_runs_at_once_stop_once_and_tell_once() {
    let world = failing();
    let (one, other) = tokio::join!(world.tick(6), world.tick(6));
    let did: Vec<Did> = [one, other].into_iter().flat_map(|run| run.unwrap().looked).map(|looked| looked.did).collect();
    assert!(did.contains(&Did::Stopped) && did.contains(&Did::LeftToAnother), "{did:?}");
    assert_eq!((world.shifts.status(ID).as_str(), world.notifications.sent().len()), ("Stopped", 1));
}

#[tokio::test]
async fn a_run_after_the_stop_changes_nothing() {
    let world = failing();
    world.tick(6).await.unwrap();
    let entry = world.entry();
    world.tick(7).await.unwrap();
    assert_eq!((world.entry(), world.notifications.sent().len()), (entry, 1));
}

#[tokio::test]
async fn a_deployment_that_was_over_in_the_meantime_is_told_as_such() {
    let world = failing();
    // The run dies after its verdict, and the canary goes on to its end.
    let stop = {
        let world = failing();
        world.tick(6).await.unwrap();
        world.fuse.calls().iter().position(|call| *call == "StopDeployment").unwrap()
    };
    world.fuse.blow_at(stop, Failure::Death);
    let _ = world.tick(6).await;
    world.fuse.mend();
    world.shifts.change(ID, |state| state.status = "Succeeded".into());
    world.tick(11).await.unwrap();
    let sent = world.notifications.sent();
    assert!(sent.len() == 1 && sent[0].body.contains("could not be stopped"), "{sent:?}");
}

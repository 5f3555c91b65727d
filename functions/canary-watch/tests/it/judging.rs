//! What stops a shift, and what does not.

use canary_watch::Did;
use slipway_shared::manifest::Inconclusive;
use test_case::test_case;

use crate::world::{ID, Traffic, World, lambda_dimensions, watched, well};

#[tokio::test]
async fn a_good_release_is_looked_at_every_minute_and_passes_at_the_end() {
    let world = World::with_canary();
    world.traffic(
        0..10,
        Traffic { failures: 9, errors: 9, slow: 20, ..well(900) },
        Traffic { failures: 1, slow: 2, ..well(100) },
    );
    assert_eq!(watched(&world).await, (9, Did::Passed));
    let entry = world.entry();
    assert_eq!((entry.verdict.as_str(), entry.closed, entry.stops), ("passed", true, false));
    assert_eq!((entry.reasons.as_slice(), entry.notice), (&[][..], None));
    assert_eq!(world.shifts.status(ID), "InProgress");
    assert!(world.notifications.sent().is_empty());
}

#[tokio::test]
async fn failures_that_lambda_does_not_see_stop_the_shift_with_their_numbers_and_the_probability() {
    let world = World::with_canary();
    world.traffic(0..10, well(900), Traffic { failures: 12, ..well(100) });
    let (minute, did) = watched(&world).await;
    assert!(minute < 5 && did == Did::Stopped, "{minute} {did:?}");
    assert_eq!(world.shifts.status(ID), "Stopped");
    let entry = world.entry();
    assert_eq!((entry.verdict.as_str(), entry.action.as_deref()), ("failed", Some("stopped")));
    let why = entry.reasons.join("; ");
    assert!(why.contains("failures: 12 bad of 100 requests of the target, 0 of 900 of the current version"), "{why}");
    assert!(why.contains("with a probability of at most 0.0"), "{why}");
    let sent = world.notifications.sent();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].subject.contains("stopped") && sent[0].body.contains("12 bad of 100"), "{}", sent[0].body);
}

#[test_case(Traffic { errors: 10, ..well(100) }; "function errors")]
#[test_case(Traffic { slow: 40, ..well(100) }; "slow requests")]
#[tokio::test]
async fn a_target_that_is_worse_stops(target: Traffic) {
    let world = World::with_canary();
    world.traffic(0..10, Traffic { slow: 9, ..well(900) }, target);
    assert_eq!(watched(&world).await.1, Did::Stopped);
}

/// The fix of a version that fails for everybody.
#[tokio::test]
async fn errors_of_the_current_version_stop_nothing() {
    let world = World::with_canary();
    world.traffic(0..10, Traffic { failures: 450, errors: 450, slow: 450, ..well(900) }, well(100));
    assert_eq!(watched(&world).await.1, Did::Passed);
}

#[tokio::test]
async fn slow_requests_of_the_first_minute_and_of_few_are_not_held_against_the_target() {
    let world = World::with_canary();
    world.traffic(0..1, well(900), Traffic { slow: 100, ..well(100) });
    world.traffic(1..8, well(900), well(100));
    world.traffic(8..10, well(900), Traffic { slow: 5, ..well(5) });
    assert_eq!(watched(&world).await.1, Did::Passed);
}

#[test_case(Inconclusive::Stop, Did::Stopped, "Stopped")]
#[test_case(Inconclusive::Pass, Did::Passed, "InProgress")]
#[tokio::test]
async fn too_little_traffic_is_inconclusive_and_dealt_with_at_the_end(policy: Inconclusive, did: Did, status: &str) {
    let mut world = World::with_canary();
    world.settings.inconclusive = policy;
    world.traffic(0..10, well(9), well(1));
    assert_eq!(watched(&world).await, (9, did));
    assert_eq!((world.entry().verdict.as_str(), world.shifts.status(ID).as_str()), ("inconclusive", status));
}

#[tokio::test]
async fn metrics_that_cannot_be_read_pass_nothing() {
    let world = World::with_canary();
    world.traffic(0..10, well(900), well(100));
    for name in ["Invocations", "Duration"] {
        world.metrics.hide("AWS/Lambda", name, &lambda_dimensions("2"));
    }
    world.metrics.hide("own", "Requests", &[("Service", "api"), ("Resource", "api:live"), ("ExecutedVersion", "2")]);
    assert_eq!(watched(&world).await, (9, Did::Stopped));
    assert!(world.entry().reasons.join("; ").contains("could not be read"), "{:?}", world.entry().reasons);
}

#[tokio::test]
async fn a_function_that_counts_no_failures_is_judged_by_the_rest() {
    let world = World::with_canary();
    world.lambda_traffic(0..10, well(900), well(100));
    assert_eq!(watched(&world).await, (9, Did::Passed));
    assert!(world.entry().notes.join("; ").contains("failures: not compared"));
}

#[tokio::test]
async fn a_target_that_stopped_counting_its_failures_does_not_pass() {
    let world = World::with_canary();
    world.traffic(0..10, well(900), well(0));
    world.lambda_traffic(0..10, well(0), well(100));
    assert_eq!(watched(&world).await, (9, Did::Stopped));
    assert_eq!(world.entry().verdict, "inconclusive");
}

#[tokio::test]
async fn a_release_that_was_let_on_is_stopped_if_the_last_minutes_tell_of_failures() {
    let world = World::with_canary();
    world.traffic(0..8, well(900), well(100));
    assert_eq!(world.did(9).await, Did::Passed);
    let entry = world.entry();
    assert_eq!((world.did(9).await, world.entry()), (Did::Finished, entry));
    world.traffic(8..9, well(900), Traffic { failures: 50, ..well(100) });
    assert_eq!(world.did(10).await, Did::Stopped);
}

#[tokio::test]
async fn data_that_comes_late_is_judged_by_the_next_look() {
    let world = World::with_canary();
    world.traffic(0..10, well(900), well(0));
    assert_eq!(world.did(7).await, Did::Judged);
    world.traffic(0..10, well(0), Traffic { failures: 30, ..well(100) });
    assert_eq!(world.did(8).await, Did::Stopped);
}

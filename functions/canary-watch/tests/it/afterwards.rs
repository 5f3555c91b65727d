//! The last verdict, over all of a shift, when it has ended.

use canary_watch::{Did, Report};
use slipway_shared::deployments::TrafficRouting;
use slipway_shared::fakes::Failure;
use slipway_shared::ledger::Notice;
use slipway_shared::manifest::Inconclusive;
use test_case::test_case;

use crate::world::{FUNCTION, ID, Traffic, World, at, lambda_dimensions, watched, well};

/// The shift has ended after ten minutes, and the deployment has this status.
fn ended(world: &World, status: &str) {
    world.shifts.change(ID, |state| {
        state.ended = Some(at(10));
        state.status = status.into();
    });
}

const BAD: Traffic = Traffic { failures: 50, ..well(100) };

/// Nothing is amiss but for the last two minutes, which no look could see.
fn bad_at_the_end() -> World {
    let world = World::with_canary();
    world.traffic(0..8, well(900), well(100));
    world
}

#[tokio::test]
async fn a_shift_that_was_well_to_its_end_has_its_last_verdict_over_all_of_it() {
    let world = World::with_canary();
    world.traffic(0..10, well(900), well(100));
    assert_eq!(watched(&world).await, (9, Did::Passed));
    let seen = world.entry().looks;
    ended(&world, "Succeeded");
    assert_eq!(world.tick(10).await.unwrap(), Report::default(), "its last minute may still be coming in");
    assert_eq!(world.did(11).await, Did::Passed);
    let entry = world.entry();
    assert_eq!((entry.verdict.as_str(), entry.score, entry.notice), ("passed", Some(100.0), None));
    assert!(entry.looks > seen, "{} {seen}", entry.looks);
    assert_eq!(world.tick(12).await.unwrap(), Report::default(), "it is given once");
    assert_eq!(world.entry(), entry);
}

#[tokio::test]
async fn what_shows_after_the_end_is_told_with_the_command_that_brings_the_version_from_before_back() {
    let world = bad_at_the_end();
    assert_eq!(watched(&world).await, (9, Did::Passed));
    world.traffic(8..10, well(900), BAD);
    ended(&world, "Succeeded");
    assert_eq!(world.did(11).await, Did::TooLate);
    let entry = world.entry();
    assert_eq!((entry.verdict.as_str(), world.shifts.status(ID).as_str()), ("failed", "Succeeded"));
    let sent = world.notifications.sent();
    assert_eq!(sent.len(), 1);
    let body = &sent[0].body;
    assert!(sent[0].subject.contains("could not be stopped: it was over already"), "{}", sent[0].subject);
    assert!(body.contains("aws lambda update-alias --function-name api --name live --function-version 1 "), "{body}");
    assert_eq!(world.tick(12).await.unwrap(), Report::default());
    assert_eq!(world.notifications.sent().len(), 1);
}

/// The hook after the shift is still at it: CodeDeploy still rolls back.
#[tokio::test]
async fn a_deployment_that_is_not_over_is_stopped_by_the_last_verdict() {
    let world = bad_at_the_end();
    watched(&world).await;
    world.traffic(8..10, well(900), BAD);
    ended(&world, "InProgress");
    assert_eq!(world.did(10).await, Did::NothingShared);
    assert_eq!(world.did(11).await, Did::Stopped);
    assert_eq!(world.shifts.status(ID), "Stopped");
    assert!(!world.notifications.sent()[0].body.contains("update-alias"));
}

#[test_case("InProgress")]
#[test_case("Succeeded")]
#[tokio::test]
async fn a_verdict_that_let_on_is_not_taken_back_for_metrics_that_cannot_be_read(status: &str) {
    let world = World::with_canary();
    world.traffic(0..10, well(900), well(100));
    watched(&world).await;
    ended(&world, status);
    for name in ["Invocations", "Duration"] {
        world.metrics.hide("AWS/Lambda", name, &lambda_dimensions("2"));
    }
    world.metrics.hide("own", "Requests", &[("Service", FUNCTION), ("Resource", "api:live"), ("ExecutedVersion", "2")]);
    world.tick(11).await.unwrap();
    assert_eq!(world.shifts.status(ID), status);
    assert!(world.notifications.sent().is_empty());
}

#[tokio::test]
async fn what_had_too_little_to_the_end_is_kept_as_such_and_nobody_is_woken() {
    let mut world = World::with_canary();
    world.settings.inconclusive = Inconclusive::Pass;
    world.traffic(0..10, well(9), well(1));
    watched(&world).await;
    ended(&world, "Succeeded");
    assert_eq!(world.did(11).await, Did::Passed);
    assert_eq!((world.entry().verdict.as_str(), world.entry().notice), ("inconclusive", None));
}

#[tokio::test]
async fn a_run_that_dies_with_the_last_verdict_leaves_the_message_to_the_next() {
    let world = bad_at_the_end();
    watched(&world).await;
    world.traffic(8..10, well(900), BAD);
    ended(&world, "Succeeded");
    let calls = {
        world.fuse.mend();
        world.fuse.blow_at(usize::MAX, Failure::Death);
        world.tick(10).await.unwrap();
        world.fuse.calls().len()
    };
    for call in 0..2 * calls {
        let world = bad_at_the_end();
        watched(&world).await;
        world.traffic(8..10, well(900), BAD);
        ended(&world, "Succeeded");
        world.fuse.mend();
        world.fuse.blow_at(call, Failure::Death);
        let _ = world.tick(11).await;
        world.fuse.mend();
        for minute in [12, 13, 16] {
            world.tick(minute).await.unwrap();
        }
        assert!(matches!(world.entry().notice, Some(Notice::Sent(_))), "{call}");
        assert!((1..=2).contains(&world.notifications.sent().len()), "{call}");
    }
}

fn at_once(before: Traffic, after: Traffic) -> World {
    let world = World::empty();
    world.shifts.begin(ID, FUNCTION, TrafficRouting::AllAtOnce, at(0));
    world.shifts.change(ID, |state| {
        state.ended = Some(at(0));
        state.status = "Succeeded".into();
    });
    world.alias_traffic(before, after);
    world
}

#[tokio::test]
async fn a_shift_all_at_once_is_compared_with_what_was_before_it() {
    let world = at_once(well(100), well(100));
    assert_eq!(world.tick(5).await.unwrap(), Report::default(), "five minutes are awaited");
    assert_eq!(world.did(6).await, Did::Passed);
    let entry = world.entry();
    assert_eq!((entry.verdict.as_str(), entry.looks), ("passed", 5));
    assert!(entry.notes.join("; ").contains("no traffic was shared"), "{:?}", entry.notes);
    assert_eq!(world.tick(7).await.unwrap(), Report::default(), "it is given once");
}

#[test_case("Succeeded"; "it is over")]
#[test_case("InProgress"; "its last hook is still at it")]
#[tokio::test]
async fn what_is_worse_after_a_shift_all_at_once_is_told_and_not_stopped(status: &str) {
    let world = at_once(well(100), Traffic { errors: 20, ..well(100) });
    world.shifts.change(ID, |state| state.status = status.into());
    assert_eq!(world.did(6).await, Did::TooLate);
    assert_eq!((world.entry().verdict.as_str(), world.entry().stops), ("failed", false));
    assert_eq!(world.shifts.status(ID), status);
    let body = &world.notifications.sent()[0].body;
    assert!(body.contains("what was before is no proof") && body.contains("--function-version 1 "), "{body}");
    world.tick(7).await.unwrap();
    assert_eq!(world.notifications.sent().len(), 1);
}

#[tokio::test]
async fn a_rollback_that_has_succeeded_is_not_judged() {
    let world = at_once(well(100), Traffic { errors: 20, ..well(100) });
    world.shifts.change(ID, |state| state.creator = "codeDeployRollback".into());
    assert_eq!(world.tick(6).await.unwrap(), Report::default());
}

//! The faults that the schedule mends.

use std::time::Duration;

use deploy_trigger::Report;
use slipway_shared::fakes::Failure;
use slipway_shared::release::{Found, Queue, ReleaseState};
use test_case::test_case;

use crate::world::{EXECUTION, STACK, World};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn an_event_of_the_stack_that_never_came_is_made_up_for() {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    world.reconcile().await.unwrap();
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Executing);
    let _ = world.stacks.end(STACK, "UPDATE_ROLLBACK_COMPLETE");
    for _ in 0..3 {
        world.reconcile().await.unwrap();
        assert_eq!(world.record(EXECUTION).state, ReleaseState::Failed);
    }
    assert_eq!(world.notifications.sent().len(), 1);
    assert_eq!(world.state().tickets, []);
}

#[tokio::test]
async fn an_execution_of_which_no_event_told_is_found() {
    let world = World::ready();
    // Its event may still come.
    world.clock.set("2026-11-20T10:02:00Z");
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { found: 0 });
    world.clock.set("2026-11-20T10:03:01Z");
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { found: 1 });
    assert_eq!(world.stacks.executions(), [EXECUTION]);
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { found: 0 });
    world.end("UPDATE_COMPLETE").await;
    world.clock.advance(HOUR);
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { found: 0 });
}

#[tokio::test]
async fn an_execution_is_not_made_up_for_if_something_newer_is_live_or_a_day_has_passed() {
    let world = World::ready();
    world.build("newer", 30, "api new");
    world.succeed("newer").await.unwrap();
    world.end("UPDATE_COMPLETE").await;
    world.clock.advance(HOUR);
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { found: 0 });
    let world = World::ready();
    world.clock.advance(HOUR * 25);
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { found: 0 });
}

#[tokio::test]
async fn details_that_lag_behind_the_event_are_waited_for() {
    let world = World::ready();
    world.pipelines.lag(EXECUTION, 2);
    world.succeed(EXECUTION).await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Waiting);
    assert!(record.reason.unwrap().contains("no successful action of the category Build"));
    world.reconcile().await.unwrap();
    world.reconcile().await.unwrap();
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Executing);

    let world = World::ready();
    world.pipelines.lag(EXECUTION, 100);
    world.succeed(EXECUTION).await.unwrap();
    world.clock.advance(Duration::from_secs(15 * 60 + 1));
    world.reconcile().await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Failed);
    assert!(record.reason.unwrap().ends_with("even after 15 minutes"));
}

#[tokio::test]
async fn a_release_that_waited_for_a_busy_stack_goes_on_when_it_is_free() {
    let world = World::ready();
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap();
    world.reconcile().await.unwrap();
    assert_eq!(world.stacks.executions(), [""; 0]);
    // The end of somebody else's operation is enough: nobody waits for the schedule.
    world.end("UPDATE_COMPLETE").await;
    assert_eq!(world.stacks.executions(), [EXECUTION]);
}

#[tokio::test]
async fn of_several_that_waited_the_newest_is_released() {
    let world = World::ready();
    world.build("newer", 30, "api new");
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap();
    world.succeed("newer").await.unwrap();
    world.stacks.set_status(STACK, "UPDATE_COMPLETE");
    world.reconcile().await.unwrap();
    assert_eq!(world.stacks.executions(), ["newer"]);
    world.end("UPDATE_COMPLETE").await;
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Superseded);
}

#[tokio::test]
async fn an_older_release_takes_the_place_of_a_newer_one_that_failed() {
    let world = World::ready();
    world.build_artifact("newer", 30, b"not a zip".to_vec());
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap();
    world.succeed("newer").await.unwrap();
    world.end("UPDATE_COMPLETE").await;
    assert_eq!(world.record("newer").state, ReleaseState::Failed);
    assert_eq!(world.stacks.executions(), [EXECUTION]);
    world.end("UPDATE_COMPLETE").await;
    assert_eq!(world.record(EXECUTION).state, ReleaseState::Succeeded);
}

#[tokio::test]
async fn a_queue_in_order_releases_each() {
    let mut world = World::ready();
    world.settings.queue = Queue::InOrder;
    world.build("second", 20, "api two");
    world.build("third", 40, "api three");
    for execution in ["third", EXECUTION, "second"] {
        world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
        world.succeed(execution).await.unwrap();
    }
    for _ in 0..4 {
        world.end("UPDATE_COMPLETE").await;
    }
    assert_eq!(world.stacks.executions(), [EXECUTION, "second", "third"]);
}

#[tokio::test]
async fn a_release_that_waited_three_days_is_given_up_with_what_it_waited_for() {
    let world = World::ready();
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap();
    world.clock.advance(HOUR * 73);
    world.reconcile().await.unwrap();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Failed);
    assert_eq!(record.reason.as_deref(), Some("given up after 72 hours: the stack is busy: UPDATE_IN_PROGRESS"));
}

#[tokio::test]
async fn an_attempt_that_may_still_run_keeps_its_lock_until_it_can_run_no_more() {
    let world = World::ready();
    world.fuse.blow_at(3, Failure::Death);
    world.succeed(EXECUTION).await.unwrap_err();
    world.fuse.mend();
    assert_eq!(world.reconcile().await.unwrap(), Report::InHand);
    world.clock.advance(Duration::from_secs(331));
    world.reconcile().await.unwrap();
    assert_eq!(world.stacks.executions(), [EXECUTION]);
}

#[tokio::test]
async fn a_release_whose_attempt_failed_says_why_until_it_goes_on() {
    let world = World::ready();
    world.fuse.blow_at(3, Failure::Refused);
    world.succeed(EXECUTION).await.unwrap_err();
    let record = world.record(EXECUTION);
    assert_eq!(record.state, ReleaseState::Waiting);
    assert!(record.reason.unwrap().starts_with("the last attempt failed: an AWS call failed: ListActionExecutions"));
    assert_eq!(world.state().lock, None);
    world.reconcile().await.unwrap();
    assert_eq!(world.stacks.executions(), [EXECUTION]);
}

#[test_case(Found::from_text("{"); "a damaged record")]
#[test_case(Found::from_text(r#"{"version": 99, "of": "the future"}"#); "a record of a later version")]
#[tokio::test]
async fn one_record_that_cannot_be_used_stops_nothing_but_itself(found: Found) {
    let world = World::ready();
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap();
    world.build("older", 0, "api old");
    world.succeed("older").await.unwrap();
    world.releases.set(&world.key(), "older", found);
    world.end("UPDATE_COMPLETE").await;
    assert_eq!(world.stacks.executions(), [EXECUTION]);
    assert_eq!(world.releases.record(&world.key(), "older"), None);
    let report = world.succeed("older").await.unwrap();
    assert!(matches!(report, Report::Ignored { .. }), "{report:?}");
}

//! The faults that the schedule mends.

use std::time::Duration;

use deploy_trigger::Report;
use slipway_shared::fakes::Failure;
use slipway_shared::release::ReleaseState;

use crate::world::{EXECUTION, STACK, World};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn an_event_that_never_came_is_made_up_for() {
    let world = World::ready();
    world.succeed(EXECUTION).await.unwrap();
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { open: 1, moved: 0 });
    let _ = world.stacks.end(STACK, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { open: 1, moved: 1 });
    assert_eq!(world.record(EXECUTION).await.state, ReleaseState::Failed);
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { open: 0, moved: 0 });
    assert_eq!(world.notifications.sent().len(), 1);
}

#[tokio::test]
async fn a_release_that_waited_for_a_busy_stack_goes_on_when_it_is_free() {
    let world = World::ready();
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap_err();
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { open: 1, moved: 0 });
    world.stacks.set_status(STACK, "UPDATE_COMPLETE");
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { open: 1, moved: 1 });
    assert_eq!(world.stacks.executions(), [EXECUTION]);
}

#[tokio::test]
async fn of_several_that_waited_the_newest_is_released() {
    let world = World::ready();
    world.build("newer", 30, "api new");
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap_err();
    world.succeed("newer").await.unwrap_err();
    world.stacks.set_status(STACK, "UPDATE_COMPLETE");
    world.reconcile().await.unwrap();
    assert_eq!(world.stacks.executions(), ["newer"]);
    assert_eq!(world.record(EXECUTION).await.state, ReleaseState::Superseded);
}

#[tokio::test]
async fn a_release_that_waited_three_days_is_given_up_with_what_it_waited_for() {
    let world = World::ready();
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap_err();
    world.clock.advance(HOUR * 73);
    world.reconcile().await.unwrap();
    let record = world.record(EXECUTION).await;
    assert_eq!(record.state, ReleaseState::Failed);
    assert_eq!(record.reason.as_deref(), Some("given up after 72 hours: the stack is busy: UPDATE_IN_PROGRESS"));
}

#[tokio::test]
async fn an_attempt_that_may_still_run_is_left_alone_for_two_minutes() {
    let world = World::ready();
    world.fuse.blow_at(3, Failure::Death);
    world.succeed(EXECUTION).await.unwrap_err();
    world.fuse.mend();
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { open: 1, moved: 0 });
    world.clock.advance(Duration::from_secs(121));
    assert_eq!(world.reconcile().await.unwrap(), Report::Reconciled { open: 1, moved: 1 });
}

#[tokio::test]
async fn one_release_that_cannot_be_read_does_not_keep_the_others_waiting() {
    let world = World::ready();
    world.stacks.set_status(STACK, "UPDATE_IN_PROGRESS");
    world.succeed(EXECUTION).await.unwrap_err();
    world.build("newer", 30, "api new");
    world.succeed("newer").await.unwrap_err();
    world.stacks.set_status(STACK, "UPDATE_COMPLETE");
    // The list is the first call; the claim of the newest release is the second.
    world.fuse.mend();
    world.fuse.blow_at(1, Failure::Refused);
    let error = world.reconcile().await.unwrap_err();
    assert!(error.to_string().contains("1 of 2"), "{error}");
    assert_eq!(world.record("newer").await.state, ReleaseState::Preparing);
    // The other was looked after: it lost the stack to the newest, which the next run releases.
    assert_eq!(world.record(EXECUTION).await.state, ReleaseState::Superseded);
    world.reconcile().await.unwrap();
    assert_eq!(world.stacks.executions(), ["newer"]);
}

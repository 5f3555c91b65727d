//! Hooks that were called and have not answered.

use std::time::Duration;

use canary_watch::Did;
use slipway_shared::hook::{HookLimits, HookStatus, LifecycleEvent};
use slipway_shared::ledger::contract::sample;
use slipway_shared::ledger::{Arrival, Basis, Entry, Gate, Gathering, Notice, WriteLedger as _};
use test_case::test_case;

use crate::world::{FUNCTION, ID, World, at};

const HOOK: &str = "CodeDeployHook_slipway-production_pre-traffic";
const POST_HOOK: &str = "CodeDeployHook_slipway-production_post-traffic";
const LIMITS: HookLimits = HookLimits { timeout: Duration::from_secs(60), retries: 2, age: Duration::from_secs(300) };

/// A deployment whose hook was called when the clock began, by this name.
fn calling(event: LifecycleEvent, hook: &str) -> World {
    let world = World::with_canary();
    world.shifts.change(ID, |state| state.began = None);
    world.shifts.call_hook(ID, event, hook, at(0));
    world.hooks.add(HOOK, LIMITS);
    world.hooks.add(POST_HOOK, LIMITS);
    world
}

fn called() -> World {
    calling(LifecycleEvent::BeforeAllowTraffic, HOOK)
}

fn told(world: &World) -> Entry {
    world.ledger.entry(ID, Gate::BeforeAllowTraffic).unwrap()
}

#[tokio::test]
async fn a_hook_that_was_never_run_is_waited_for_and_then_its_deployment_is_stopped_and_people_are_told() {
    let world = called();
    for minute in 0..7 {
        assert_eq!(world.did(minute).await, Did::NothingShared, "{minute}");
    }
    assert_eq!(world.did(7).await, Did::Stopped);
    assert_eq!(world.shifts.status(ID), "Stopped");
    let entry = told(&world);
    assert_eq!((entry.verdict.as_str(), entry.closed), ("errored", true));
    let why = entry.reasons.join("; ");
    assert!(why.contains("has not answered in the 7 minutes") && why.contains("its log has no line"), "{why}");
    let sent = world.notifications.sent();
    assert!(sent.len() == 1 && sent[0].body.contains(HOOK), "{sent:?}");
    world.tick(8).await.unwrap();
    assert_eq!(world.notifications.sent().len(), 1);
}

#[tokio::test]
async fn a_hook_is_explained_by_its_own_last_log_lines() {
    let world = called();
    for attempt in 0..3 {
        let request = "REPORT RequestId: a\tDuration: 60000.00 ms\tStatus: timeout";
        world.hooks.writes(HOOK, at(attempt), "looking for the suite");
        world.hooks.writes(HOOK, at(attempt + 1), request);
    }
    // All attempts are over: nothing more will come.
    assert_eq!(world.did(4).await, Did::Stopped);
    let why = told(&world).reasons.join("; ");
    assert!(why.contains("all 3 attempts of the hook ended without an answer: timeout"), "{why}");
    assert!(why.contains("its log: looking for the suite"), "{why}");
}

#[tokio::test]
async fn an_attempt_that_is_under_way_is_waited_for() {
    let world = called();
    world.hooks.writes(HOOK, at(5), "START RequestId: a Version: $LATEST");
    assert_eq!(world.did(9).await, Did::NothingShared);
}

#[tokio::test]
async fn a_hook_that_does_not_exist_is_not_waited_for() {
    let mut world = calling(LifecycleEvent::AfterAllowTraffic, HOOK);
    world.hooks = slipway_shared::fakes::HookFunctions::default();
    assert_eq!(world.did(2).await, Did::Stopped);
    let entry = world.ledger.entry(ID, Gate::AfterAllowTraffic).unwrap();
    assert!(entry.reasons[0].contains("does not exist"), "{:?}", entry.reasons);
}

#[test_case("another-hook", "CloudFormation"; "it is another's")]
#[test_case(HOOK, "codeDeployRollback"; "it is the hook of a rollback")]
#[tokio::test]
async fn nobody_is_stopped_for_a_hook_that(hook: &str, creator: &str) {
    let world = calling(LifecycleEvent::BeforeAllowTraffic, hook);
    world.shifts.change(ID, |state| state.creator = creator.into());
    assert!(matches!(world.did(30).await, Did::NothingShared | Did::LeftARollback));
    assert_eq!(world.shifts.status(ID), "InProgress");
}

/// The first of two functions of a release, whose suite has passed.
fn gathering(world: &World) -> Gathering {
    let arrival = Arrival {
        deployment_id: ID.into(),
        application: "app".into(),
        deployment_group: "group".into(),
        execution_id: "e".parse().ok(),
        current_version: None,
        target_version: "2".into(),
        began: at(0),
        passed: true,
    };
    let functions = [FUNCTION, "other"].map(|name| (name.to_owned(), "live".to_owned()));
    let mut gathering = Gathering::of(&world.settings.stack, "release", at(0), functions.to_vec(), Vec::new());
    gathering.come(FUNCTION, "live", arrival, "");
    gathering
}

#[tokio::test]
async fn a_hook_that_waits_for_others_is_not_silent_and_is_answered_when_they_do_not_come() {
    let world = called();
    world.ledger.gather(gathering(&world));
    assert_eq!(world.did(8).await, Did::NothingShared);
    assert!(world.shifts.reports().is_empty());
    world.tick(11).await.unwrap();
    assert_eq!(world.shifts.reports(), [(ID.to_owned(), HookStatus::Failed)]);
}

#[tokio::test]
async fn a_hook_after_the_shift_is_missed_also_where_the_hooks_before_it_waited_for_each_other() {
    let world = calling(LifecycleEvent::AfterAllowTraffic, POST_HOOK);
    world.ledger.gather(gathering(&world));
    assert_eq!(world.did(7).await, Did::Stopped);
    assert!(world.ledger.entry(ID, Gate::AfterAllowTraffic).is_some());
}

#[tokio::test]
async fn a_run_that_dies_leaves_the_stop_and_the_message_to_the_next() {
    let stop = {
        let world = called();
        world.tick(7).await.unwrap();
        world.fuse.calls().iter().position(|call| *call == "StopDeployment").unwrap()
    };
    let world = called();
    world.fuse.blow_at(stop, slipway_shared::fakes::Failure::Death);
    world.tick(7).await.unwrap_err();
    world.fuse.mend();
    world.tick(8).await.unwrap();
    assert_eq!((world.shifts.status(ID).as_str(), world.notifications.sent().len()), ("Stopped", 1));
    assert!(matches!(told(&world).notice, Some(Notice::Sent(_))));
}

/// Puts the entry into the ledger that a hook writes before it reports.
async fn judged(world: &World, verdict: &str, notice: Option<Notice>) -> Entry {
    let entry = Entry { verdict: verdict.into(), stops: false, notice, ..sample(ID, Gate::BeforeAllowTraffic) };
    world.ledger.write_entry(&entry, Basis::Nothing).await.unwrap();
    entry
}

#[tokio::test]
async fn a_hook_that_has_judged_and_could_not_report_it_is_found_and_its_checks_are_kept() {
    let world = called();
    let judged = judged(&world, "passed", None).await;
    assert_eq!(world.did(7).await, Did::Stopped);
    let entry = told(&world);
    assert_eq!((entry.verdict.as_str(), entry.stops, &entry.checks), ("errored", true, &judged.checks));
    assert!(entry.notes.contains(&"the hook's own verdict, which it did not report: passed".to_owned()), "{entry:?}");
}

#[tokio::test]
async fn people_are_told_once_of_a_deployment_that_its_hook_has_failed() {
    let world = called();
    judged(&world, "failed", Some(Notice::Owed)).await;
    world.tick(1).await.unwrap();
    assert!(world.notifications.sent().is_empty(), "the deployment is not over");
    world.shifts.change(ID, |state| state.status = "Failed".into());
    for minute in 2..5 {
        world.tick(minute).await.unwrap();
    }
    let sent = world.notifications.sent();
    let [message] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(message.subject, "slipway-production: version 2 failed BeforeAllowTraffic");
    for said in ["more failures", "no user has reached the new version", "cargo slipway explain"] {
        assert!(message.body.contains(said), "{}", message.body);
    }
}

#[tokio::test]
async fn nobody_is_told_that_no_user_was_reached_when_the_stop_came_too_late() {
    let world = called();
    let late = sample(ID, Gate::BeforeAllowTraffic);
    let late = Entry { current_version: None, notice: Some(Notice::Owed), ..late };
    world.ledger.write_entry(&late, Basis::Nothing).await.unwrap();
    world.shifts.change(ID, |state| state.status = "Succeeded".into());
    world.tick(2).await.unwrap();
    let sent = world.notifications.sent();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].body.contains("all users have the new version"), "{}", sent[0].body);
}

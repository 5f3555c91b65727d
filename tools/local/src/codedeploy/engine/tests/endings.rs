//! Deployments that end early, and what is left of them.

use std::time::Duration;

use test_case::test_case;

use super::super::super::traffic::TrafficRouting;
use super::super::{AliasShape, Milestone, Status};
use super::world::{Fate, Happening, HookAnswer, Run, START, World, minutes, plan, seconds, with_alarm, with_hooks};

const CANARY: TrafficRouting = TrafficRouting::Canary { percentage: 10, interval: Duration::from_secs(600) };

fn hooks(name: &str, answer: HookAnswer) -> World {
    let mut world = World::default();
    world.hooks.insert(name.to_owned(), answer);
    world
}

fn create(id: &str) -> Happening {
    Happening::Create(Box::new(with_alarm(with_hooks(plan(id, CANARY)))))
}

#[test_case(HookAnswer::After(seconds(3), false), "HOOK_EXECUTION_FAILURE", 3; "it says Failed")]
#[test_case(HookAnswer::Never, "TIMEOUT", 3600; "it says nothing for an hour")]
#[test_case(HookAnswer::Missing, "HOOK_EXECUTION_FAILURE", 0; "it does not exist")]
#[test_case(HookAnswer::NotPermitted, "IAM_ROLE_PERMISSIONS", 0; "the role may not call it")]
fn a_pre_traffic_hook_stops_the_deployment_before_any_traffic_moves(answer: HookAnswer, code: &str, second: u64) {
    let run = Run::of(with_hooks(plan("d-1", CANARY)), hooks("pre", answer));

    assert_eq!((run.deployment("d-1").status, run.code("d-1")), (Status::Failed, code));
    assert_eq!(run.lifecycle("d-1"), ["Failed", "Skipped", "Skipped"]);
    assert_eq!(run.deployment("d-1").completed.unwrap().since(START).as_secs(), second);
    assert!(run.weights().iter().all(|(_, weight)| *weight == 0), "{:?}", run.weights());
    assert_eq!(run.rollback_of("d-1").status, Status::Succeeded);
}

#[test]
fn a_post_traffic_hook_that_says_failed_puts_everything_back_at_once() {
    let run = Run::of(with_hooks(plan("d-1", CANARY)), hooks("post", HookAnswer::After(seconds(5), false)));

    assert_eq!(run.lifecycle("d-1"), ["Succeeded", "Succeeded", "Failed"]);
    let weights: Vec<u8> = run.weights().iter().map(|(_, weight)| *weight).collect();
    assert_eq!(weights, [10, 100, 0]);
    assert_eq!(run.world.alias, AliasShape::whole("1"));
    let back = run.rollback_of("d-1");
    assert_eq!((back.status, back.plan.creator.as_str()), (Status::Succeeded, "codeDeployRollback"));
    assert_eq!(back.rolls_back.as_deref(), Some("d-1"));
    assert!(back.completed.unwrap().since(run.deployment("d-1").completed.unwrap()) < seconds(1));
    assert_eq!(run.world.invoked, ["pre", "post"], "a rollback calls no hooks");
    assert_eq!(run.lifecycle(&back.plan.id.clone()), ["Succeeded"; 3]);
}

#[test]
fn an_alarm_in_mid_canary_rolls_back_within_a_poll() {
    let alarm = START + minutes(4);
    let world = World { alarm: Some((alarm, alarm + minutes(1))), ..World::default() };
    let run = Run::of(with_alarm(with_hooks(plan("d-1", CANARY))), world);

    let stopped = run.deployment("d-1");
    assert_eq!((stopped.status, run.code("d-1")), (Status::Stopped, "ALARM_ACTIVE"));
    assert!(stopped.fault.as_ref().unwrap().message.ends_with("Activated alarms: <errors>"));
    assert_eq!(run.lifecycle("d-1"), ["Succeeded", "Failed", "Skipped"]);
    assert!(stopped.completed.unwrap().since(alarm) < seconds(11));
    assert_eq!(run.world.alias, AliasShape::whole("1"));
    let back = run.rollback_of("d-1").plan.id.clone();
    let expected = [
        ("d-1".to_owned(), Milestone::Start),
        ("d-1".to_owned(), Milestone::Stop),
        (back.clone(), Milestone::Rollback),
        (back.clone(), Milestone::Start),
        (back, Milestone::Success),
    ];
    assert_eq!(run.world.milestones, expected);
}

#[test]
fn an_alarm_that_is_active_before_the_start_stops_the_deployment_at_once() {
    let world = World { alarm: Some((START, START + minutes(600))), ..World::default() };
    let run = Run::of(with_alarm(with_hooks(plan("d-1", CANARY))), world);
    assert_eq!(run.code("d-1"), "ALARM_ACTIVE");
    assert!(run.deployment("d-1").completed.unwrap().since(START) < seconds(1));
    assert!(run.world.invoked.is_empty());
    // As seen on AWS: it is rolled back although nothing moved, and the active alarm does not stop the rollback.
    assert_eq!(run.rollback_of("d-1").status, Status::Succeeded);
}

#[test_case(false, Status::Stopped; "by default it stops")]
#[test_case(true, Status::Succeeded; "when told to ignore it goes on")]
fn alarms_that_cannot_be_read(ignore: bool, expected: Status) {
    let mut plan = with_alarm(plan("d-1", CANARY));
    plan.alarms.ignore_poll_failure = ignore;
    let run = Run::of(plan, World { alarms_readable: false, ..World::default() });
    assert_eq!(run.deployment("d-1").status, expected);
}

#[test_case(Some(true), false, true; "asked to roll back")]
#[test_case(None, true, true; "configured to roll back")]
#[test_case(None, false, false; "neither")]
#[test_case(Some(false), true, false; "asked not to")]
fn a_stop_rolls_back_when_asked_or_configured(asked: Option<bool>, configured: bool, rolled_back: bool) {
    let mut ordered = plan("d-1", CANARY);
    ordered.rollback.on_request = configured;
    let mut run = Run::new(World::default());
    run.at(Duration::ZERO, Happening::Create(Box::new(ordered)));
    run.at(minutes(2), Happening::Stop("d-1".to_owned(), asked));
    run.until(minutes(30));

    assert_eq!((run.deployment("d-1").status, run.code("d-1")), (Status::Stopped, "MANUAL_STOP"));
    assert_eq!(run.deployment("d-1").rolled_back_by.is_some(), rolled_back);
    // Without a rollback the alias keeps two versions, and the next deployment fails on them: AWS's trap.
    let left = if rolled_back { AliasShape::whole("1") } else { AliasShape::split("1", "2", 10) };
    assert_eq!(run.world.alias, left);
    run.at(minutes(40), Happening::Create(Box::new(plan("d-2", CANARY))));
    run.until(minutes(80));
    if rolled_back {
        assert_eq!(run.deployment("d-2").status, Status::Succeeded);
    } else {
        assert_eq!((run.deployment("d-2").status, run.code("d-2")), (Status::Failed, "INVALID_LAMBDA_CONFIGURATION"));
        assert_eq!(run.deployment("d-2").rolled_back_by, None);
        assert_eq!(run.world.alias, left);
    }
}

#[test]
fn a_group_has_one_active_deployment_and_its_rollback_counts() {
    let world = hooks("pre", HookAnswer::After(minutes(5), false));
    let mut run = Run::new(world);
    run.at(Duration::ZERO, create("d-1"));
    run.at(minutes(1), create("d-2"));
    // The same moment in which the first fails: its rollback is active already.
    run.at(minutes(5) + Duration::from_millis(155), create("d-3"));
    run.until(minutes(6));
    let codes: Vec<&str> = run.simulation.engine.refusals.iter().map(|error| error.code.as_str()).collect();
    assert_eq!(codes, ["DeploymentLimitExceededException"; 2]);
    run.at(minutes(7), create("d-4"));
    run.until(minutes(8));
    assert_eq!(run.simulation.engine.refusals.len(), 2);
}

#[test]
fn an_alias_that_is_moved_by_hand_in_mid_shift_fails_the_deployment_and_goes_back() {
    let world = World { by_hand: Some((START + minutes(2), AliasShape::whole("2"))), ..World::default() };
    let routing = TrafficRouting::Linear { percentage: 10, interval: minutes(3) };
    let run = Run::of(plan("d-1", routing), world);
    assert_eq!(run.code("d-1"), "INVALID_LAMBDA_CONFIGURATION");
    assert!(run.deployment("d-1").completed.unwrap().since(START) < minutes(4));
    assert_eq!(run.world.alias, AliasShape::whole("1"));
}

#[test]
fn an_alias_on_another_version_is_left_alone() {
    let run = Run::of(plan("d-1", CANARY), World { alias: AliasShape::whole("7"), ..World::default() });
    assert_eq!((run.deployment("d-1").status, run.code("d-1")), (Status::Failed, "INVALID_LAMBDA_CONFIGURATION"));
    assert_eq!(run.world.alias, AliasShape::whole("7"));
    assert_eq!(run.deployment("d-1").rolled_back_by, None);
}

#[test]
fn a_target_version_that_does_not_exist_fails_before_the_hook() {
    let world = World { versions: vec!["1".to_owned()], ..World::default() };
    let run = Run::of(with_hooks(plan("d-1", CANARY)), world);
    assert_eq!(run.code("d-1"), "INVALID_LAMBDA_FUNCTION");
    assert!(run.world.invoked.is_empty());
}

#[test]
fn a_deployment_to_the_version_that_is_current_fails() {
    let mut same = plan("d-1", CANARY);
    same.shift.target = same.shift.current.clone();
    assert_eq!(Run::of(same, World::default()).code("d-1"), "INVALID_LAMBDA_CONFIGURATION");
}

#[test]
fn reports_that_come_twice_late_or_from_elsewhere_are_refused() {
    let mut run = Run::new(World::default());
    run.at(Duration::ZERO, create("d-1"));
    let report = |execution: &str| Happening::HookReports("d-1".to_owned(), execution.to_owned(), false);
    run.at(seconds(5), report("pre-d-1"));
    run.at(seconds(6), report("pre-d-9"));
    run.at(seconds(7), report("post-d-1"));
    run.at(seconds(8), Happening::HookReports("d-9".to_owned(), "pre-d-1".to_owned(), true));
    run.until(minutes(60));
    let codes: Vec<&str> = run.simulation.engine.refusals.iter().map(|error| error.code.as_str()).collect();
    let expected = [
        "LifecycleEventAlreadyCompletedException",
        "InvalidLifecycleEventHookExecutionIdException",
        "LifecycleEventAlreadyCompletedException",
        "DeploymentDoesNotExistException",
    ];
    assert_eq!(codes, expected);
    assert_eq!(run.deployment("d-1").status, Status::Succeeded);
}

#[test_case(Fate::Throttled; "throttled")]
#[test_case(Fate::AnswerLost; "answers lost")]
#[test_case(Fate::CallLost; "calls lost")]
#[test_case(Fate::Twice; "answered twice")]
fn a_disturbed_lambda_is_asked_again(fate: Fate) {
    let run = Run::of(plan("d-1", CANARY), World { fates: vec![fate; 4], ..World::default() });
    assert_eq!(run.deployment("d-1").status, Status::Succeeded, "{:?}", run.deployment("d-1").fault);
    assert_eq!(run.weights().iter().map(|(_, weight)| *weight).collect::<Vec<_>>(), [10, 100]);
}

#[test]
fn a_lambda_that_never_answers_ends_the_deployment() {
    let run = Run::of(plan("d-1", CANARY), World { fates: vec![Fate::CallLost; 500], ..World::default() });
    assert_eq!(run.deployment("d-1").status, Status::Failed);
}

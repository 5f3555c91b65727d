//! Deployments that go well: what weight when.

use test_case::test_case;

use super::super::super::traffic::TrafficRouting;
use super::super::{Milestone, Status};
use super::world::{Run, World, minutes, plan, with_alarm, with_hooks};

fn canary(percentage: u8, interval: u64) -> TrafficRouting {
    TrafficRouting::Canary { percentage, interval: minutes(interval) }
}

fn linear(percentage: u8, interval: u64) -> TrafficRouting {
    TrafficRouting::Linear { percentage, interval: minutes(interval) }
}

#[test_case(TrafficRouting::AllAtOnce, &[(0, 100)]; "all at once")]
#[test_case(canary(10, 5), &[(0, 10), (5, 100)]; "canary of 5 minutes")]
#[test_case(canary(10, 30), &[(0, 10), (30, 100)]; "canary of 30 minutes")]
#[test_case(canary(25, 2880), &[(0, 25), (2880, 100)]; "the longest canary")]
#[test_case(linear(10, 1), &[(0, 10), (1, 20), (2, 30), (3, 40), (4, 50), (5, 60), (6, 70), (7, 80), (8, 90), (9, 100)]; "linear every minute")]
#[test_case(linear(30, 10), &[(0, 30), (10, 60), (20, 90), (30, 100)]; "linear with a rest")]
fn each_configuration_has_its_timeline(routing: TrafficRouting, expected: &[(u64, u8)]) {
    let run = Run::of(with_alarm(with_hooks(plan("d-1", routing))), World::default());

    let found: Vec<(u64, u8)> = run.weights().iter().map(|(second, weight)| (second / 60, *weight)).collect();
    assert_eq!(found, expected);
    let deployment = run.deployment("d-1");
    assert_eq!(deployment.status, Status::Succeeded);
    assert_eq!(run.lifecycle("d-1"), ["Succeeded"; 3]);
    assert_eq!(run.world.invoked, ["pre", "post"]);
    assert_eq!(deployment.weight, 100);
    let milestones = [("d-1".to_owned(), Milestone::Start), ("d-1".to_owned(), Milestone::Success)];
    assert_eq!(run.world.milestones, milestones);
}

#[test]
fn no_weight_is_shifted_before_the_hook_has_reported() {
    let mut world = World::default();
    world.hooks.insert("pre".to_owned(), super::world::HookAnswer::After(minutes(59), true));
    let run = Run::of(with_hooks(plan("d-1", canary(10, 5))), world);
    assert_eq!(run.weights().first().map(|(second, weight)| (second / 60, *weight)), Some((59, 10)));
    assert_eq!(run.deployment("d-1").status, Status::Succeeded);
}

#[test]
fn the_target_shows_the_event_in_progress_while_its_hook_runs() {
    let mut world = World::default();
    world.hooks.insert("pre".to_owned(), super::world::HookAnswer::Never);
    let mut run = Run::new(world);
    run.at(minutes(0), super::world::Happening::Create(Box::new(with_hooks(plan("d-1", canary(10, 5))))));
    run.until(minutes(1));
    assert_eq!(run.lifecycle("d-1"), ["InProgress", "Pending", "Pending"]);
}

//! The invariants of every world.

use std::time::Duration;

use proptest::prelude::*;

use super::super::super::traffic::TrafficRouting;
use super::super::{AliasShape, Plan, Status};
use super::world::{Fate, Happening, HookAnswer, Run, START, World, minutes, plan, seconds, with_alarm, with_hooks};

/// The most time that an alias change may add to a deployment's: ten attempts of five minutes, for each increment and check.
const DISTURBANCE: Duration = Duration::from_secs(10 * 300);

fn routing() -> impl Strategy<Value = TrafficRouting> {
    prop_oneof![
        Just(TrafficRouting::AllAtOnce),
        (1..=99_u8, 1..=60_u64)
            .prop_map(|(percentage, interval)| TrafficRouting::Canary { percentage, interval: minutes(interval) }),
        (5..=99_u8, 1..=30_u64)
            .prop_map(|(percentage, interval)| TrafficRouting::Linear { percentage, interval: minutes(interval) }),
    ]
}

fn hook() -> impl Strategy<Value = HookAnswer> {
    prop_oneof![
        4 => (0..4000_u64, any::<bool>()).prop_map(|(second, good)| HookAnswer::After(seconds(second), good)),
        8 => (0..60_u64).prop_map(|second| HookAnswer::After(seconds(second), true)),
        1 => Just(HookAnswer::Never),
        1 => Just(HookAnswer::Missing),
    ]
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = prop_oneof![
        6 => Just(Fate::Fine),
        1 => Just(Fate::Twice),
        1 => Just(Fate::AnswerLost),
        1 => Just(Fate::CallLost),
        1 => Just(Fate::Throttled),
    ];
    prop::collection::vec(fate, 0..30)
}

fn world() -> impl Strategy<Value = World> {
    let alarm = prop::option::of((0..20_000_u64, 1..600_u64));
    (hook(), hook(), alarm, fates(), 1..3000_u64).prop_map(|(pre, post, alarm, fates, latency)| World {
        hooks: [("pre".to_owned(), pre), ("post".to_owned(), post)].into(),
        alarm: alarm.map(|(from, length)| (START + seconds(from), START + seconds(from + length))),
        fates,
        latency: Duration::from_millis(latency),
        ..World::default()
    })
}

/// The greatest share that the schedule allows at a time, if traffic had begun to move at the first change.
fn allowed(plan: &Plan, since_first: Duration) -> u8 {
    let steps = match plan.routing.interval() {
        Duration::ZERO => 0,
        interval => since_first.as_millis() / interval.as_millis(),
    };
    plan.routing.percentage_after(u32::try_from(steps).unwrap_or(u32::MAX).min(100))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn every_deployment_ends_in_time_and_leaves_one_version(
        routing in routing(),
        world in world(),
        stop in prop::option::of(0..20_000_u64),
    ) {
        let ordered = with_alarm(with_hooks(plan("d-1", routing)));
        let mut run = Run::new(world);
        run.at(Duration::ZERO, Happening::Create(Box::new(ordered.clone())));
        if let Some(second) = stop {
            run.at(seconds(second), Happening::Stop("d-1".to_owned(), None));
        }
        run.until(minutes(60 * 200));

        let deployment = run.deployment("d-1");
        let bound = minutes(121) + routing.shift_duration() + DISTURBANCE * (routing.increments() + 3);
        let ended = deployment.completed.expect("it ends").since(START);
        prop_assert!(ended <= bound, "ended after {ended:?}, bound {bound:?}");
        match (deployment.status, &deployment.rolled_back_by) {
            (Status::Succeeded, _) => prop_assert_eq!(&run.world.alias, &AliasShape::whole("2")),
            (_, Some(back)) if run.deployment(back).status == Status::Succeeded => {
                prop_assert_eq!(&run.world.alias, &AliasShape::whole("1"));
            }
            // Nothing but a Lambda that fails for all ten attempts lets a rollback fail.
            (_, Some(_)) => prop_assert!(run.world.failures >= 10),
            (_, None) => prop_assert!(run.weights().is_empty(), "moved without a rollback"),
        }
        let first = run.world.history.first().map_or(START, |(at, _)| *at);
        for ((at, _), (_, weight)) in run.world.history.iter().zip(run.weights()) {
            prop_assert!(weight <= allowed(&ordered, at.since(first)), "{weight} % after {:?}", at.since(first));
        }
        let events = run.lifecycle("d-1");
        prop_assert!(!events.contains(&"InProgress") && !events.contains(&"Pending"), "{events:?}");
    }
}

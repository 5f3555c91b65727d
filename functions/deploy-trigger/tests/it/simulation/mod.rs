//! The function's real code in a world in which everything goes wrong in any order, again and again.
//!
//! A schedule is a list of steps: pushes whose events come late, twice, in another order or never; attempts that run at once and are let on
//! call by call; crashes, refused calls, answers that are lost; lists that lag; clocks that differ; people who change the stack by hand.
//! After it the world calms down, and the laws must hold. A schedule that breaks one is printed, as short as it can be made.

mod laws;
mod machine;
mod schedule;
mod universe;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, TestRunner};
use slipway_shared::release::Queue;

use self::schedule::schedules;
use self::universe::Universe;

/// Schedules of each test; the environment can ask for more.
const SCHEDULES: u32 = 2500;

fn simulate(queue: Queue) {
    let asked = std::env::var("SLIPWAY_SCHEDULES").ok().and_then(|asked| asked.parse().ok());
    let config = Config { cases: asked.unwrap_or(SCHEDULES), failure_persistence: None, ..Config::default() };
    let seen = RefCell::new(BTreeMap::<&str, usize>::new());
    let result = TestRunner::new(config).run(&schedules(), |steps| {
        let mut universe = Universe::new(queue);
        for step in &steps {
            universe.take(step);
            laws::at_any_time(&mut universe)?;
        }
        universe.calm_down();
        for sight in universe.sights() {
            *seen.borrow_mut().entry(sight).or_default() += 1;
        }
        laws::in_the_end(&mut universe)
    });
    assert!(result.is_ok(), "{}", result.unwrap_err());
    // Schedules in which nothing happens would break no law.
    let seen = seen.into_inner();
    for sight in ["failed", "in hand", "missed", "succeeded", "superseded", "unchanged"] {
        assert!(seen.contains_key(sight), "{sight} never happened: {seen:?}");
    }
}

// The same laws in four tests, so that they run side by side.

#[test]
fn the_newest_good_release_is_live_in_the_end() {
    simulate(Queue::Newest);
}

#[test]
fn the_newest_good_release_is_live_in_the_end_whatever_the_seed() {
    simulate(Queue::Newest);
}

#[test]
fn releases_in_order_end_with_the_last_good_one() {
    simulate(Queue::InOrder);
}

#[test]
fn releases_in_order_end_with_the_last_good_one_whatever_the_seed() {
    simulate(Queue::InOrder);
}

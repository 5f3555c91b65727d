//! The judge as others see it: by its looks and its judgement.

use super::{Counts, Direction, Group, Judge, Metric, Pair, Policy};

mod durations;
mod estimates;
mod policies;
mod validity;
mod verdicts;

/// Requests and bad ones of the target, then of the current version.
fn pair(target: (u64, u64), current: (u64, u64)) -> Pair {
    Pair { target: Counts::new(target.0, target.1).unwrap(), current: Counts::new(current.0, current.1).unwrap() }
}

/// A policy of one metric, `errors`.
fn errors(level: f64, tolerance: f64, direction: Direction) -> Policy {
    let metric = Metric { tolerance, direction, ..Metric::new("errors") };
    Policy { level, ..Policy::new(vec![Group::new("users", vec![metric])]) }
}

/// A judge of the metrics of one group.
fn judge_of(metrics: Vec<Metric>) -> Judge {
    Judge::new(Policy::new(vec![Group::new("users", metrics)])).unwrap()
}

/// A look at metrics by their names.
fn look<'a>(judge: &mut Judge, pairs: impl IntoIterator<Item = (&'a str, Pair)>) -> bool {
    let pairs: Vec<_> = pairs.into_iter().map(|(name, pair)| (judge.metric(name).unwrap(), pair)).collect();
    judge.look(pairs)
}

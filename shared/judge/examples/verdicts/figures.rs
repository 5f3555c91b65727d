//! The figures, as the tables of `docs/verdicts.md`.

use std::fmt::Write;

use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::durations::{Change, Thresholds, is_stopped};
use super::scenario::{Traffic, stopped_at};
use super::speed;

/// Deployments of each row.
pub const DEPLOYMENTS: u32 = 10_000;
/// The look at which the target has had 200 of its 500 requests.
const EARLY: usize = 8;

/// All figures.
pub fn all() -> String {
    [good(), bad(), slower(), broken(), looks()].concat()
}

/// The share of deployments for which `holds` holds, each with a random stream of its own, in per cent.
fn share(stream: u64, holds: impl Fn(&mut SmallRng) -> bool) -> f64 {
    let held = (0..DEPLOYMENTS)
        .filter(|deployment| holds(&mut SmallRng::seed_from_u64((stream << 32) + u64::from(*deployment))));
    100.0 * held.count() as f64 / f64::from(DEPLOYMENTS)
}

fn good() -> String {
    let mut table =
        String::from("| good releases stopped (bar: 1 %) | 0.1 % errors | 1 % | 5 % |\n|---|---|---|---|\n");
    let traffics = [
        ("250 requests a look, a tenth to the target", Traffic::Steady(250)),
        ("1,000 requests a look, drawn to a version", Traffic::Drawn(1000)),
        ("bursts: 80 to 2,500 requests a look, errors that come and go", Traffic::Bursty(250)),
        ("linear shift: a tenth more every minute", Traffic::Linear(250)),
    ];
    for (stream, (name, traffic)) in (1..).zip(traffics) {
        let [low, middle, high] =
            [0.001, 0.01, 0.05].map(|rate| share(stream, |random| stopped_at(traffic, rate, rate, random).is_some()));
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| {name} | {low:.2} % | {middle:.2} % | {high:.2} % |");
    }
    table + "\n"
}

fn bad() -> String {
    let mut table = String::from(
        "| bad releases stopped, 500 requests of the target in 20 looks | stopped | bar | by its 200th request | bar |\n\
         |---|---|---|---|---|\n",
    );
    let rows = [
        ("1 % → 5 %", 0.01, 0.05, "98 %", "65 %"),
        ("1 % → 3 %", 0.01, 0.03, "55 %", ""),
        ("0 → 1 %", 0.0, 0.01, "82 %", ""),
        ("5 % → 10 %", 0.05, 0.1, "70 %", ""),
    ];
    for (stream, (name, current, target, bar, early_bar)) in (11..).zip(rows) {
        let by = |look: usize| {
            share(stream, |random| {
                stopped_at(Traffic::Steady(250), current, target, random).is_some_and(|stopped| stopped <= look)
            })
        };
        let (stopped, early) = (by(usize::MAX), by(EARLY));
        let _ = writeln!(table, "| {name} | {stopped:.1} % | {bar} | {early:.1} % | {early_bar} |");
    }
    table + "\n"
}

fn slower() -> String {
    let mut table = String::from(
        "| durations, 300 requests of the target | bar | stopped by p50, p90, p95 and p99 | by p95 alone |\n|---|---|---|---|\n",
    );
    let rows = [
        ("the same", Change::None, "at most 1 %"),
        ("all doubled", Change::Doubled, "95 %"),
        ("p95 doubled, median the same", Change::DoubledTail, "95 %"),
    ];
    for (stream, (name, change, bar)) in (21..).zip(rows) {
        let by_all = share(stream, |random| is_stopped(change, Thresholds::Earlier, [0.5, 0.9, 0.95, 0.99], random));
        let by_one = share(stream, |random| is_stopped(change, Thresholds::Earlier, [0.95], random));
        let _ = writeln!(table, "| {name} | {bar} | {by_all:.2} % | {by_one:.2} % |");
    }
    table + "\n"
}

fn broken() -> String {
    let mut table = String::from("| assumptions broken: good releases stopped | |\n|---|---|\n");
    let sessions = share(31, |random| stopped_at(Traffic::Sessions(250), 0.05, 0.05, random).is_some());
    let _ = writeln!(
        table,
        "| sessions of ten requests stick to a version and are bad as a whole, 5 % of them | {sessions:.1} % |"
    );
    let same = share(32, |random| is_stopped(Change::None, Thresholds::SameLook, [0.95], random));
    let _ = writeln!(
        table,
        "| the p95 of the current version's requests in the same look is the threshold | {same:.1} % |"
    );
    table + "\n"
}

/// The time of many looks.
pub fn looks() -> String {
    let time = speed::of_a_thousand_looks();
    format!("1,000 looks at 20 metrics took {:.1} ms of CPU (bar: 10 ms).\n", time.as_secs_f64() * 1e3)
}

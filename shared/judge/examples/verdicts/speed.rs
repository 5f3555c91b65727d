//! The CPU time that the judge takes: what else the machine does disturbs it less than the time of a clock.

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use slipway_judge::{Group, Judge, Metric, Pair, Policy};

use super::scenario::{binomial, counts};

const METRICS: usize = 20;
const LOOKS: usize = 1000;

/// The CPU time of 1,000 looks at 20 metrics with their judgement, the median of 21 runs; zero where the kernel does not tell.
pub fn of_a_thousand_looks() -> Duration {
    let mut random = SmallRng::seed_from_u64(1);
    let looks: Vec<Vec<Pair>> = (0..LOOKS).map(|_| (0..METRICS).map(|_| pair(&mut random)).collect()).collect();
    let mut times: Vec<_> = (0..21).map(|_| once(&looks)).collect();
    times.sort();
    times[times.len() / 2]
}

/// A look at 1,000 requests, of which 1 % are bad.
fn pair(random: &mut SmallRng) -> Pair {
    Pair { target: counts(100, binomial(100, 0.01, random)), current: counts(900, binomial(900, 0.01, random)) }
}

fn once(looks: &[Vec<Pair>]) -> Duration {
    let names: Vec<_> = (0..METRICS).map(|metric| format!("metric-{metric}")).collect();
    let group = Group::new("group", names.iter().map(Metric::new).collect());
    let start = on_cpu();
    if let Ok(mut judge) = Judge::new(Policy::new(vec![group])) {
        let metrics: Vec<_> = names.iter().filter_map(|name| judge.metric(name)).collect();
        for look in looks {
            judge.look(metrics.iter().copied().zip(look.iter().copied()));
        }
        black_box(judge.judgement());
    }
    on_cpu().saturating_sub(start)
}

/// The time that this thread has been on a CPU (<https://docs.kernel.org/scheduler/sched-stats.html>).
fn on_cpu() -> Duration {
    let statistics = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = statistics.split_whitespace().next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

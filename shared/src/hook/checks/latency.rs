//! Measuring how long the target version takes, one call after the other.

use std::time::Duration;

use tokio::time::Instant;

use super::super::ports::HookPorts;
use super::super::verdict::{Finding, Reason, Reasons};
use super::Run;
use super::invoke::ask;
use crate::suite::{Check, Latency, TimeLimit};

/// The durations of the calls.
#[derive(Debug, Default, PartialEq, Eq)]
struct Measured {
    /// Of calls to environments that ran before, without the first call.
    warm: Vec<Duration>,
    /// The first call that started an environment, the start included.
    cold: Option<Duration>,
}

/// The first call is the one that may start an environment; `calls` further ones are measured.
pub(super) async fn run<P: HookPorts>(run: &Run<P>, check: &Check, latency: &Latency) -> Finding {
    let mut measured = Measured::default();
    for call in 0..=latency.calls {
        let began = Instant::now();
        let asked = match ask(run, check, &latency.event).await {
            Ok(asked) => asked,
            Err(finding) => return finding,
        };
        let seen = began.elapsed();
        if asked.value["statusCode"].as_u64().is_some_and(|status| status >= 500) {
            let subject = format!("check {:?}: a call that was measured was answered by a failure", check.name);
            return Finding::Failed(Reason::with_detail(subject, asked.value["statusCode"].to_string()).into());
        }
        let taken = asked.report.as_ref().map_or(seen, |report| report.duration);
        match asked.report.and_then(|report| report.init) {
            Some(init) => measured.cold = measured.cold.or(Some(init + taken)),
            None if call > 0 => measured.warm.push(taken),
            None => {}
        }
    }
    judged(&check.name, latency, measured)
}

fn judged(check: &str, latency: &Latency, mut measured: Measured) -> Finding {
    measured.warm.sort_unstable();
    let mut reasons = Vec::new();
    let mut over = |what: &str, taken: Duration, budget: TimeLimit| {
        if taken > budget.duration() {
            let detail = format!("{} ms, and {} ms are allowed", taken.as_millis(), budget.duration().as_millis());
            reasons.push(Reason::with_detail(format!("check {check:?}: {what}"), detail));
        }
    };
    if let Some(budget) = latency.p95 {
        let Some(p95) = percentile(&measured.warm) else {
            return Finding::Errored(Reason::new(format!("check {check:?}: every call started an environment")));
        };
        over("the 95th percentile", p95, budget);
    }
    match (latency.cold_start, measured.cold) {
        (Some(budget), Some(cold)) => over("the cold start", cold, budget),
        (Some(_), None) => {
            return Finding::Errored(Reason::new(format!("check {check:?}: no call started an environment")));
        }
        (None, _) => {}
    }
    Reasons::from_list(reasons).map_or(Finding::Passed, Finding::Failed)
}

/// The nearest rank; `None` of nothing.
fn percentile(sorted: &[Duration]) -> Option<Duration> {
    let rank = (sorted.len() * 95).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn latency(p95: &str, cold_start: Option<&str>) -> Latency {
        let cold_start = cold_start.and_then(TimeLimit::from_text);
        Latency { event: json!({}), calls: 20, p95: TimeLimit::from_text(p95), cold_start }
    }

    #[test]
    fn one_slow_call_of_twenty_is_within_the_budget_and_two_are_not() {
        let measured =
            |slow| Measured { warm: (0..20).map(|call| ms(if call < slow { 90 } else { 10 })).collect(), cold: None };
        assert_eq!(judged("fast", &latency("50ms", None), measured(1)), Finding::Passed);
        let Finding::Failed(reasons) = judged("fast", &latency("50ms", None), measured(2)) else { panic!("it passes") };
        let told: Vec<String> = reasons.iter().map(ToString::to_string).collect();
        assert_eq!(told, [r#"check "fast": the 95th percentile: 90 ms, and 50 ms are allowed"#]);
    }

    #[test]
    fn a_cold_start_that_nobody_saw_is_not_within_its_budget() {
        let seen = |cold| judged("fast", &latency("1s", Some("300ms")), Measured { warm: vec![ms(1)], cold });
        assert_eq!(seen(Some(ms(300))), Finding::Passed);
        assert!(matches!(seen(Some(ms(301))), Finding::Failed(_)));
        assert!(matches!(seen(None), Finding::Errored(_)));
    }
}

//! The judgement of a release, which can be asked for at any time.

use serde::Serialize;

use super::classify::{Class, Classified, Grade, score};
use super::counts::Counts;
use super::interval::Estimate;
use super::policy::Metric;
use super::sequence::{Judge, State};

/// The verdict on a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Enough was seen, and the target is no worse.
    Passed,
    /// The target is worse.
    Failed,
    /// Not enough was seen, or not enough of it passes.
    Inconclusive,
}

impl Outcome {
    /// The word of logs and records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// The verdict on a release, with the numbers that it rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// The verdict.
    pub outcome: Outcome,
    /// The score, from 0 to 100.
    pub score: f64,
    /// The score's grade.
    pub grade: Grade,
    /// The looks that it took.
    pub looks: u64,
    /// The evidence against the release, of all metrics together.
    pub evidence: f64,
    /// The evidence that stops a release.
    pub enough: f64,
    /// The reasons for a verdict other than passed, as texts for a person.
    pub reasons: Vec<String>,
    /// The metrics, in the policy's order.
    pub metrics: Vec<MetricJudgement>,
}

/// One metric's part in the judgement.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricJudgement {
    /// The metric's name.
    pub metric: String,
    /// The group's name.
    pub group: String,
    /// The metric's class.
    pub class: Class,
    /// True if the score is 0 unless it passes.
    pub critical: bool,
    /// Its share of the evidence.
    pub share: f64,
    /// The evidence that the target is worse.
    pub evidence: f64,
    /// The target's odds of a bad request as a multiple of the current version's; `None` if that is unknown or infinite.
    pub estimate: Option<f64>,
    /// The estimate's interval. Its upper end is `None` if there is none yet.
    pub interval: (f64, Option<f64>),
    /// The target's requests and bad ones, of all looks together.
    pub target: Counts,
    /// The current version's requests and bad ones, of all looks together.
    pub current: Counts,
}

impl Judge {
    /// The judgement of the release now. A release that goes on may still be stopped at a later look.
    #[must_use]
    pub fn judgement(&self) -> Judgement {
        let metrics: Vec<_> = self.states().iter().map(|state| self.judge(state)).collect();
        let classified = self.classified(&metrics);
        // A release that is stopped has no score to speak of, however many of its metrics are well.
        let score = if self.is_stopped() { 0.0 } else { score(&classified) };
        let grade = Grade::of(score, self.policy().pass, self.policy().marginal);
        let outcome = match grade {
            _ if self.is_stopped() => Outcome::Failed,
            Grade::Pass => Outcome::Passed,
            Grade::Marginal | Grade::Fail => Outcome::Inconclusive,
        };
        let mut judgement = Judgement {
            outcome,
            score,
            grade,
            looks: self.looks(),
            evidence: self.states().iter().map(|state| state.share * state.value()).sum(),
            enough: self.enough(),
            reasons: Vec::new(),
            metrics,
        };
        judgement.reasons = self.reasons(&judgement);
        judgement
    }

    /// The classes that make the score: one for each quantity, that of its worst threshold.
    fn classified(&self, metrics: &[MetricJudgement]) -> Vec<Classified> {
        let mut classified: Vec<(&State, Classified)> = Vec::new();
        for (state, metric) in self.states().iter().zip(metrics) {
            let is_known = |(other, _): &&mut (&State, Classified)| {
                other.group == state.group && self.metric_of(other).is_same_quantity(self.metric_of(state))
            };
            match classified.iter_mut().find(is_known) {
                Some((_, known)) => {
                    known.class = known.class.max(metric.class);
                    known.critical |= metric.critical;
                }
                None => {
                    let weight = self.policy().groups[state.group].weight;
                    let (class, critical) = (metric.class, metric.critical);
                    classified.push((state, Classified { class, group: state.group, weight, critical }));
                }
            }
        }
        classified.into_iter().map(|(_, classified)| classified).collect()
    }

    fn judge(&self, state: &State) -> MetricJudgement {
        let metric = self.metric_of(state);
        let class = self.class(state, metric);
        let mut estimate = state.estimate(metric.tolerance, self.policy().level);
        if class == Class::High {
            // What the evidence excludes is not in the interval, which knows nothing of what was cut and raised.
            estimate.low = estimate.low.max(metric.tolerance);
        }
        let Estimate { odds_ratio, low, high } = estimate;
        MetricJudgement {
            metric: metric.name.clone(),
            group: self.policy().groups[state.group].name.clone(),
            class,
            critical: metric.critical,
            share: state.share,
            evidence: state.value(),
            estimate: odds_ratio,
            interval: (low, high),
            target: state.target,
            current: state.current,
        }
    }

    fn class(&self, state: &State, metric: &Metric) -> Class {
        let [target, current] = state.compared;
        if state.was_more(self.enough()) {
            Class::High
        } else if state.was_less(self.enough()) {
            Class::Low
        } else if state.is_unreadable {
            Class::Error
        } else if target.min(current) >= self.policy().minimum_requests.max(1) {
            Class::Pass
        } else if metric.must_have_data {
            Class::NodataFailMetric
        } else {
            Class::Nodata
        }
    }

    fn reasons(&self, judgement: &Judgement) -> Vec<String> {
        if judgement.outcome == Outcome::Passed {
            return Vec::new();
        }
        let mut reasons: Vec<_> = judgement.metrics.iter().filter_map(|metric| self.reason(metric)).collect();
        if judgement.outcome == Outcome::Inconclusive {
            reasons.push(format!("a score of {:.0}, and {:.0} is passed", judgement.score, self.policy().pass));
        }
        reasons
    }

    fn reason(&self, metric: &MetricJudgement) -> Option<String> {
        let MetricJudgement { metric: name, target, current, .. } = metric;
        let counts = format!(
            "{} bad of {} requests of the target, {} of {} of the current version",
            target.bad(),
            target.requests(),
            current.bad(),
            current.requests()
        );
        match metric.class {
            Class::Pass => None,
            Class::High if metric.interval.0 < 1.005 => Some(format!("{name}: {counts}; more")),
            Class::High => Some(format!("{name}: {counts}; odds at least {:.2} times as high", metric.interval.0)),
            Class::Low => Some(format!("{name}: {counts}; fewer")),
            Class::Error => Some(format!("{name}: could not be read")),
            Class::Nodata | Class::NodataFailMetric => Some(format!(
                "{name}: {counts}; at least {} of each are needed, in looks that had both",
                self.policy().minimum_requests
            )),
        }
    }
}

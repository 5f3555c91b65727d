//! The policy: the metrics that are judged, and the strictness.

use std::collections::BTreeSet;

use thiserror::Error;

/// The number of metrics of its group that a critical metric counts for.
pub const CRITICAL_WEIGHT: f64 = 4.0;

/// The metrics that are judged, and the strictness.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The probability of stopping a good release, at most.
    pub level: f64,
    /// The requests of either version below which a metric has no data. Looks in which one version had none do not count.
    pub minimum_requests: u64,
    /// The score from which a release has passed.
    pub pass: f64,
    /// The score from which it is marginal.
    pub marginal: f64,
    /// The metrics, in groups that share a weight.
    pub groups: Vec<Group>,
}

/// Metrics that are about one thing, such as the thresholds of one duration.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The group's name.
    pub name: String,
    /// Its weight beside the other groups', in the evidence and in the score.
    pub weight: f64,
    /// Its metrics.
    pub metrics: Vec<Metric>,
}

/// A pair of proportions that is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// The metric's name, of which there is one in a policy.
    pub name: String,
    /// The quantity that is above or below a threshold. The thresholds of one quantity count together as one metric of their group, in
    /// the evidence and in the score. `None` for a metric that stands for itself.
    pub quantity: Option<String>,
    /// The multiple of the current version's odds of a bad request up to which the target is no worse.
    pub tolerance: f64,
    /// The change that counts against the target.
    pub direction: Direction,
    /// True if the score is 0 unless this metric passes.
    pub critical: bool,
    /// True if having no data is no better than being worse.
    pub must_have_data: bool,
}

/// The change of a metric that counts against the target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// More is worse.
    #[default]
    Increase,
    /// Less is worse.
    Decrease,
    /// Any change is worse.
    Either,
}

/// A policy by which nothing can be judged.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PolicyError {
    /// No metric at all.
    #[error("no metric is judged")]
    Empty,
    /// A level outside of what can be computed.
    #[error("level {0} is not between 1e-9 and 0.5")]
    Level(f64),
    /// Thresholds of the score that are none, or in the wrong order.
    #[error("thresholds of the score: {marginal} and {pass} are not between 0 and 100, the marginal one first")]
    Thresholds {
        /// The score from which a release has passed.
        pass: f64,
        /// The score from which it is marginal.
        marginal: f64,
    },
    /// A group's weight that is none.
    #[error("group {name:?}: weight {weight} is not between 1e-6 and 1e6")]
    Weight {
        /// The group.
        name: String,
        /// Its weight.
        weight: f64,
    },
    /// A metric's tolerance that is none.
    #[error("metric {name:?}: tolerance {tolerance} is not between 1 and 1,000")]
    Tolerance {
        /// The metric.
        name: String,
        /// Its tolerance.
        tolerance: f64,
    },
    /// A metric that is there twice.
    #[error("metric {0:?} is there twice")]
    Twice(String),
}

impl Policy {
    /// The level by default. It is a quarter below the 1 % that is promised, so that a measurement over 10,000 releases shows the
    /// promise, and not the luck of the draw.
    pub const LEVEL: f64 = 0.0075;
    /// The requests of either version by default: as many data points as Kayenta's authors ask for.
    pub const MINIMUM_REQUESTS: u64 = 50;
    /// The score from which a release has passed by default, as in Kayenta's examples.
    pub const PASS: f64 = 95.0;
    /// The score from which it is marginal by default, as in Kayenta's examples.
    pub const MARGINAL: f64 = 75.0;

    /// A policy with the defaults.
    #[must_use]
    pub const fn new(groups: Vec<Group>) -> Self {
        Self {
            level: Self::LEVEL,
            minimum_requests: Self::MINIMUM_REQUESTS,
            pass: Self::PASS,
            marginal: Self::MARGINAL,
            groups,
        }
    }

    /// The metrics with their shares of the evidence, which sum to one.
    pub(super) fn shares(&self) -> Vec<f64> {
        let whole: f64 = self.groups.iter().filter(|group| !group.metrics.is_empty()).map(|group| group.weight).sum();
        self.groups
            .iter()
            .flat_map(|group| {
                let parts: f64 = group.metrics.iter().map(|metric| group.parts(metric)).sum();
                group.metrics.iter().map(move |metric| group.weight / whole * group.parts(metric) / parts)
            })
            .collect()
    }

    /// Fails for the first thing by which nothing can be judged.
    pub(super) fn validate(&self) -> Result<(), PolicyError> {
        if !(1e-9..=0.5).contains(&self.level) {
            return Err(PolicyError::Level(self.level));
        }
        let (pass, marginal) = (self.pass, self.marginal);
        // A pass threshold of 0 would pass a release that was not seen.
        if !(pass > 0.0 && (0.0..=pass).contains(&marginal) && pass <= 100.0) {
            return Err(PolicyError::Thresholds { pass, marginal });
        }
        let mut names = BTreeSet::new();
        for group in &self.groups {
            if !(1e-6..=1e6).contains(&group.weight) {
                return Err(PolicyError::Weight { name: group.name.clone(), weight: group.weight });
            }
            for Metric { name, tolerance, .. } in &group.metrics {
                if !(1.0..=1000.0).contains(tolerance) {
                    return Err(PolicyError::Tolerance { name: name.clone(), tolerance: *tolerance });
                }
                if !names.insert(name) {
                    return Err(PolicyError::Twice(name.clone()));
                }
            }
        }
        if names.is_empty() { Err(PolicyError::Empty) } else { Ok(()) }
    }
}

impl Group {
    /// A group of weight one.
    #[must_use]
    pub fn new(name: impl Into<String>, metrics: Vec<Metric>) -> Self {
        Self { name: name.into(), weight: 1.0, metrics }
    }

    /// The parts of the group's weight that a metric gets: those of its quantity, divided between the quantity's thresholds.
    fn parts(&self, metric: &Metric) -> f64 {
        let thresholds = self.metrics.iter().filter(|other| other.is_same_quantity(metric)).count();
        let whole = if metric.critical { CRITICAL_WEIGHT } else { 1.0 };
        whole / thresholds.max(1) as f64
    }
}

impl Metric {
    /// A metric of which more is worse, without tolerance, not critical, which may have no data.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            quantity: None,
            tolerance: 1.0,
            direction: Direction::Increase,
            critical: false,
            must_have_data: false,
        }
    }

    /// True of a metric and itself, and of two thresholds of one quantity.
    pub(super) fn is_same_quantity(&self, other: &Self) -> bool {
        self.name == other.name || (self.quantity.is_some() && self.quantity == other.quantity)
    }
}

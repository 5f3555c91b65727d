//! Classes of metrics and the score of a release, as Netflix's Kayenta has them.
//!
//! A group's score is the share of its metrics that pass among those that could be classified; the release's is the weighted mean of
//! its groups' (groups without data are left out). It is 0 if a critical metric does not pass, or if half of the metrics have no data.

use serde::Serialize;

/// The finding about one metric. A later one says more: it is the class of a quantity whose thresholds have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Class {
    /// The target is no worse.
    Pass,
    /// Too little to tell.
    Nodata,
    /// Too little to tell, of a metric that must have data.
    NodataFailMetric,
    /// The metric could not be read.
    Error,
    /// Less than the current version, which counts against it.
    Low,
    /// More than the current version, which counts against it.
    High,
}

impl Class {
    /// True if the metric by itself shows that the target is worse.
    #[must_use]
    pub const fn is_worse(self) -> bool {
        matches!(self, Self::High | Self::Low)
    }
}

/// A metric's class, with what the score needs beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Classified {
    /// The class.
    pub class: Class,
    /// The number of the group.
    pub group: usize,
    /// The weight of the group.
    pub weight: f64,
    /// True if the score is 0 unless it passes.
    pub critical: bool,
}

/// A score beside the thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Grade {
    /// At the pass threshold or above.
    Pass,
    /// Between the thresholds.
    Marginal,
    /// Below the marginal threshold.
    Fail,
}

impl Grade {
    /// The grade of a score.
    #[must_use]
    pub fn of(score: f64, pass: f64, marginal: f64) -> Self {
        if score >= pass {
            Self::Pass
        } else if score >= marginal {
            Self::Marginal
        } else {
            Self::Fail
        }
    }
}

/// The score of a release, from 0 to 100.
#[must_use]
pub fn score(metrics: &[Classified]) -> f64 {
    let without_data = metrics.iter().filter(|metric| metric.class == Class::Nodata).count();
    let critical_failure = metrics.iter().any(|metric| metric.critical && metric.class != Class::Pass);
    if critical_failure || 2 * without_data >= metrics.len() {
        return 0.0;
    }
    let groups = metrics.iter().map(|metric| metric.group + 1).max().unwrap_or(0);
    let (mut sum, mut weights) = (0.0, 0.0);
    for group in 0..groups {
        let members = || metrics.iter().filter(|metric| metric.group == group);
        let counted = members().filter(|metric| !matches!(metric.class, Class::Nodata | Class::Error)).count();
        if let (Some(first), 1..) = (members().next(), counted) {
            let passed = members().filter(|metric| metric.class == Class::Pass).count();
            sum += first.weight * passed as f64 / counted as f64;
            weights += first.weight;
        }
    }
    if weights > 0.0 { 100.0 * sum / weights } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const fn of(class: Class, group: usize, weight: f64) -> Classified {
        Classified { class, group, weight, critical: false }
    }

    #[test_case(&[Class::Pass, Class::Pass] => 100.0)]
    #[test_case(&[Class::Pass, Class::High] => 50.0)]
    #[test_case(&[Class::Pass, Class::Low, Class::Pass, Class::Pass] => 75.0)]
    #[test_case(&[Class::Pass, Class::NodataFailMetric] => 50.0)]
    #[test_case(&[Class::Pass, Class::Pass, Class::Nodata] => 100.0; "no data is left out")]
    #[test_case(&[Class::Pass, Class::Nodata] => 0.0; "half without data is nothing")]
    #[test_case(&[Class::Pass, Class::Error] => 100.0; "what could not be read is left out")]
    #[test_case(&[Class::Error] => 0.0)]
    #[test_case(&[] => 0.0)]
    fn a_groups_score_is_the_share_that_passes(classes: &[Class]) -> f64 {
        score(&classes.iter().map(|class| of(*class, 0, 1.0)).collect::<Vec<_>>())
    }

    #[test]
    fn groups_count_by_their_weights() {
        let metrics = [of(Class::Pass, 0, 3.0), of(Class::High, 1, 1.0), of(Class::High, 1, 1.0)];
        assert!((score(&metrics) - 75.0).abs() < 1e-12);
    }

    #[test]
    fn a_critical_metric_that_does_not_pass_leaves_nothing() {
        for (class, expected) in [(Class::High, 0.0), (Class::Nodata, 0.0), (Class::Error, 0.0), (Class::Pass, 100.0)] {
            let critical = Classified { critical: true, ..of(class, 0, 1.0) };
            let metrics = [critical, of(Class::Pass, 0, 1.0), of(Class::Pass, 0, 1.0)];
            assert!((score(&metrics) - expected).abs() < 1e-12, "{class:?}");
        }
    }

    #[test]
    fn grades_begin_at_their_thresholds() {
        let grade = |score| Grade::of(score, 95.0, 75.0);
        assert_eq!(
            [100.0, 95.0, 94.9, 75.0, 74.9].map(grade),
            [Grade::Pass, Grade::Pass, Grade::Marginal, Grade::Marginal, Grade::Fail]
        );
    }
}

//! The judge's policy of what a manifest says.

use super::judged::{Judged, JudgedMetric};
use crate::judge::{Group, Metric, Policy};

impl Judged {
    /// The policy by which the metrics that are named here are judged. `names` has the names under which a metric is measured: its own,
    /// or one for each threshold of a duration, which together count as one.
    #[must_use]
    pub fn policy(&self, names: impl Fn(&JudgedMetric) -> Vec<String>) -> Policy {
        let metrics = |metric: &JudgedMetric| {
            let named = |name| Metric {
                name,
                quantity: Some(metric.name.clone()),
                tolerance: metric.tolerance,
                direction: metric.direction,
                critical: metric.critical,
                must_have_data: metric.must_have_data,
            };
            names(metric).into_iter().map(named).collect::<Vec<_>>()
        };
        let groups = self.groups.iter().map(|group| Group {
            name: group.name.clone(),
            weight: group.weight,
            metrics: group.metrics.iter().flat_map(metrics).collect(),
        });
        Policy {
            level: self.level,
            minimum_requests: self.minimum_requests,
            pass: self.pass,
            marginal: self.marginal,
            groups: groups.collect(),
        }
    }
}

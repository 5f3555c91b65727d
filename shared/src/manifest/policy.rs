//! The judge's policy of what a manifest says.

use super::judged::Judged;
use crate::judge::{Group, Metric, Policy};

impl Judged {
    /// The policy by which the metrics that are named here are judged, under their own names. A duration with several thresholds is as
    /// many metrics: who measures them takes the name for a prefix.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let groups = self.groups.iter().map(|group| Group {
            name: group.name.clone(),
            weight: group.weight,
            metrics: group
                .metrics
                .iter()
                .map(|metric| Metric {
                    name: metric.name.clone(),
                    tolerance: metric.tolerance,
                    direction: metric.direction,
                    critical: metric.critical,
                    must_have_data: metric.must_have_data,
                })
                .collect(),
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

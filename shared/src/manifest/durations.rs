//! Durations that are judged, and the thresholds above which a request is slow.

use serde::Serialize;

use super::dimensions::Dimensions;
#[cfg(feature = "schema")]
use super::judged::executed_version;
use crate::suite::TimeLimit;

/// Durations, and the thresholds above which a request is slow.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("dependentRequired" = with_a_metric())))]
pub struct Durations {
    /// Quantiles of the current version's own durations before the shift, each of which gives a threshold. Unless said 0.5, 0.9 and
    /// 0.99, or none if there are fixed thresholds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(inner(range(min = 0.01, max = 0.999))))]
    pub quantiles: Vec<f64>,
    /// Fixed thresholds beside them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<TimeLimit>,
    /// The metric that holds them; `None` for Lambda's own.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnDurations>,
}

/// Durations that the function itself writes, such as those of one route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OwnDurations {
    /// The CloudWatch namespace; with it goes `metric`.
    pub namespace: String,
    /// The metric whose values are durations.
    pub metric: String,
    /// Its dimensions, but for the one that tells the version. In a value, `${function}`, `${alias}`, `${resource}` (the function as it
    /// was invoked, `function:alias` or `function:version`) and `${stage}` stand for what the shift has for them.
    #[serde(default, skip_serializing_if = "Dimensions::is_empty")]
    pub dimensions: Dimensions,
    /// The dimension whose value is the version that answered.
    #[cfg_attr(feature = "schema", schemars(default = "executed_version"))]
    pub version_dimension: String,
    /// The unit of its values; milliseconds unless said.
    #[serde(default, skip_serializing_if = "DurationUnit::is_default")]
    pub unit: DurationUnit,
}

/// The unit of durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum DurationUnit {
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
    /// Milliseconds.
    #[default]
    #[serde(rename = "ms")]
    Milliseconds,
    /// Seconds.
    #[serde(rename = "s")]
    Seconds,
}

impl Durations {
    /// The quantiles that give thresholds: those that are named, or the usual ones where no threshold is named at all.
    #[must_use]
    pub fn quantiles(&self) -> &[f64] {
        const USUAL: [f64; 3] = [0.5, 0.9, 0.99];
        if self.quantiles.is_empty() && self.thresholds.is_empty() { &USUAL } else { &self.quantiles }
    }
}

impl DurationUnit {
    /// The units by the names of manifests.
    pub(super) const NAMES: [(&'static str, Self); 3] =
        [("us", Self::Microseconds), ("ms", Self::Milliseconds), ("s", Self::Seconds)];

    /// The number of these units in a millisecond.
    #[must_use]
    pub const fn in_a_millisecond(self) -> f64 {
        match self {
            Self::Microseconds => 1000.0,
            Self::Milliseconds => 1.0,
            Self::Seconds => 0.001,
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The members of a duration that stand beside others.
#[cfg(feature = "schema")]
fn with_a_metric() -> serde_json::Value {
    let mut needs = serde_json::json!({"namespace": ["metric"]});
    for member in ["metric", "dimensions", "versionDimension", "unit"] {
        needs[member] = serde_json::json!(["namespace"]);
    }
    needs
}

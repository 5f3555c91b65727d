//! What is judged during a shift, as people write it.

use std::str::FromStr;

use serde::Serialize;

use super::dimensions::Dimensions;
use super::durations::Durations;
use crate::judge::{Direction, Policy};

/// What is judged during a shift, and how strictly.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    /// The chance of stopping a good release, at most.
    #[cfg_attr(feature = "schema", schemars(default = "level", range(min = 1e-9, max = 0.5)))]
    pub level: f64,
    /// The requests of either version below which a metric has no data.
    #[cfg_attr(feature = "schema", schemars(default = "minimum_requests", range(min = 1)))]
    pub minimum_requests: u64,
    /// The score from which a release has passed, above 0 and at most 100.
    #[cfg_attr(feature = "schema", schemars(default = "pass", range(max = 100.0)))]
    pub pass: f64,
    /// The score from which it is marginal; not above `pass`.
    #[cfg_attr(feature = "schema", schemars(default = "marginal", range(min = 0.0, max = 100.0)))]
    pub marginal: f64,
    /// What becomes of a shift that has shown too little at its end; unless said, what the stage's settings say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Inconclusive"))]
    pub inconclusive: Option<Inconclusive>,
    /// The metrics, in groups that share a weight. Unless said: errors, throttles and durations, and the requests that failed for their
    /// user where the function counts them as Slipway's own API does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<JudgedGroup>,
}

/// What becomes of a shift that has shown too little at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Inconclusive {
    /// It is stopped and rolled back.
    Stop,
    /// It goes on.
    Pass,
}

/// Metrics that are about one thing.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct JudgedGroup {
    /// Unique among the groups.
    pub name: String,
    /// Its weight beside the other groups'; 1 unless said.
    #[cfg_attr(feature = "schema", schemars(default = "one", range(min = 1e-6, max = 1e6)))]
    pub weight: f64,
    /// Its metrics, at least one.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub metrics: Vec<JudgedMetric>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct JudgedMetric {
    /// Unique among all metrics; reports name the metric by it.
    pub name: String,
    /// What is measured.
    #[serde(flatten)]
    pub measure: Measure,
    /// The multiple of the current version's odds of a bad request up to which the target is no worse; 1 unless said.
    #[cfg_attr(feature = "schema", schemars(default = "one", range(min = 1.0, max = 1000.0)))]
    pub tolerance: f64,
    /// The change that counts against the target: `increase` unless said.
    #[serde(default, serialize_with = "direction", skip_serializing_if = "is_increase")]
    #[cfg_attr(feature = "schema", schemars(with = "Worse"))]
    pub direction: Direction,
    /// True if the score is 0 unless this metric passes.
    #[serde(default, skip_serializing_if = "is_false")]
    pub critical: bool,
    /// True if having no data is no better than being worse.
    #[serde(default, skip_serializing_if = "is_false")]
    pub must_have_data: bool,
}

/// What is measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "of", rename_all = "lowercase")]
pub enum Measure {
    /// Invocations that ended in an error (`AWS/Lambda`, `Errors`).
    Errors,
    /// Invocations that Lambda refused (`AWS/Lambda`, `Throttles`).
    Throttles,
    /// Invocations that took longer than a threshold (`AWS/Lambda`, `Duration`, or a metric of the function's own).
    Duration(Durations),
    /// Requests that were bad by the function's own count.
    Metric(OwnMetric),
}

/// A metric of the function's own: how many requests there were, and how many of them were bad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OwnMetric {
    /// The CloudWatch namespace of both.
    pub namespace: String,
    /// The metric whose sum is the number of bad requests.
    pub bad: String,
    /// The metric whose sum is the number of requests.
    pub requests: String,
    /// The dimensions of both, but for the one that tells the version. In a value, `${function}`, `${alias}`, `${resource}` (the function
    /// as it was invoked, `function:alias` or `function:version`) and `${stage}` stand for what the shift has for them.
    #[serde(default, skip_serializing_if = "Dimensions::is_empty")]
    pub dimensions: Dimensions,
    /// The dimension whose value is the version that answered.
    #[cfg_attr(feature = "schema", schemars(default = "executed_version"))]
    pub version_dimension: String,
}

/// [`Direction`] as it is written.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(dead_code, reason = "it is written down in the schema alone")]
enum Worse {
    /// More is worse.
    Increase,
    /// Less is worse.
    Decrease,
    /// Any change is worse.
    Either,
}

impl JudgedMetric {
    /// A metric of which more is worse, without tolerance, not critical, which may have no data.
    #[must_use]
    pub fn new(name: impl Into<String>, measure: Measure) -> Self {
        Self {
            name: name.into(),
            measure,
            tolerance: 1.0,
            direction: Direction::Increase,
            critical: false,
            must_have_data: false,
        }
    }
}

impl Default for Judged {
    fn default() -> Self {
        Self {
            level: Policy::LEVEL,
            minimum_requests: Policy::MINIMUM_REQUESTS,
            pass: Policy::PASS,
            marginal: Policy::MARGINAL,
            inconclusive: None,
            groups: Vec::new(),
        }
    }
}

impl FromStr for Inconclusive {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == text);
        found.map(|(_, policy)| *policy).ok_or("neither stop nor pass")
    }
}

impl Inconclusive {
    /// The policies by the names of manifests and settings.
    pub(super) const NAMES: [(&'static str, Self); 2] = [("stop", Self::Stop), ("pass", Self::Pass)];
}

/// The names of the directions, as they are written.
pub(super) const DIRECTIONS: [(&str, Direction); 3] =
    [("increase", Direction::Increase), ("decrease", Direction::Decrease), ("either", Direction::Either)];

impl OwnMetric {
    /// The dimension that tells the version unless said: the one that Lambda's own metrics have.
    pub const EXECUTED_VERSION: &str = "ExecutedVersion";
}

/// The dimension that tells the version unless said.
pub(super) fn executed_version() -> String {
    OwnMetric::EXECUTED_VERSION.to_owned()
}

#[cfg(feature = "schema")]
const fn level() -> f64 {
    Policy::LEVEL
}

#[cfg(feature = "schema")]
const fn minimum_requests() -> u64 {
    Policy::MINIMUM_REQUESTS
}

#[cfg(feature = "schema")]
const fn pass() -> f64 {
    Policy::PASS
}

#[cfg(feature = "schema")]
const fn marginal() -> f64 {
    Policy::MARGINAL
}

#[cfg(feature = "schema")]
const fn one() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn direction<S: serde::Serializer>(direction: &Direction, serializer: S) -> Result<S::Ok, S::Error> {
    let name = DIRECTIONS.iter().find(|(_, other)| other == direction).map_or("increase", |(name, _)| name);
    serializer.serialize_str(name)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_increase(direction: &Direction) -> bool {
    *direction == Direction::Increase
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(truth: &bool) -> bool {
    !*truth
}

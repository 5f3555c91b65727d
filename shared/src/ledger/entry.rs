//! One gate's verdict on one deployment, with its evidence.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::series::Point;
use crate::identity::DeploymentId;

/// The time for which an entry is kept. It is as long as the logs of production.
pub const RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The gate that judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Gate {
    /// The hook before any user reaches the target version.
    BeforeAllowTraffic,
    /// The watch while traffic shifts.
    AllowTraffic,
    /// The hook after all users reach the target version.
    AfterAllowTraffic,
}

impl Gate {
    /// The name of the lifecycle event at which the gate stands.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BeforeAllowTraffic => "BeforeAllowTraffic",
            Self::AllowTraffic => "AllowTraffic",
            Self::AfterAllowTraffic => "AfterAllowTraffic",
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A gate's verdict on a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// CodeDeploy's deployment.
    pub deployment_id: String,
    /// The gate that judged.
    pub gate: Gate,
    /// `passed`, `failed`, `inconclusive`, `errored`. As long as the entry is not closed: so far.
    pub verdict: String,
    /// True if the verdict is the last one.
    pub closed: bool,
    /// True if the deployment is to be stopped because of it.
    #[serde(default)]
    pub stops: bool,
    /// What followed from the verdict, in words; none if nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The reasons why it has not passed.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// The time at which it was judged.
    pub at: Timestamp,
    /// The stage, by whose policy the action followed.
    pub stage: String,
    /// CodeDeploy's application.
    pub application: String,
    /// CodeDeploy's deployment group.
    pub deployment_group: String,
    /// The name of the function that was judged.
    pub function: String,
    /// The alias whose traffic is shifted.
    pub alias: String,
    /// The version that the alias pointed to, where the deployment tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<String>,
    /// The version that was judged.
    pub target_version: String,
    /// The number of looks that were taken.
    #[serde(default)]
    pub looks: u64,
    /// The score from 0 to 100; none for a gate without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The chance, at most, that a release that is no worse looks as bad as this one; none without statistics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The address of the manifest whose settings it was judged by; none if by a gate's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// The metrics that were compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricEntry>,
    /// The checks that were run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<CheckEntry>,
    /// What else a reader should know, such as evidence that was left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The notification about it; none if people need not be told, or not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Notice>,
}

impl Entry {
    /// The deployment, if the text is one.
    #[must_use]
    pub fn deployment(&self) -> Option<DeploymentId> {
        self.deployment_id.parse().ok()
    }

    /// The time from which it need not be kept any more.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.at.checked_add(RETENTION).unwrap_or(Timestamp::MAX)
    }
}

/// A metric that was compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricEntry {
    /// The metric's name.
    pub name: String,
    /// `Pass`, `High`, `Low`, `Nodata`, `NodataFailMetric`, `Error`.
    pub class: String,
    /// How many times the current version's odds of a bad request the target's are; none if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<f64>,
    /// The lower end of the estimate's interval.
    pub low: f64,
    /// The upper end; none if there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Both versions over time.
    pub series: Vec<Point>,
}

/// A check that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckEntry {
    /// Its name in the suite.
    pub name: String,
    /// `passed`, `failed`, `errored`, `skipped`.
    pub outcome: String,
    /// The time that it took, in milliseconds.
    pub duration_ms: u64,
}

/// The notification about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Notice {
    /// It is to be sent.
    Owed,
    /// Somebody has been sending it since then.
    Sending(Timestamp),
    /// It was sent then.
    Sent(Timestamp),
}

//! One gate's verdict on one deployment, with its evidence.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::series::Point;
use crate::hook::LifecycleEvent;
use crate::identity::{DeploymentId, Stage};

/// The time for which an entry is kept. It is as long as the logs of production.
pub const RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The largest entry that a hook writes, as JSON, in bytes. An item of DynamoDB may have 400 KB; a reader pays for every 4 of them.
const LARGEST: usize = 64 * 1024;

/// The gate that judged, by the lifecycle event at which it stands: a hook's, or that of the watch while traffic shifts.
pub type Gate = LifecycleEvent;

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
    /// The name of the function, or of the ECS service, that was judged; empty if that could not be found out.
    pub function: String,
    /// The alias whose traffic is shifted; empty for an ECS service.
    pub alias: String,
    /// The version that the alias pointed to, where the deployment tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_version: Option<String>,
    /// The version that was judged; of an ECS service the ARN of what replaces its tasks.
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
    /// An entry that says of a verdict no more than where and when it was found. It is not closed.
    #[must_use]
    pub fn new(deployment_id: &str, gate: Gate, verdict: &str, (stage, at): (&Stage, Timestamp)) -> Self {
        Self {
            deployment_id: deployment_id.to_owned(),
            gate,
            verdict: verdict.to_owned(),
            closed: false,
            stops: false,
            action: None,
            reasons: Vec::new(),
            at,
            stage: stage.to_string(),
            application: String::new(),
            deployment_group: String::new(),
            function: String::new(),
            alias: String::new(),
            current_version: None,
            target_version: String::new(),
            looks: 0,
            score: None,
            probability: None,
            manifest: None,
            metrics: Vec::new(),
            checks: Vec::new(),
            notes: Vec::new(),
            notice: None,
        }
    }

    /// The same with what can be kept of its checks and reasons: those that are worth least are left out, and counted in a note. First
    /// the checks that passed go, then the others, then all reasons but one.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        let mut left_out = 0;
        while self.size() > LARGEST && self.leave_something_out() {
            left_out += 1;
        }
        if left_out > 0 {
            self.notes.push(format!("{left_out} reasons and checks are left out for their size"));
        }
        self
    }

    fn size(&self) -> usize {
        serde_json::to_string(self).map_or(0, |text| text.len())
    }

    fn leave_something_out(&mut self) -> bool {
        match self.checks.iter().rposition(|check| check.outcome == "passed") {
            Some(position) => drop(self.checks.remove(position)),
            None if self.checks.pop().is_some() => {}
            None if self.reasons.len() > 1 => drop(self.reasons.pop()),
            None => return false,
        }
        true
    }

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
    /// `passed`, `failed`, `errored`, `skipped`, `unfinished`.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(checks: &[(String, Option<String>)]) -> Entry {
        let gate = Gate::BeforeAllowTraffic;
        let check = |(name, reason): &(String, Option<String>)| CheckEntry {
            name: name.clone(),
            outcome: if reason.is_some() { "failed" } else { "passed" }.to_owned(),
            duration_ms: 7,
        };
        Entry {
            checks: checks.iter().map(check).collect(),
            reasons: checks.iter().filter_map(|(_, reason)| reason.clone()).collect(),
            ..Entry::new("d-ABC", gate, "failed", (&"production".parse().unwrap(), Timestamp::UNIX_EPOCH))
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn always_fits_and_always_reads_back(
            checks in proptest::collection::vec(("[a-zäß\"\\\\{}]{0,320}", proptest::option::of("[ -~ä{]{0,400}")), 0..400)
        ) {
            let (whole, fitted) = (entry(&checks), entry(&checks).fitted());
            let text = serde_json::to_string(&fitted).unwrap();
            prop_assert!(text.len() <= LARGEST + 100, "{} bytes", text.len());
            prop_assert_eq!(fitted.reasons.first(), whole.reasons.first());
            let left_out = whole.checks.len() + whole.reasons.len() - fitted.checks.len() - fitted.reasons.len();
            let note = (left_out > 0).then(|| format!("{left_out} reasons and checks are left out for their size"));
            prop_assert_eq!(fitted.notes.first(), note.as_ref());
            prop_assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), fitted);
        }
    }

    #[test]
    fn leaves_out_passed_checks_before_reasons() {
        let mut checks = vec![("bad".to_owned(), Some("expected 1, got 2".to_owned()))];
        checks.extend((0..2000).map(|index| (format!("good {index}"), None)));
        let fitted = entry(&checks).fitted();
        assert_eq!(
            (fitted.reasons.as_slice(), fitted.checks[0].name.as_str()),
            (&["expected 1, got 2".to_owned()][..], "bad")
        );
        assert!(fitted.checks.len() > 500 && fitted.checks.len() < 2000, "{}", fitted.checks.len());
    }
}

//! The criteria by which a deployment is judged: those of its release's manifest, or where there is none the watch's own.

use slipway_shared::hook::Shift;
use slipway_shared::manifest::{
    Dimensions, Durations, Inconclusive, Judged, JudgedGroup, JudgedMetric, Measure, OwnMetric,
};
use slipway_shared::suite::{NoSuite, StoredSuite, Suite, read_stored, read_stored_at};

use crate::ports::Ports;
use crate::settings::Settings;

/// How many times the current version's odds of a slow request are still no worse: the target's share of the traffic is smaller, and
/// so are its caches and connections colder.
const SLOWNESS_TOLERANCE: f64 = 1.5;
/// The longest quotation of a fault in the ledger, in characters.
const LONGEST_FAULT: usize = 300;

/// The criteria of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Criteria {
    /// The metrics and the thresholds. There is at least one group.
    pub(crate) judged: Judged,
    /// True if the manifest names the metrics: one without data then has no data. The watch's own are left out where there are none.
    pub(crate) are_named: bool,
    /// The policy for a shift that has shown too little at its end: the manifest's, or else the stage's.
    pub(crate) inconclusive: Inconclusive,
    /// The address of the manifest.
    pub(crate) manifest: Option<String>,
    /// The function's suite, whose requests may be sent.
    pub(crate) suite: Option<Suite>,
    /// The reason why the manifest, if there is one, is not known.
    pub(crate) fault: Option<String>,
}

impl Criteria {
    /// Reads them. `known` is the manifest that an earlier look went by: the function's parameter may be a newer release's by now.
    pub(crate) async fn read<P: Ports>(ports: &P, settings: &Settings, shift: &Shift, known: Option<&str>) -> Self {
        let stored = match known {
            Some(address) => read_stored_at(ports.objects(), address).await,
            None => {
                let name = settings.names.suite(shift.function.as_str());
                read_stored(ports.parameters(), ports.objects(), &name).await
            }
        };
        match stored {
            Ok(stored) => Self::of(stored, settings),
            Err(fault) => Self { manifest: known.map(str::to_owned), ..Self::without(&fault, settings) },
        }
    }

    fn of(StoredSuite { suite, released }: StoredSuite, settings: &Settings) -> Self {
        let (manifest, mut judged) =
            released.map_or_else(Default::default, |released| (Some(released.address), released.judged));
        let are_named = !judged.groups.is_empty();
        if !are_named {
            judged.groups = groups(settings.metrics_namespace.as_deref());
        }
        let inconclusive = judged.inconclusive.unwrap_or(settings.inconclusive);
        Self { judged, are_named, inconclusive, manifest, suite: Some(suite), fault: None }
    }

    fn without(fault: &NoSuite, settings: &Settings) -> Self {
        let own = Self { suite: None, ..Self::of(StoredSuite::default(), settings) };
        if fault.is_missing {
            return own;
        }
        tracing::warn!(error = fault.subject, "the release's manifest is not known: nothing passes by the watch's own");
        Self { fault: Some(fault.to_string().chars().take(LONGEST_FAULT).collect()), ..own }
    }
}

/// The metrics of a function whose release names none.
fn groups(metrics_namespace: Option<&str>) -> Vec<JudgedGroup> {
    let failures = metrics_namespace.map(failures);
    let others = [
        ("errors", Measure::Errors, 1.0),
        ("throttles", Measure::Throttles, 1.0),
        (
            "duration",
            Measure::Duration(Durations { quantiles: vec![0.9, 0.99], ..Durations::default() }),
            SLOWNESS_TOLERANCE,
        ),
    ];
    let others =
        others.map(|(name, measure, tolerance)| JudgedMetric { tolerance, ..JudgedMetric::new(name, measure) });
    // One group for each, so that the thresholds of durations have one part of the evidence together.
    let group = |metric: JudgedMetric| JudgedGroup { name: metric.name.clone(), weight: 1.0, metrics: vec![metric] };
    failures.into_iter().chain(others).map(group).collect()
}

/// The requests that failed for their user, as Slipway's own API counts them. A target that stopped counting its failures has not shown
/// that it has none.
fn failures(namespace: &str) -> JudgedMetric {
    let dimension = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let own = OwnMetric {
        namespace: namespace.to_owned(),
        bad: "Failures".to_owned(),
        requests: "Requests".to_owned(),
        dimensions: Dimensions::from([("Service", "${function}"), ("Resource", "${resource}")].map(dimension)),
        version_dimension: OwnMetric::EXECUTED_VERSION.to_owned(),
    };
    JudgedMetric { must_have_data: true, ..JudgedMetric::new("failures", Measure::Metric(own)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchs_own_metrics_are_judged_by_the_judges_own_thresholds() {
        let judged = Judged { groups: groups(Some("own")), ..Judged::default() };
        let policy = judged.policy(|metric| vec![metric.name.clone()]);
        let names: Vec<&str> = policy.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["failures", "errors", "throttles", "duration"]);
        assert_eq!(groups(None).len(), 3);
    }
}

//! Reads what is judged during a shift, and reports every fault of it with its place.

use std::collections::HashSet;

use super::dimensions::{Dimensions, dimensions};
use super::durations::{DurationUnit, Durations, OwnDurations};
use super::judged::{
    DIRECTIONS, Inconclusive, Judged, JudgedGroup, JudgedMetric, Measure, OwnMetric, executed_version,
};
use crate::reading::{At, Members};
use crate::suite;

/// Reads what is judged. What cannot be used is left out and reported.
pub(super) fn judged(at: &At<'_>) -> Option<Judged> {
    let mut members = at.members()?;
    let default = Judged::default();
    let mut number = |name, range| members.optional(name).and_then(|at: At<'_>| at.number(range));
    let level = number("level", 1e-9..=0.5).unwrap_or(default.level);
    let pass = number("pass", 0.0..=100.0).unwrap_or(default.pass);
    let marginal = number("marginal", 0.0..=100.0).unwrap_or(default.marginal.min(pass));
    let minimum_requests = members.optional("minimumRequests").and_then(|at| at.whole(1..=1_000_000_000));
    let inconclusive = members.optional("inconclusive").and_then(|at| at.choice(&Inconclusive::NAMES));
    let groups = members.optional("groups").and_then(|at| groups(&at)).unwrap_or_default();
    // A pass threshold of 0 would pass a release that was not seen.
    if pass <= 0.0 || marginal > pass {
        at.fault(format!("pass is {pass} and marginal {marginal}: pass is above 0, and marginal not above pass"));
    }
    members.finish();
    Some(Judged {
        level,
        minimum_requests: minimum_requests.unwrap_or(default.minimum_requests),
        pass,
        marginal,
        inconclusive,
        groups,
    })
}

fn groups(at: &At<'_>) -> Option<Vec<JudgedGroup>> {
    let (mut groups, mut metrics) = (HashSet::new(), HashSet::new());
    at.each(|at| {
        let group = group(at, &mut metrics)?;
        if !groups.insert(group.name.clone()) {
            at.fault(format!("two groups are called {:?}", group.name));
        }
        Some(group)
    })
}

fn group(at: &At<'_>, known: &mut HashSet<String>) -> Option<JudgedGroup> {
    let mut members = at.members()?;
    let name = members.required("name").and_then(|at| at.text().map(str::to_owned));
    let weight = members.optional("weight").and_then(|at| at.number(1e-6..=1e6)).unwrap_or(1.0);
    let metrics = members.required("metrics").and_then(|at| {
        let metrics = at.each(|at| {
            let metric = metric(at)?;
            if !known.insert(metric.name.clone()) {
                at.fault(format!("two metrics are called {:?}", metric.name));
            }
            Some(metric)
        })?;
        if at.node().items().is_empty() {
            at.fault("no metric is named");
        }
        Some(metrics)
    });
    members.finish();
    Some(JudgedGroup { name: name?, weight, metrics: metrics? })
}

type ReadMeasure = fn(&mut Members<'_>) -> Option<Measure>;

const MEASURES: [(&str, ReadMeasure); 4] = [
    ("errors", |_| Some(Measure::Errors)),
    ("throttles", |_| Some(Measure::Throttles)),
    ("duration", |members| durations(members).map(Measure::Duration)),
    ("metric", |members| own(members).map(Measure::Metric)),
];

fn metric(at: &At<'_>) -> Option<JudgedMetric> {
    let mut members = at.members()?;
    let name = members.required("name").and_then(|at| at.text().map(str::to_owned));
    let read = members.required("of").and_then(|at| at.choice(&MEASURES))?;
    let measure = read(&mut members);
    let tolerance = members.optional("tolerance").and_then(|at| at.number(1.0..=1000.0)).unwrap_or(1.0);
    let direction = members.optional("direction").and_then(|at| at.choice(&DIRECTIONS)).unwrap_or_default();
    let critical = members.optional("critical").and_then(|at| at.boolean()).unwrap_or_default();
    let must_have_data = members.optional("mustHaveData").and_then(|at| at.boolean()).unwrap_or_default();
    members.finish();
    Some(JudgedMetric { name: name?, measure: measure?, tolerance, direction, critical, must_have_data })
}

fn durations(members: &mut Members<'_>) -> Option<Durations> {
    let quantiles = members.optional("quantiles").and_then(|at| at.each(|at| at.number(0.01..=0.999)));
    let thresholds = members.optional("thresholds").and_then(|at| at.each(suite::time_limit));
    Some(Durations {
        quantiles: quantiles.unwrap_or_default(),
        thresholds: thresholds.unwrap_or_default(),
        own: own_durations(members)?,
    })
}

/// The function's own durations if any are named; `None` if those that are cannot be used.
fn own_durations(members: &mut Members<'_>) -> Option<Option<OwnDurations>> {
    let (namespace, metric) = (members.optional("namespace"), members.optional("metric"));
    let unit = members.optional("unit");
    let (Some(namespace), Some(metric)) = (&namespace, &metric) else {
        let rest = ["dimensions", "versionDimension"].map(|name| members.optional(name));
        let mut named = [namespace, metric, unit].into_iter().chain(rest).flatten();
        let Some(first) = named.next() else { return Some(None) };
        first.fault_of_key("durations of the function's own are named by namespace and metric together");
        return None;
    };
    let (dimensions, version_dimension) = own_dimensions(members);
    Some(Some(OwnDurations {
        namespace: namespace.text()?.to_owned(),
        metric: metric.text()?.to_owned(),
        dimensions,
        version_dimension,
        unit: unit.and_then(|at| at.choice(&DurationUnit::NAMES)).unwrap_or_default(),
    }))
}

fn own(members: &mut Members<'_>) -> Option<OwnMetric> {
    let mut text = |name| members.required(name).and_then(|at: At<'_>| at.text().map(str::to_owned));
    let (namespace, bad, requests) = (text("namespace"), text("bad"), text("requests"));
    let (dimensions, version_dimension) = own_dimensions(members);
    Some(OwnMetric { namespace: namespace?, bad: bad?, requests: requests?, dimensions, version_dimension })
}

/// The dimensions of a metric of the function's own, and the one that tells the version.
fn own_dimensions(members: &mut Members<'_>) -> (Dimensions, String) {
    let version = members.optional("versionDimension").and_then(|at| at.text().map(str::to_owned));
    let version = version.unwrap_or_else(executed_version);
    let named = members.optional("dimensions").and_then(|at| dimensions(&at, &version));
    (named.unwrap_or_default(), version)
}

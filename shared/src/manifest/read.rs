//! Reads a manifest, and reports every fault of one with its place.

use std::collections::HashSet;

use super::guarding::guarding;
use super::judged::{
    DIRECTIONS, Inconclusive, Judged, JudgedGroup, JudgedMetric, Measure, OwnMetric, Quantiles, executed_version,
};
use super::types::{Function, Manifest, template};
use crate::identity::ApplicationName;
use crate::reading::{At, Members};
use crate::suite::{self, Dialect, Files, Suite};

/// Reads a suite where it is named: from the place itself, or from the file whose name stands there.
pub(super) type ReadSuite<'r> = &'r dyn Fn(&At<'_>, &dyn Files) -> Option<Suite>;

/// Members that later releases of Slipway give an effect.
const LATER: [&str; 3] = ["stages", "promotion", "notifications"];

/// The suite that is written where it is used.
pub(super) fn suite(at: &At<'_>, files: &dyn Files) -> Option<Suite> {
    suite::read(at, Dialect::File, files)
}

/// Reads a manifest. What cannot be used is left out and reported.
pub(super) fn manifest(at: &At<'_>, suites: ReadSuite<'_>, files: &dyn Files) -> Option<Manifest> {
    let mut members = at.members()?;
    let application = members.required("application").and_then(|at| application(&at));
    let template_name = members.optional("template").and_then(|at| at.text().map(str::to_owned));
    let functions = members.required("functions").and_then(|at| {
        let entries = at.entries()?;
        if entries.is_empty() {
            at.fault("no function is named");
        }
        Some(entries.iter().filter_map(|(id, at)| function(id, at, suites, files)).collect())
    });
    let judge = members.optional("judge").and_then(|at| judged(&at));
    let guard = members.optional("guard").and_then(|at| guarding(&at));
    for name in LATER {
        members.reserved(name, "this release of Slipway does not read it");
    }
    members.finish();
    let template = template_name.unwrap_or_else(template);
    Some(Manifest { application: application?, template, functions: functions?, judge, guard })
}

fn application(at: &At<'_>) -> Option<String> {
    let name = at.text()?;
    match name.parse::<ApplicationName>() {
        Ok(_) => Some(name.to_owned()),
        Err(error) => {
            at.fault(format!("{name:?} is {error}"));
            None
        }
    }
}

fn function(id: &str, at: &At<'_>, suites: ReadSuite<'_>, files: &dyn Files) -> Option<(String, Function)> {
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
        at.fault_of_key(format!("{id:?} is no logical id of a template: letters and digits"));
    }
    let mut members = at.members()?;
    let suite = members.required("suite").and_then(|at| suites(&at, files));
    let judge = members.optional("judge").and_then(|at| judged(&at));
    members.reserved("guard", "this release of Slipway does not read it");
    members.finish();
    Some((id.to_owned(), Function { suite: suite?, judge }))
}

fn judged(at: &At<'_>) -> Option<Judged> {
    let mut members = at.members()?;
    let default = Judged::default();
    let mut number = |name, range| members.optional(name).and_then(|at: At<'_>| at.number(range));
    let level = number("level", 1e-9..=0.5).unwrap_or(default.level);
    let pass = number("pass", 0.0..=100.0).unwrap_or(default.pass);
    let marginal = number("marginal", 0.0..=100.0).unwrap_or(default.marginal.min(pass));
    let minimum_requests = members.optional("minimumRequests").and_then(|at| at.whole(1..=1_000_000_000));
    let inconclusive = members
        .optional("inconclusive")
        .and_then(|at| at.choice(&[("stop", Inconclusive::Stop), ("pass", Inconclusive::Pass)]));
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
        inconclusive: inconclusive.unwrap_or_default(),
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
    ("duration", |members| Some(Measure::Duration(quantiles(members)))),
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

fn quantiles(members: &mut Members<'_>) -> Quantiles {
    let quantiles = members.optional("quantiles").and_then(|at| at.each(|at| at.number(0.01..=0.999)));
    let thresholds = members.optional("thresholds").and_then(|at| at.each(suite::time_limit));
    Quantiles { quantiles: quantiles.unwrap_or_default(), thresholds: thresholds.unwrap_or_default() }
}

fn own(members: &mut Members<'_>) -> Option<OwnMetric> {
    let mut text = |name| members.required(name).and_then(|at: At<'_>| at.text().map(str::to_owned));
    let (namespace, bad, requests) = (text("namespace"), text("bad"), text("requests"));
    let dimensions = members.optional("dimensions").and_then(|at| {
        Some(at.entries()?.into_iter().filter_map(|(name, at)| Some((name.to_owned(), at.scalar()?))).collect())
    });
    let version = members.optional("versionDimension").and_then(|at| at.text().map(str::to_owned));
    Some(OwnMetric {
        namespace: namespace?,
        bad: bad?,
        requests: requests?,
        dimensions: dimensions.unwrap_or_default(),
        version_dimension: version.unwrap_or_else(executed_version),
    })
}

//! The metrics that are compared, and the statistics of CloudWatch that they are made of.
//!
//! Lambda counts by alias and executed version, so that what was invoked by a version's number (hooks, probes) is apart from what users
//! asked; both are evidence, each in looks of its own, since they do not ask the same. A function's own counts have the same dimensions beside its name: `Service`, `Resource`, `ExecutedVersion`.

use slipway_shared::judge::{Group, Metric, Policy};
use slipway_shared::metrics::MetricQuery;

use super::thresholds::Thresholds;

/// How many times the current version's odds of a slow request are still no worse: the target's share of the traffic is smaller, and
/// so are its caches and connections colder.
const SLOWNESS_TOLERANCE: f64 = 1.5;

/// The two versions, and where they are counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Versions<'a> {
    pub(crate) function: &'a str,
    pub(crate) alias: &'a str,
    pub(crate) current: &'a str,
    pub(crate) target: &'a str,
    /// The namespace of the functions' own counts.
    pub(crate) namespace: Option<&'a str>,
}

impl Versions<'_> {
    pub(super) fn resource(&self) -> String {
        format!("{}:{}", self.function, self.alias)
    }
}

/// Whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// Those that came through the alias.
    Users,
    /// Those that named a version.
    Probes,
}

/// Something that CloudWatch counts in each minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Count {
    /// The sum of a metric of Lambda's.
    Lambda(&'static str),
    /// The number of durations.
    Durations,
    /// The number of durations up to so many milliseconds.
    DurationsUpTo(f64),
    /// The sum of a metric of the function's own.
    Own(&'static str),
}

/// A pair of proportions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measure {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// The kinds of measures, which differ in what is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Requests that failed for their user, by the function's own count.
    Failures,
    /// Invocations that ended with a function error.
    Errors,
    /// Invocations that were refused for lack of concurrency.
    Throttles,
    /// Invocations slower than so many milliseconds.
    SlowerThan(f64),
}

impl Kind {
    /// The counts whose sum is the requests.
    pub(super) fn requests(self) -> &'static [Count] {
        match self {
            Self::Failures => &[Count::Own("Requests")],
            Self::Errors => &[Count::Lambda("Invocations")],
            // A throttled request is not invoked.
            Self::Throttles => &[Count::Lambda("Invocations"), Count::Lambda("Throttles")],
            Self::SlowerThan(_) => &[Count::Durations],
        }
    }

    /// The count of the bad ones, or, for a slow request, of the good ones.
    pub(super) const fn counted(self) -> Count {
        match self {
            Self::Failures => Count::Own("Failures"),
            Self::Errors => Count::Lambda("Errors"),
            Self::Throttles => Count::Lambda("Throttles"),
            Self::SlowerThan(threshold) => Count::DurationsUpTo(threshold),
        }
    }

    pub(super) const fn is_slowness(self) -> bool {
        matches!(self, Self::SlowerThan(_))
    }

    /// True if a probe can tell it. A few requests in a row say nothing of durations.
    pub(super) const fn is_probed(self) -> bool {
        !self.is_slowness()
    }
}

/// The measures, the most telling first.
pub(super) fn measures(versions: &Versions<'_>, thresholds: &Thresholds) -> Vec<Measure> {
    let measure = |name: &str, kind| Measure { name: name.to_owned(), kind };
    let mut measures = Vec::new();
    if versions.namespace.is_some() {
        measures.push(measure("failures", Kind::Failures));
    }
    measures.push(measure("errors", Kind::Errors));
    measures.push(measure("throttles", Kind::Throttles));
    for threshold in thresholds.milliseconds() {
        measures.push(measure(&format!("slower than {threshold} ms"), Kind::SlowerThan(threshold)));
    }
    measures
}

/// The policy by which the measures are judged: one group for each kind, so that the thresholds share one part of the evidence.
pub(super) fn policy(measures: &[Measure]) -> Policy {
    let (slow, others): (Vec<_>, Vec<_>) = measures.iter().partition(|measure| measure.kind.is_slowness());
    let mut groups: Vec<Group> = others
        .into_iter()
        .map(|measure| {
            // A target that stopped counting its failures has not shown that it has none.
            let must_have_data = measure.kind == Kind::Failures;
            Group::new(&measure.name, vec![Metric { must_have_data, ..Metric::new(&measure.name) }])
        })
        .collect();
    if !slow.is_empty() {
        let metric = |measure: &&Measure| Metric { tolerance: SLOWNESS_TOLERANCE, ..Metric::new(&measure.name) };
        groups.push(Group::new("duration", slow.iter().map(metric).collect()));
    }
    Policy::new(groups)
}

/// Everything that is asked of CloudWatch for the measures, each once.
pub(super) fn queries(versions: &Versions<'_>, thresholds: &Thresholds) -> Vec<MetricQuery> {
    let mut queries: Vec<MetricQuery> = Vec::new();
    for Measure { kind, .. } in measures(versions, thresholds) {
        let origins = [Origin::Users].into_iter().chain(kind.is_probed().then_some(Origin::Probes));
        for origin in origins {
            for count in kind.requests().iter().copied().chain([kind.counted()]) {
                for version in [versions.current, versions.target] {
                    let query = query(versions, origin, version, count);
                    if !queries.contains(&query) {
                        queries.push(query);
                    }
                }
            }
        }
    }
    queries
}

/// The query of one count of one version.
pub(super) fn query(versions: &Versions<'_>, origin: Origin, version: &str, count: Count) -> MetricQuery {
    let (namespace, service, name, statistic) = match count {
        Count::Lambda(name) => ("AWS/Lambda", "FunctionName", name, "Sum".to_owned()),
        Count::Durations => ("AWS/Lambda", "FunctionName", "Duration", "SampleCount".to_owned()),
        Count::DurationsUpTo(threshold) => ("AWS/Lambda", "FunctionName", "Duration", format!("TC(:{threshold})")),
        Count::Own(name) => (versions.namespace.unwrap_or_default(), "Service", name, "Sum".to_owned()),
    };
    let resource = match origin {
        Origin::Users => versions.resource(),
        Origin::Probes => format!("{}:{version}", versions.function),
    };
    let dimension = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut dimensions = vec![dimension(service, versions.function), dimension("Resource", &resource)];
    // Lambda tells the executed version of an alias only; a function always knows its own.
    if origin == Origin::Users || matches!(count, Count::Own(_)) {
        dimensions.push(dimension("ExecutedVersion", version));
    }
    MetricQuery { namespace: namespace.to_owned(), name: name.to_owned(), dimensions, statistic }
}

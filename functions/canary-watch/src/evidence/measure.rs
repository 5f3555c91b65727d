//! The metrics that are compared, and the statistics of CloudWatch that they are made of.
//!
//! Lambda counts by alias and executed version, so that what was invoked by a version's number (hooks, probes) is apart from what users
//! asked; both are evidence, each in looks of its own, since they do not ask the same. A function's own metrics have the dimensions that
//! the manifest names; those that do not tell how the function was invoked count users and probes together.

use std::collections::BTreeMap;

use slipway_shared::manifest::{
    Dimensions, Durations, JudgedGroup, JudgedMetric, Measure as Named, OwnMetric, filled, tell_the_resource,
};
use slipway_shared::metrics::MetricQuery;

use super::thresholds::Thresholds;

/// The two versions, and what else is known of their shift.
#[derive(Debug, Clone, Copy)]
pub(super) struct Versions<'a> {
    pub(super) function: &'a str,
    pub(super) alias: &'a str,
    pub(super) stage: &'a str,
    pub(super) current: &'a str,
    pub(super) target: &'a str,
    /// True if both had traffic at once. Assumed: Lambda tells the executed version only as long as the alias has two, since its guide says
    /// of the dimension that it compares two versions that are targets of a weighted alias.
    pub(super) are_at_once: bool,
}

/// Whose requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// Those that came through the alias.
    Users,
    /// Those that named a version.
    Probes,
}

/// A metric of CloudWatch, but for the version.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Source<'a> {
    /// One of Lambda's.
    Lambda(&'static str),
    /// One of the function's own.
    Own { namespace: &'a str, name: &'a str, dimensions: &'a Dimensions, version_dimension: &'a str },
}

/// Something that CloudWatch counts in each minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Count<'a> {
    /// The sum of the values.
    Sum(Source<'a>),
    /// The number of the values.
    Samples(Source<'a>),
    /// The number of the values up to a bound.
    UpTo(Source<'a>, f64),
}

/// A pair of proportions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measure<'a> {
    /// Its name in verdicts.
    pub(super) name: String,
    pub(super) kind: Kind<'a>,
}

/// The kinds of measures, which differ in what is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind<'a> {
    /// Invocations that ended with a function error.
    Errors,
    /// Invocations that were refused for lack of concurrency.
    Throttles,
    /// Requests that were bad by the function's own count.
    Bad(&'a OwnMetric),
    /// Requests slower than so many milliseconds.
    SlowerThan(&'a Durations, u32),
}

/// All invocations, by which is told how busy a version was.
pub(super) const INVOCATIONS: Count<'static> = Count::Sum(Source::Lambda("Invocations"));

impl<'a> Source<'a> {
    const fn counted(own: &'a OwnMetric, name: &'a str) -> Self {
        let OwnMetric { namespace, dimensions, version_dimension, .. } = own;
        Self::Own { namespace: namespace.as_str(), name, dimensions, version_dimension: version_dimension.as_str() }
    }

    /// The metric that holds durations.
    pub(super) fn of_durations(durations: &'a Durations) -> Self {
        durations.own.as_ref().map_or(Self::Lambda("Duration"), |own| Self::Own {
            namespace: &own.namespace,
            name: &own.metric,
            dimensions: &own.dimensions,
            version_dimension: &own.version_dimension,
        })
    }

    /// True if it is counted apart for users and for probes.
    fn tells_origins(self) -> bool {
        match self {
            Self::Lambda(_) => true,
            Self::Own { dimensions, .. } => tell_the_resource(dimensions),
        }
    }

    /// The query of a statistic of it.
    pub(super) fn query(
        self,
        versions: &Versions<'_>,
        origin: Origin,
        version: &str,
        statistic: String,
    ) -> MetricQuery {
        let resource = match origin {
            Origin::Users => format!("{}:{}", versions.function, versions.alias),
            Origin::Probes => format!("{}:{version}", versions.function),
        };
        let dimension = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match self {
            Self::Lambda(name) => {
                let mut dimensions =
                    vec![dimension("FunctionName", versions.function), dimension("Resource", &resource)];
                // And of an alias only.
                if origin == Origin::Users && versions.are_at_once {
                    dimensions.push(dimension("ExecutedVersion", version));
                }
                MetricQuery { namespace: "AWS/Lambda".to_owned(), name: name.to_owned(), dimensions, statistic }
            }
            Self::Own { namespace, name, dimensions, version_dimension } => {
                let value_of = |name: &str| match name {
                    "function" => Some(versions.function),
                    "alias" => Some(versions.alias),
                    "resource" => Some(resource.as_str()),
                    "stage" => Some(versions.stage),
                    _ => None,
                };
                let mut dimensions = filled(dimensions, value_of);
                dimensions.push(dimension(version_dimension, version));
                MetricQuery { namespace: namespace.to_owned(), name: name.to_owned(), dimensions, statistic }
            }
        }
    }
}

impl Count<'_> {
    /// The query of this count of one version.
    pub(super) fn query(self, versions: &Versions<'_>, origin: Origin, version: &str) -> MetricQuery {
        let (source, statistic) = match self {
            Self::Sum(source) => (source, "Sum".to_owned()),
            Self::Samples(source) => (source, "SampleCount".to_owned()),
            Self::UpTo(source, bound) => (source, format!("TC(:{bound})")),
        };
        source.query(versions, origin, version, statistic)
    }
}

impl<'a> Kind<'a> {
    /// The counts whose sum is the requests.
    pub(super) fn requests(self) -> Vec<Count<'a>> {
        match self {
            Self::Errors => vec![INVOCATIONS],
            // A throttled request is not invoked.
            Self::Throttles => vec![INVOCATIONS, Count::Sum(Source::Lambda("Throttles"))],
            Self::Bad(own) => vec![Count::Sum(Source::counted(own, &own.requests))],
            Self::SlowerThan(durations, _) => vec![Count::Samples(Source::of_durations(durations))],
        }
    }

    /// The count of the bad ones, or, for a slow request, of the good ones.
    pub(super) fn counted(self) -> Count<'a> {
        match self {
            Self::Errors => Count::Sum(Source::Lambda("Errors")),
            Self::Throttles => Count::Sum(Source::Lambda("Throttles")),
            Self::Bad(own) => Count::Sum(Source::counted(own, &own.bad)),
            Self::SlowerThan(durations, milliseconds) => {
                let unit = durations.own.as_ref().map(|own| own.unit).unwrap_or_default();
                Count::UpTo(Source::of_durations(durations), f64::from(milliseconds) * unit.in_a_millisecond())
            }
        }
    }

    pub(super) const fn is_slowness(self) -> bool {
        matches!(self, Self::SlowerThan(..))
    }

    /// True if users' and probes' requests are counted apart.
    pub(super) fn tells_origins(self) -> bool {
        match self {
            Self::Errors | Self::Throttles => true,
            Self::Bad(own) => tell_the_resource(&own.dimensions),
            Self::SlowerThan(durations, _) => Source::of_durations(durations).tells_origins(),
        }
    }

    /// True if probes have looks of their own. A few requests in a row say nothing of durations.
    pub(super) fn is_probed(self) -> bool {
        !self.is_slowness() && self.tells_origins()
    }
}

/// The name of each judged metric's measures: its own, or one for each threshold.
pub(super) fn measures_of<'a>(metric: &'a JudgedMetric, thresholds: &Thresholds) -> Vec<Measure<'a>> {
    let one = |kind| vec![Measure { name: metric.name.clone(), kind }];
    match &metric.measure {
        Named::Errors => one(Kind::Errors),
        Named::Throttles => one(Kind::Throttles),
        Named::Metric(own) => one(Kind::Bad(own)),
        Named::Duration(durations) => {
            let threshold = |milliseconds| Measure {
                name: format!("{}>{milliseconds}ms", metric.name),
                kind: Kind::SlowerThan(durations, milliseconds),
            };
            thresholds.milliseconds().map(threshold).collect()
        }
    }
}

/// The measures of all metrics, by the metrics' names. A duration without thresholds has none.
pub(super) fn measures<'a>(
    groups: &'a [JudgedGroup],
    thresholds: &BTreeMap<&str, Thresholds>,
) -> BTreeMap<&'a str, Vec<Measure<'a>>> {
    let none = Thresholds::default();
    let metrics = groups.iter().flat_map(|group| &group.metrics);
    metrics
        .map(|metric| {
            let name = metric.name.as_str();
            (name, measures_of(metric, thresholds.get(name).unwrap_or(&none)))
        })
        .collect()
}

/// Everything that is asked of CloudWatch for the measures, each once.
pub(super) fn queries<'a>(
    measures: impl IntoIterator<Item = &'a Measure<'a>>,
    versions: &Versions<'_>,
) -> Vec<MetricQuery> {
    let mut counts = vec![(INVOCATIONS, true)];
    for Measure { kind, .. } in measures {
        counts.extend(kind.requests().into_iter().chain([kind.counted()]).map(|count| (count, kind.is_probed())));
    }
    let mut queries: Vec<MetricQuery> = Vec::new();
    for (count, is_probed) in counts {
        for origin in [Origin::Users].into_iter().chain(is_probed.then_some(Origin::Probes)) {
            queries.extend([versions.current, versions.target].map(|version| count.query(versions, origin, version)));
        }
    }
    queries.sort();
    queries.dedup();
    queries
}

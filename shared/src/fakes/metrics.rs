//! CloudWatch in memory: values by metric, and the statistics that are asked of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::call::CallError;
use crate::metrics::{GetMetricData, MetricQuery, Stretch, Values};

type Key = (String, String, Vec<(String, String)>);

/// The values of one metric.
#[derive(Debug, Clone, Default)]
struct Metric {
    /// Time, value, and the number of times that it came.
    values: Vec<(Timestamp, f64, f64)>,
    is_unreadable: bool,
}

/// Metrics; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    metrics: Arc<Mutex<BTreeMap<Key, Metric>>>,
}

impl Metrics {
    /// A value that came `times` times.
    pub fn put(&self, namespace: &str, name: &str, dimensions: &[(&str, &str)], at: Timestamp, value: f64, times: f64) {
        self.lock().entry(key(namespace, name, dimensions)).or_default().values.push((at, value, times));
    }

    /// Makes CloudWatch answer nothing for this metric.
    pub fn hide(&self, namespace: &str, name: &str, dimensions: &[(&str, &str)]) {
        self.lock().entry(key(namespace, name, dimensions)).or_default().is_unreadable = true;
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Metric>> {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Key {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut dimensions: Vec<_> = dimensions.iter().map(owned).collect();
    dimensions.sort();
    (namespace.to_owned(), name.to_owned(), dimensions)
}

impl GetMetricData for Metrics {
    async fn get_metric_data(&self, queries: &[MetricQuery], stretch: Stretch) -> Result<Vec<Values>, CallError> {
        let metrics = self.lock();
        let read = |query: &MetricQuery| {
            let mut dimensions = query.dimensions.clone();
            dimensions.sort();
            match metrics.get(&(query.namespace.clone(), query.name.clone(), dimensions)) {
                Some(metric) if metric.is_unreadable => None,
                metric => Some(statistics(metric.map_or(&[], |metric| &metric.values), &query.statistic, stretch)),
            }
        };
        Ok(queries.iter().map(read).collect())
    }
}

fn statistics(values: &[(Timestamp, f64, f64)], statistic: &str, stretch: Stretch) -> BTreeMap<Timestamp, f64> {
    let mut periods: BTreeMap<Timestamp, Vec<(f64, f64)>> = BTreeMap::new();
    for (at, value, times) in values.iter().filter(|(at, _, _)| *at >= stretch.from && *at < stretch.to) {
        let passed = at.duration_since(stretch.from).unsigned_abs().as_secs() / stretch.period.as_secs();
        let periods_passed = u32::try_from(passed).unwrap_or(u32::MAX);
        let begin = stretch.from.checked_add(stretch.period * periods_passed).unwrap_or(stretch.to);
        periods.entry(begin).or_default().push((*value, *times));
    }
    periods.into_iter().map(|(at, values)| (at, read(values, statistic))).collect()
}

fn read(mut values: Vec<(f64, f64)>, statistic: &str) -> f64 {
    let total: f64 = values.iter().map(|(_, times)| times).sum();
    if let Some(bound) = statistic.strip_prefix("TC(:").and_then(|rest| rest.strip_suffix(')')?.parse::<f64>().ok()) {
        return values.iter().filter(|(value, _)| *value <= bound).map(|(_, times)| times).sum();
    }
    if let Some(percent) = statistic.strip_prefix('p').and_then(|rest| rest.parse::<f64>().ok()) {
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut seen = 0.0;
        let reached = values.iter().find(|(_, times)| {
            seen += times;
            seen >= total * percent / 100.0
        });
        return reached.map_or(0.0, |(value, _)| *value);
    }
    if statistic == "SampleCount" { total } else { values.iter().map(|(value, times)| value * times).sum() }
}

//! The values of all metrics, by the second for three hours and by the minute for fifteen days, as CloudWatch keeps
//! them. Putting a value costs a look-up; old seconds are folded into minutes as new ones come.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::core::Timestamp;

use super::statistic::Bucket;

const BY_SECOND: i64 = 3 * 3600;
const BY_MINUTE: i64 = 15 * 86_400;

/// The key of a metric: its namespace, its name and its dimensions in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct MetricKey {
    pub namespace: String,
    pub name: String,
    pub dimensions: Vec<(String, String)>,
}

/// One value, or several, of a metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sample {
    /// A value and how often it came.
    Value(f64, f64),
    /// Samples, sum, minimum and maximum.
    Set(f64, f64, f64, f64),
}

/// The values of one unit of a metric.
#[derive(Debug, Default)]
struct Series {
    /// Buckets by the second since the epoch.
    seconds: BTreeMap<i64, Bucket>,
    /// Buckets by the second at which the minute begins.
    minutes: BTreeMap<i64, Bucket>,
}

impl Series {
    fn add(&mut self, second: i64, sample: &Sample) {
        let newest = self.seconds.keys().next_back().copied().unwrap_or(second).max(second);
        let bucket = if second <= newest - BY_SECOND {
            self.minutes.entry(second - second.rem_euclid(60)).or_default()
        } else {
            self.seconds.entry(second).or_default()
        };
        match *sample {
            Sample::Value(value, count) => bucket.add(value, count),
            Sample::Set(samples, sum, minimum, maximum) => bucket.add_set(samples, sum, minimum, maximum),
        }
        self.fold(newest);
    }

    fn fold(&mut self, newest: i64) {
        while let Some(entry) = self.seconds.first_entry().filter(|entry| *entry.key() <= newest - BY_SECOND) {
            let (second, bucket) = entry.remove_entry();
            let minute = self.minutes.entry(second - second.rem_euclid(60)).or_default();
            minute.merge(&bucket);
            minute.thin();
        }
        while let Some(entry) = self.minutes.first_entry().filter(|entry| *entry.key() <= newest - BY_MINUTE) {
            entry.remove();
        }
    }

    fn read(&self, from: i64, to: i64, into: &mut Bucket) {
        for bucket in self.minutes.range(from..to).chain(self.seconds.range(from..to)).map(|(_, bucket)| bucket) {
            into.merge(bucket);
        }
    }
}

/// All metrics with their data.
#[derive(Debug, Default)]
pub(super) struct MetricStore(Mutex<HashMap<MetricKey, Metric>>);

#[derive(Debug, Default)]
struct Metric {
    by_unit: Vec<(String, Series)>,
    newest: Timestamp,
}

impl MetricStore {
    fn with<T>(&self, look: impl FnOnce(&mut HashMap<MetricKey, Metric>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a sample.
    pub(super) fn put(&self, key: MetricKey, unit: &str, at: Timestamp, sample: &Sample) {
        self.with(|metrics| {
            let metric = metrics.entry(key).or_default();
            metric.newest = metric.newest.max(at);
            let index = metric.by_unit.iter().position(|(known, _)| known == unit).unwrap_or_else(|| {
                metric.by_unit.push((unit.to_owned(), Series::default()));
                metric.by_unit.len() - 1
            });
            metric.by_unit[index].1.add(at.as_millis().div_euclid(1000), sample);
        });
    }

    /// The values of a metric from a time (included) to another (not), to whole seconds. Without a unit it is those of
    /// the first unit that the metric has, in CloudWatch's own order.
    pub(super) fn read(&self, key: &MetricKey, unit: Option<&str>, from: Timestamp, to: Timestamp) -> Bucket {
        let mut bucket = Bucket::default();
        let (from, to) = (from.as_millis().div_euclid(1000), to.as_millis().div_euclid(1000));
        self.with(|metrics| {
            let series = metrics.get(key).map(|metric| &metric.by_unit[..]).unwrap_or_default();
            let chosen = match unit {
                Some(unit) => series.iter().find(|(known, _)| unit == known),
                None => series.iter().min_by_key(|(known, _)| rank(known)),
            };
            if let Some((_, series)) = chosen {
                series.read(from, to, &mut bucket);
            }
        });
        bucket
    }

    /// The units that a metric's values came in.
    pub(super) fn units(&self, key: &MetricKey) -> Vec<String> {
        self.with(|metrics| {
            let series = metrics.get(key).map(|metric| &metric.by_unit[..]).unwrap_or_default();
            series.iter().map(|(unit, _)| unit.clone()).collect()
        })
    }

    /// The metrics that had values within `age` before `now`, in order.
    pub(super) fn metrics(&self, now: Timestamp, age: Duration) -> Vec<MetricKey> {
        let mut keys: Vec<MetricKey> = self.with(|metrics| {
            metrics.iter().filter(|(_, it)| it.newest >= now - age).map(|(key, _)| key.clone()).collect()
        });
        keys.sort();
        keys
    }
}

/// The place of a unit in the order in which CloudWatch prefers one when a query names none. The order is not
/// documented; it was observed by LocalStack's tests against AWS.
fn rank(unit: &str) -> usize {
    const ORDER: [&str; 27] = [
        "Megabits",
        "Terabits",
        "Gigabits",
        "Count",
        "Bytes",
        "Gigabytes",
        "Gigabytes/Second",
        "Kilobytes",
        "Kilobits/Second",
        "Terabytes",
        "Terabits/Second",
        "Bytes/Second",
        "Percent",
        "Megabytes",
        "Megabits/Second",
        "Milliseconds",
        "Microseconds",
        "Kilobytes/Second",
        "Gigabits/Second",
        "Megabytes/Second",
        "Bits",
        "Bits/Second",
        "Count/Second",
        "Seconds",
        "Kilobits",
        "Terabytes/Second",
        "None",
    ];
    ORDER.iter().position(|known| *known == unit).unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use super::super::statistic::Statistic;
    use super::*;

    fn key() -> MetricKey {
        MetricKey { namespace: "AWS/Lambda".into(), name: "Duration".into(), dimensions: Vec::new() }
    }

    #[test]
    fn a_window_holds_what_came_within_it() {
        let (store, start) = (MetricStore::default(), Timestamp::from_millis(1_700_000_040_000));
        for second in 0..120 {
            store.put(key(), "Count", start + Duration::from_secs(second), &Sample::Value(1.0, 1.0));
        }
        let minute = start + Duration::from_secs(60);
        assert_eq!(store.read(&key(), None, start, minute).read(Statistic::Sum), Some(60.0));
        assert_eq!(store.read(&key(), Some("Seconds"), start, minute).read(Statistic::Sum), None);
        assert_eq!(store.units(&key()), ["Count"]);
    }

    #[test]
    fn old_seconds_become_minutes_and_then_nothing() {
        let (store, start) = (MetricStore::default(), Timestamp::from_millis(1_700_000_040_000));
        for hour in 0..(24 * 16) {
            for second in 0..10 {
                let at = start + Duration::from_secs(hour * 3600 + second);
                store.put(key(), "Count", at, &Sample::Value(2.0, 1.0));
            }
        }
        let day = Duration::from_secs(86_400);
        let on = |day_number: u32| store.read(&key(), None, start + day * day_number, start + day * (day_number + 1));
        assert_eq!(on(0).read(Statistic::Sum), None);
        assert_eq!(on(2).read(Statistic::Sum), Some(480.0));
        let buckets = store.with(|metrics| {
            let series = &metrics[&key()].by_unit[0].1;
            series.seconds.len() + series.minutes.len()
        });
        assert!(buckets < 24 * 15 + 40, "{buckets}");
    }
}

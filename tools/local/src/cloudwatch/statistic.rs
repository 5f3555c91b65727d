//! Statistics of a metric over a period, and the buckets that they are read from.

use std::fmt;
use std::str::FromStr;

/// How many distinct values a bucket keeps before it keeps their neighbours together.
const DISTINCT_VALUES: usize = 2048;

/// A statistic that can be read from a bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// `p0` to `p100`.
    Percentile(f64),
}

impl FromStr for Statistic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "SampleCount" => Ok(Self::SampleCount),
            "Average" => Ok(Self::Average),
            "Sum" => Ok(Self::Sum),
            "Minimum" => Ok(Self::Minimum),
            "Maximum" => Ok(Self::Maximum),
            _ => text
                .strip_prefix('p')
                .and_then(|percent| percent.parse::<f64>().ok())
                .filter(|percent| (0.0..=100.0).contains(percent))
                .map(Self::Percentile)
                .ok_or_else(|| format!("the local plane does not compute the statistic {text}")),
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SampleCount => f.write_str("SampleCount"),
            Self::Average => f.write_str("Average"),
            Self::Sum => f.write_str("Sum"),
            Self::Minimum => f.write_str("Minimum"),
            Self::Maximum => f.write_str("Maximum"),
            Self::Percentile(percent) => write!(f, "p{percent}"),
        }
    }
}

/// The values of one metric in one stretch of time.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    samples: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
    /// Value and how often it came.
    values: Vec<(f64, f64)>,
    /// Samples that came as a statistic set: their values are not known.
    undistributed: f64,
}

impl Default for Bucket {
    fn default() -> Self {
        Self {
            samples: 0.0,
            sum: 0.0,
            minimum: f64::INFINITY,
            maximum: f64::NEG_INFINITY,
            values: Vec::new(),
            undistributed: 0.0,
        }
    }
}

impl Bucket {
    /// A value that came `count` times.
    pub(super) fn add(&mut self, value: f64, count: f64) {
        self.samples += count;
        self.sum += value * count;
        self.minimum = self.minimum.min(value);
        self.maximum = self.maximum.max(value);
        match self.values.last_mut() {
            // Counters repeat the same value: they cost one entry.
            Some((last, times)) if last.total_cmp(&value).is_eq() => *times += count,
            _ => self.values.push((value, count)),
        }
        if self.values.len() >= 2 * DISTINCT_VALUES {
            self.thin();
        }
    }

    /// A statistic set. When all its samples are the same value, that value is known.
    pub(super) fn add_set(&mut self, samples: f64, sum: f64, minimum: f64, maximum: f64) {
        if samples <= 1.0 || minimum.total_cmp(&maximum).is_eq() {
            self.add(minimum, samples);
            return;
        }
        self.samples += samples;
        self.sum += sum;
        self.minimum = self.minimum.min(minimum);
        self.maximum = self.maximum.max(maximum);
        self.undistributed += samples;
    }

    /// Everything of another bucket.
    pub(super) fn merge(&mut self, other: &Self) {
        self.samples += other.samples;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
        self.undistributed += other.undistributed;
        self.values.extend_from_slice(&other.values);
    }

    /// How many samples came.
    pub(super) fn samples(&self) -> f64 {
        self.samples
    }

    /// A statistic; none without samples, and no percentile when some samples' values are not known.
    pub(super) fn read(&mut self, statistic: Statistic) -> Option<f64> {
        if self.samples <= 0.0 {
            return None;
        }
        match statistic {
            Statistic::SampleCount => Some(self.samples),
            Statistic::Average => Some(self.sum / self.samples),
            Statistic::Sum => Some(self.sum),
            Statistic::Minimum => Some(self.minimum),
            Statistic::Maximum => Some(self.maximum),
            Statistic::Percentile(percent) => self.percentile(percent),
        }
    }

    /// The smallest value that `percent` of the samples do not exceed.
    fn percentile(&mut self, percent: f64) -> Option<f64> {
        if self.undistributed > 0.0 {
            return None;
        }
        if percent >= 100.0 {
            return Some(self.maximum);
        }
        self.values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let rank = self.samples * percent / 100.0;
        let mut seen = 0.0;
        for (value, count) in &self.values {
            seen += count;
            if seen + 1e-9 >= rank {
                return Some(*value);
            }
        }
        self.values.last().map(|(value, _)| *value)
    }

    /// Puts equal values together, and neighbours where there are too many, so that no value stands for more than a
    /// thousandth of the samples unless it came that often.
    pub(super) fn thin(&mut self) {
        self.values.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.values.dedup_by(|later, kept| {
            let same = later.0.total_cmp(&kept.0).is_eq();
            if same {
                kept.1 += later.1;
            }
            same
        });
        if self.values.len() <= DISTINCT_VALUES {
            return;
        }
        // Two neighbours that stay apart are more than this together, so at most DISTINCT_VALUES stay.
        let most = 2.0 * (self.samples - self.undistributed) / DISTINCT_VALUES as f64;
        self.values.dedup_by(|later, kept| {
            let together = kept.1 + later.1;
            let close = together <= most;
            if close {
                *kept = ((kept.0 * kept.1 + later.0 * later.1) / together, together);
            }
            close
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_exact() {
        let mut bucket = Bucket::default();
        for value in (1..=100).rev() {
            bucket.add(f64::from(value), 1.0);
        }
        let read = |bucket: &mut Bucket, text: &str| bucket.read(text.parse().unwrap());
        assert_eq!(read(&mut bucket, "p99"), Some(99.0));
        assert_eq!(read(&mut bucket, "p50"), Some(50.0));
        assert_eq!(read(&mut bucket, "p100"), Some(100.0));
        assert_eq!(read(&mut bucket, "p0"), Some(1.0));
        assert_eq!(read(&mut bucket, "Average"), Some(50.5));
    }

    #[test]
    fn a_full_bucket_keeps_its_sums_and_about_its_percentiles() {
        let mut bucket = Bucket::default();
        for value in 0..100_000 {
            bucket.add(f64::from(value), 1.0);
        }
        assert!(bucket.values.len() < 2 * DISTINCT_VALUES);
        assert_eq!(bucket.read(Statistic::SampleCount), Some(100_000.0));
        let median = bucket.read(Statistic::Percentile(50.0)).unwrap();
        assert!((median - 50_000.0).abs() < 500.0, "{median}");
    }

    #[test]
    fn a_statistic_set_has_no_percentiles_unless_it_is_one_value() {
        let mut bucket = Bucket::default();
        bucket.add_set(3.0, 6.0, 2.0, 2.0);
        assert_eq!(bucket.read(Statistic::Percentile(50.0)), Some(2.0));
        bucket.add_set(2.0, 6.0, 1.0, 5.0);
        assert_eq!(bucket.read(Statistic::Percentile(50.0)), None);
        assert_eq!(bucket.read(Statistic::Average), Some(2.4));
    }

    #[test]
    fn an_unknown_statistic_is_named() {
        assert!("tm99".parse::<Statistic>().unwrap_err().contains("tm99"));
    }
}

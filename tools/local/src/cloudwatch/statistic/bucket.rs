//! The values of one metric in one stretch of time.

use super::{Bounds, Measure, Statistic};

/// The number of distinct values that a bucket keeps before it keeps their neighbours together.
pub(super) const DISTINCT_VALUES: usize = 2048;

/// The values of one metric in one stretch of time.
#[derive(Clone, Debug)]
pub(in crate::cloudwatch) struct Bucket {
    samples: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
    /// Value and how often it came.
    pub(super) values: Vec<(f64, f64)>,
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
    pub(in crate::cloudwatch) fn add(&mut self, value: f64, count: f64) {
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
    pub(in crate::cloudwatch) fn add_set(&mut self, samples: f64, sum: f64, minimum: f64, maximum: f64) {
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

    /// Adds everything of another bucket.
    pub(in crate::cloudwatch) fn merge(&mut self, other: &Self) {
        self.samples += other.samples;
        self.sum += other.sum;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
        self.undistributed += other.undistributed;
        self.values.extend_from_slice(&other.values);
    }

    /// The number of samples that came.
    pub(in crate::cloudwatch) fn samples(&self) -> f64 {
        self.samples
    }

    /// A statistic; none without samples. One that needs the values themselves is none when some are not known, and when
    /// some are negative, as CloudWatch documents.
    pub(in crate::cloudwatch) fn read(&mut self, statistic: Statistic) -> Option<f64> {
        if self.samples <= 0.0 {
            return None;
        }
        match statistic {
            Statistic::SampleCount => Some(self.samples),
            Statistic::Average => Some(self.sum / self.samples),
            Statistic::Sum => Some(self.sum),
            Statistic::Minimum => Some(self.minimum),
            Statistic::Maximum => Some(self.maximum),
            _ if self.undistributed > 0.0 || self.minimum < 0.0 => None,
            Statistic::Percentile(percent) => self.percentile(percent),
            Statistic::Trimmed(measure, bounds) => self.trimmed(measure, bounds),
            Statistic::Rank(bounds) => {
                Some(100.0 * self.within(bounds).iter().map(|(_, count)| count).sum::<f64>() / self.samples)
            }
        }
    }

    /// The smallest value that `percent` of the samples do not exceed.
    fn percentile(&mut self, percent: f64) -> Option<f64> {
        if percent >= 100.0 {
            return Some(self.maximum);
        }
        self.sort();
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

    fn trimmed(&mut self, measure: Measure, bounds: Bounds) -> Option<f64> {
        let kept = self.within(bounds);
        let count: f64 = kept.iter().map(|(_, count)| count).sum();
        let sum: f64 = kept.iter().map(|(value, count)| value * count).sum();
        match measure {
            Measure::Count => Some(count),
            Measure::Sum => Some(sum),
            Measure::Mean => Some(sum / count).filter(|_| count > 0.0),
            Measure::WinsorizedMean => self.winsorized(bounds),
        }
    }

    /// The mean, with the values outside the bounds moved to them.
    fn winsorized(&mut self, bounds: Bounds) -> Option<f64> {
        let mut at = |bound: Option<f64>| match bound {
            Some(bound) if bounds.percent => self.percentile(bound),
            bound => bound,
        };
        let (lower, upper) = (at(bounds.lower).unwrap_or(f64::MIN), at(bounds.upper).unwrap_or(f64::MAX));
        let sum: f64 = self.values.iter().map(|(value, count)| value.max(lower).min(upper) * count).sum();
        Some(sum / self.samples)
    }

    /// The values between two bounds; of a value at a bound in percent, the share of it.
    fn within(&mut self, bounds: Bounds) -> Vec<(f64, f64)> {
        self.sort();
        let rank = |bound: Option<f64>, open: f64| bound.map_or(open, |percent| self.samples * percent / 100.0);
        let (from, to) = (rank(bounds.lower, 0.0), rank(bounds.upper, self.samples));
        let mut seen = 0.0;
        let mut kept = Vec::new();
        for (value, count) in &self.values {
            let share = if bounds.percent {
                (to.min(seen + count) - from.max(seen)).max(0.0)
            } else {
                let inside =
                    bounds.lower.is_none_or(|lower| *value > lower) && bounds.upper.is_none_or(|upper| *value <= upper);
                if inside { *count } else { 0.0 }
            };
            seen += count;
            if share > 0.0 {
                kept.push((*value, share));
            }
        }
        kept
    }

    fn sort(&mut self) {
        self.values.sort_by(|a, b| a.0.total_cmp(&b.0));
    }

    /// Puts equal values together, and neighbours where there are too many, so that no value stands for more than a
    /// thousandth of the samples unless it came that often.
    pub(in crate::cloudwatch) fn thin(&mut self) {
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

//! Statistics of a metric over a period, and the buckets that they are read from.

use std::fmt;
use std::str::FromStr;

/// How many distinct values a bucket keeps before it keeps their neighbours together.
const DISTINCT_VALUES: usize = 2048;

/// A statistic that can be read from a bucket.
///
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html>
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// `p0` to `p100`.
    Percentile(f64),
    /// `tm90`, `TC(10%:90%)`, `WM(:500)`, `IQM` …: a measure of the values between two bounds.
    Trimmed(Measure, Bounds),
    /// `PR(:300)`: the percentage of the values between two bounds.
    Rank(Bounds),
}

/// What is measured of the values that a trimmed statistic keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Mean,
    /// The mean of all values, those outside moved to the bounds.
    WinsorizedMean,
    Count,
    Sum,
}

/// The bounds of a statistic; none is open. The lower one is left out, the upper one is included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    /// Whether they are percentages of the values, not values.
    pub percent: bool,
}

impl FromStr for Statistic {
    /// The text that is no statistic.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "SampleCount" => Ok(Self::SampleCount),
            "Average" => Ok(Self::Average),
            "Sum" => Ok(Self::Sum),
            "Minimum" => Ok(Self::Minimum),
            "Maximum" => Ok(Self::Maximum),
            "IQM" => Ok(Self::Trimmed(Measure::Mean, Bounds { lower: Some(25.0), upper: Some(75.0), percent: true })),
            _ => extended(text).ok_or_else(|| text.to_owned()),
        }
    }
}

/// A statistic of a short form, such as `p90` and `tm90`, or of a long one, such as `TM(10%:90%)`.
fn extended(text: &str) -> Option<Statistic> {
    if let Some((name, bounds)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let bounds = Bounds::parse(bounds)?;
        return match measure(name) {
            None if name == "PR" && !bounds.percent => Some(Statistic::Rank(bounds)),
            measure => measure.map(|measure| Statistic::Trimmed(measure, bounds)),
        };
    }
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (name, percent) = text.split_at(digits);
    let percent = number(percent).filter(|percent| (0.0..=100.0).contains(percent))?;
    if name == "p" {
        return Some(Statistic::Percentile(percent));
    }
    let measure = measure(&name.to_uppercase()).filter(|_| name.chars().all(|c| c.is_ascii_lowercase()))?;
    Some(Statistic::Trimmed(measure, Bounds { lower: None, upper: Some(percent), percent: true }))
}

fn measure(name: &str) -> Option<Measure> {
    match name {
        "TM" => Some(Measure::Mean),
        "WM" => Some(Measure::WinsorizedMean),
        "TC" => Some(Measure::Count),
        "TS" => Some(Measure::Sum),
        _ => None,
    }
}

/// A decimal number; no sign, exponent or name of one.
fn number(text: &str) -> Option<f64> {
    let decimal = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.');
    text.parse().ok().filter(|_| decimal)
}

impl Bounds {
    fn parse(text: &str) -> Option<Self> {
        let (lower, upper) = text.split_once(':')?;
        let percent = text.contains('%');
        let bound = |text: &str| match text {
            "" => Some(None),
            _ if percent => number(text.strip_suffix('%')?).filter(|it| *it <= 100.0).map(Some),
            _ => number(text).map(Some),
        };
        let bounds = Self { lower: bound(lower)?, upper: bound(upper)?, percent };
        let ordered = match (bounds.lower, bounds.upper) {
            (Some(lower), Some(upper)) => lower < upper,
            (None, None) => false,
            _ => true,
        };
        ordered.then_some(bounds)
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.percent { "%" } else { "" };
        let bound = |bound: Option<f64>| bound.map(|it| format!("{it}{unit}")).unwrap_or_default();
        write!(f, "({}:{})", bound(self.lower), bound(self.upper))
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
            Self::Rank(bounds) => write!(f, "PR{bounds}"),
            Self::Trimmed(measure, bounds) => {
                let name = match measure {
                    Measure::Mean => "TM",
                    Measure::WinsorizedMean => "WM",
                    Measure::Count => "TC",
                    Measure::Sum => "TS",
                };
                write!(f, "{name}{bounds}")
            }
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

    /// A statistic; none without samples. What needs the values themselves is none when some are not known, and when
    /// some are negative, as CloudWatch documents.
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
    use test_case::test_case;

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

    #[test_case("tm90", 5.0; "the mean of nine tenths")]
    #[test_case("TM(10%:90%)", 5.5; "the mean between two shares")]
    #[test_case("IQM", 5.5; "the mean of the middle")]
    #[test_case("tc80", 8.0; "the count of eight tenths")]
    #[test_case("ts20", 3.0; "the sum of two tenths")]
    #[test_case("wm90", 5.4; "the mean with the largest moved down")]
    #[test_case("TC(2:5)", 3.0; "the count between two values")]
    #[test_case("PR(:3)", 30.0; "the rank of a value")]
    fn trimmed_statistics_are_computed(text: &str, expected: f64) {
        let mut bucket = Bucket::default();
        (1..=10).for_each(|value| bucket.add(f64::from(value), 1.0));
        let found = bucket.read(text.parse().unwrap()).unwrap();
        assert!((found - expected).abs() < 1e-9, "{found}");
    }

    #[test]
    fn negative_values_have_no_percentiles() {
        let mut bucket = Bucket::default();
        bucket.add(-1.0, 1.0);
        assert_eq!((bucket.read(Statistic::Percentile(50.0)), bucket.read(Statistic::Sum)), (None, Some(-1.0)));
    }

    #[test_case("90"; "a number")]
    #[test_case("p101"; "more than all")]
    #[test_case("pinf"; "no number")]
    #[test_case("TM(90%:10%)"; "bounds in the wrong order")]
    #[test_case("PR(:)"; "no bounds")]
    #[test_case("average"; "small letters")]
    fn what_is_no_statistic_is_named(text: &str) {
        assert_eq!(text.parse::<Statistic>().unwrap_err(), text);
    }
}

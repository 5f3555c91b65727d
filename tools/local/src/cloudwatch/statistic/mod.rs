//! Statistics of a metric over a period: their names, and in [`Bucket`] the values that they are read from.

mod bucket;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub(super) use bucket::Bucket;

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
    /// A percentile, from `p0` to `p100`.
    Percentile(f64),
    /// `tm90`, `TC(10%:90%)`, `WM(:500)`, `IQM` …: a measure of the values between two bounds.
    Trimmed(Measure, Bounds),
    /// `PR(:300)`: the percentage of the values between two bounds.
    Rank(Bounds),
}

/// The measure of the values that a trimmed statistic keeps.
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
    /// True if they are percentages of the values, not values.
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

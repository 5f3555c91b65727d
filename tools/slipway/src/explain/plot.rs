//! Both versions over time, as one line of a terminal each. Pure.

use slipway_shared::ledger::{Point, Sample};

/// The columns of a line.
const COLUMNS: usize = 60;
/// From nothing to the highest rate of both versions.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// A time without requests.
const NOTHING: char = '·';

/// The rates of one version in columns, drawn.
pub(super) fn line(rates: &[Option<f64>], highest: f64) -> String {
    rates.iter().map(|rate| rate.map_or(NOTHING, |rate| height(rate, highest))).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of eight is from 0 to 7")]
fn height(rate: f64, highest: f64) -> char {
    let share = if highest > 0.0 { (rate / highest).clamp(0.0, 1.0) } else { 0.0 };
    let top = HEIGHTS.len() - 1;
    HEIGHTS[((share * top as f64).ceil() as usize).min(top)]
}

/// The rates of both versions, current and target, in at most so many columns as a terminal has.
pub(super) fn rates(series: &[Point]) -> (Vec<Option<f64>>, Vec<Option<f64>>) {
    let together = series.len().div_ceil(COLUMNS).max(1);
    let columns = || series.chunks(together);
    (
        columns().map(|points| total(points, |point| point.current).rate()).collect(),
        columns().map(|points| total(points, |point| point.target).rate()).collect(),
    )
}

/// The highest of the rates; 0 without any.
pub(super) fn highest(rates: &[Option<f64>]) -> f64 {
    rates.iter().flatten().copied().fold(0.0, f64::max)
}

/// All requests of a version and the bad ones among them.
pub(super) fn total(series: &[Point], of: fn(&Point) -> Sample) -> Sample {
    series.iter().map(of).fold(Sample::default(), Sample::plus)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_line_is_as_high_as_the_rate() {
        let rates = [Some(0.0), Some(0.001), Some(0.05), Some(0.1), None];
        assert_eq!(line(&rates, 0.1), "▁▂▅█·");
        assert_eq!(line(&[Some(0.0), None], 0.0), "▁·");
    }

    #[test]
    fn a_long_series_fits_a_terminal() {
        let point = Point {
            at: Timestamp::UNIX_EPOCH,
            current: Sample { requests: 10, bad: 1 },
            target: Sample { requests: 0, bad: 0 },
        };
        let (current, target) = rates(&[point; 100]);
        assert_eq!((current.len(), target.len()), (50, 50));
        assert_eq!((current[0], target[0]), (Some(0.1), None));
        assert_eq!(total(&[point; 100], |point| point.current), Sample { requests: 1000, bad: 100 });
    }
}

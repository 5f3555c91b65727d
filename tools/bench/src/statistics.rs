//! Medians and their spread.

use serde::Serialize;
use statrs::statistics::{Data, OrderStatistics};

/// The middle of a figure's values, and the quartles around it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Half of the values are below it.
    pub median: f64,
    /// A quarter of the values are below it.
    pub lower_quartile: f64,
    /// A quarter of the values are above it.
    pub upper_quartile: f64,
}

impl Spread {
    /// The spread of some values; none of no values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut data = Data::new(values.into_iter().collect::<Vec<f64>>());
        if data.is_empty() {
            return None;
        }
        Some(Self {
            median: data.median(),
            lower_quartile: data.lower_quartile(),
            upper_quartile: data.upper_quartile(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_start_does_not_move_the_middle() {
        let spread = Spread::of([3.0, 1.0, 2.0, 900.0, 4.0]).unwrap();
        assert_eq!(spread.median, 3.0);
        assert!(spread.lower_quartile >= 1.0 && spread.lower_quartile < 3.0);
        assert!(spread.upper_quartile > 3.0 && spread.upper_quartile < 900.0);
    }

    #[test]
    fn nothing_measured_has_no_middle() {
        assert_eq!(Spread::of([]), None);
    }
}

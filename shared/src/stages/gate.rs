//! Whether a stage lets a release in: its windows and its freezes at an instant.

use jiff::Timestamp;

use super::freeze::Freeze;
use super::window::Window;

/// A stage at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// Releases enter.
    Open,
    /// None enters.
    Closed {
        /// The first instant at which it is open again; none if it never is.
        until: Option<Timestamp>,
        /// The reason, for whoever waits.
        reason: String,
    },
}

/// The gate of a stage at an instant. Without windows it is open, of several each opens it, and a freeze closes it whatever they say.
#[must_use]
pub fn gate(windows: &[Window], freezes: &[Freeze], at: Timestamp) -> Gate {
    let reason = match freezes.iter().find(|freeze| freeze.holds(at)) {
        Some(freeze) => format!("it is frozen until {}: {}", freeze.until, freeze.reason),
        None if is_open(windows, at) => return Gate::Open,
        None => "none of its windows is open".to_owned(),
    };
    Gate::Closed { until: opening(windows, freezes, at), reason }
}

fn is_open(windows: &[Window], at: Timestamp) -> bool {
    windows.is_empty() || windows.iter().any(|window| window.is_open(at))
}

/// The first instant from one on at which the stage is open. Each turn passes a freeze, or finds the next window: there are no more turns
/// than twice the freezes and one.
fn opening(windows: &[Window], freezes: &[Freeze], from: Timestamp) -> Option<Timestamp> {
    let mut at = from;
    loop {
        if let Some(freeze) = freezes.iter().find(|freeze| freeze.holds(at)) {
            at = freeze.until;
        } else if is_open(windows, at) {
            return Some(at);
        } else {
            at = windows.iter().filter_map(|window| window.next_beginning(at)).min()?;
        }
    }
}

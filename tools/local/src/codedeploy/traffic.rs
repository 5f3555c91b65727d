//! The way of traffic to the target version: the increments of a deployment configuration.

use std::time::Duration;

use serde_json::{Value, json};

use crate::core::{Input, ServiceError};

/// The longest time between the first and the last increment: 2880 minutes (CodeDeploy's quotas).
const LONGEST_SHIFT: Duration = Duration::from_secs(2880 * 60);

/// A `TrafficRoutingConfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TrafficRouting {
    /// Everything in one increment.
    AllAtOnce,
    /// `percentage`, then the rest one `interval` later.
    Canary { percentage: u8, interval: Duration },
    /// `percentage` more every `interval`.
    Linear { percentage: u8, interval: Duration },
}

impl TrafficRouting {
    /// The target version's share after increment `index` (the first is 0 and is made at once), in percent.
    pub(super) fn percentage_after(self, index: u32) -> u8 {
        let share = match self {
            Self::AllAtOnce => 100,
            Self::Canary { percentage, .. } if index == 0 => u32::from(percentage),
            Self::Canary { .. } => 100,
            Self::Linear { percentage, .. } => u32::from(percentage) * (index + 1),
        };
        u8::try_from(share.min(100)).unwrap_or(100)
    }

    /// The time for which an increment is held before the next.
    pub(super) fn interval(self) -> Duration {
        match self {
            Self::AllAtOnce => Duration::ZERO,
            Self::Canary { interval, .. } | Self::Linear { interval, .. } => interval,
        }
    }

    /// The number of increments that lead to 100 percent.
    pub(super) fn increments(self) -> u32 {
        match self {
            Self::AllAtOnce => 1,
            Self::Canary { .. } => 2,
            Self::Linear { percentage, .. } => 100_u32.div_ceil(u32::from(percentage.max(1))),
        }
    }

    /// The time between the first increment and the last.
    pub(super) fn shift_duration(self) -> Duration {
        self.interval() * (self.increments() - 1)
    }

    /// Reads a `trafficRoutingConfig`.
    ///
    /// # Errors
    /// `InvalidTrafficRoutingConfigurationException` for a type that is none of the three, a percentage outside
    /// 1 to 99, an interval below a minute or a shift longer than 2880 minutes.
    pub(super) fn from_model(config: &Input) -> Result<Self, ServiceError> {
        let routing = match config.opt_str("type") {
            Some("AllAtOnce") => Self::AllAtOnce,
            Some("TimeBasedCanary") => {
                let (percentage, interval) =
                    step(&config.object("timeBasedCanary"), "canaryPercentage", "canaryInterval")?;
                Self::Canary { percentage, interval }
            }
            Some("TimeBasedLinear") => {
                let (percentage, interval) =
                    step(&config.object("timeBasedLinear"), "linearPercentage", "linearInterval")?;
                Self::Linear { percentage, interval }
            }
            other => return Err(invalid(format!("{} is not a traffic routing type", other.unwrap_or("no type")))),
        };
        if routing.shift_duration() > LONGEST_SHIFT {
            return Err(invalid("the shift would take longer than 2880 minutes"));
        }
        Ok(routing)
    }

    /// The `trafficRoutingConfig` as the API shows it.
    pub(super) fn to_model(self) -> Value {
        let minutes = self.interval().as_secs() / 60;
        match self {
            Self::AllAtOnce => json!({ "type": "AllAtOnce" }),
            Self::Canary { percentage, .. } => json!({
                "type": "TimeBasedCanary",
                "timeBasedCanary": { "canaryPercentage": percentage, "canaryInterval": minutes },
            }),
            Self::Linear { percentage, .. } => json!({
                "type": "TimeBasedLinear",
                "timeBasedLinear": { "linearPercentage": percentage, "linearInterval": minutes },
            }),
        }
    }
}

fn step(config: &Input, percentage: &str, interval: &str) -> Result<(u8, Duration), ServiceError> {
    let share = config
        .opt_i64(percentage)
        .and_then(|share| u8::try_from(share).ok())
        .filter(|share| (1..=99).contains(share))
        .ok_or_else(|| invalid(format!("{percentage} must be from 1 to 99")))?;
    let minutes = config
        .opt_i64(interval)
        .and_then(|minutes| u64::try_from(minutes).ok())
        .filter(|minutes| (1..=2880).contains(minutes))
        .ok_or_else(|| invalid(format!("{interval} must be from 1 to 2880 minutes")))?;
    Ok((share, Duration::from_secs(minutes * 60)))
}

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidTrafficRoutingConfigurationException", message)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(minutes * 60)
    }

    fn timeline(routing: TrafficRouting) -> Vec<u8> {
        (0..routing.increments()).map(|index| routing.percentage_after(index)).collect()
    }

    #[test]
    fn a_canary_has_two_increments_and_a_linear_shift_as_many_as_it_needs() {
        assert_eq!(timeline(TrafficRouting::AllAtOnce), [100]);
        assert_eq!(timeline(TrafficRouting::Canary { percentage: 10, interval: minutes(5) }), [10, 100]);
        let linear = TrafficRouting::Linear { percentage: 30, interval: minutes(1) };
        assert_eq!(timeline(linear), [30, 60, 90, 100]);
        assert_eq!(linear.shift_duration(), minutes(3));
    }

    #[test_case(json!({"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 0, "canaryInterval": 5}}); "no share")]
    #[test_case(json!({"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 100, "canaryInterval": 5}}); "everything")]
    #[test_case(json!({"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 2881}}); "too long")]
    #[test_case(json!({"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 1, "linearInterval": 60}}); "too long in sum")]
    #[test_case(json!({"type": "TimeBasedLinear"}); "no step")]
    #[test_case(json!({"type": "Sometimes"}); "unknown type")]
    fn a_routing_outside_the_quotas_is_refused(config: Value) {
        let error = TrafficRouting::from_model(&config.into()).unwrap_err();
        assert!(error.is("InvalidTrafficRoutingConfigurationException"), "{error}");
    }

    #[test]
    fn a_routing_reads_what_it_shows() {
        for routing in [
            TrafficRouting::AllAtOnce,
            TrafficRouting::Canary { percentage: 25, interval: minutes(7) },
            TrafficRouting::Linear { percentage: 10, interval: minutes(3) },
        ] {
            assert_eq!(TrafficRouting::from_model(&routing.to_model().into()), Ok(routing));
        }
    }
}

//! The state of an alarm for the datapoints of its evaluation range: M out of N, and the ways to treat missing data,
//! as CloudWatch documents them ("Configuring how CloudWatch alarms treat missing data").

/// The state of an alarm, metric or composite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::cloudwatch) enum State {
    Ok,
    Alarm,
    InsufficientData,
}

impl State {
    /// The word for it in `StateValue`.
    pub(in crate::cloudwatch) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// The state of that `StateValue`.
    pub(in crate::cloudwatch) fn from_name(name: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData].into_iter().find(|state| state.as_str() == name)
    }
}

/// The `ComparisonOperator` of a static threshold; those of anomaly bands are not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cloudwatch) enum Comparison {
    GreaterOrEqual,
    Greater,
    Less,
    LessOrEqual,
}

impl Comparison {
    /// The operator of that name; none for those of anomaly detection.
    pub(in crate::cloudwatch) fn from_name(name: &str) -> Option<Self> {
        match name {
            "GreaterThanOrEqualToThreshold" => Some(Self::GreaterOrEqual),
            "GreaterThanThreshold" => Some(Self::Greater),
            "LessThanThreshold" => Some(Self::Less),
            "LessThanOrEqualToThreshold" => Some(Self::LessOrEqual),
            _ => None,
        }
    }

    /// True if a value breaches the threshold.
    pub(in crate::cloudwatch) fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterOrEqual => value >= threshold,
            Self::Greater => value > threshold,
            Self::Less => value < threshold,
            Self::LessOrEqual => value <= threshold,
        }
    }

    /// The words for it in a state's reason.
    pub(in crate::cloudwatch) fn in_words(self) -> &'static str {
        match self {
            Self::GreaterOrEqual => "greater than or equal to",
            Self::Greater => "greater than",
            Self::Less => "less than",
            Self::LessOrEqual => "less than or equal to",
        }
    }
}

/// The treatment of missing datapoints: `TreatMissingData`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cloudwatch) enum MissingData {
    Missing,
    Ignore,
    Breaching,
    NotBreaching,
}

impl MissingData {
    /// The treatment of that name.
    pub(in crate::cloudwatch) fn from_name(name: &str) -> Option<Self> {
        match name {
            "missing" => Some(Self::Missing),
            "ignore" => Some(Self::Ignore),
            "breaching" => Some(Self::Breaching),
            "notBreaching" => Some(Self::NotBreaching),
            _ => None,
        }
    }
}

/// The rule "M out of N" of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cloudwatch) struct Quorum {
    /// M: the datapoints that must breach, `DatapointsToAlarm`.
    pub datapoints: usize,
    /// N: the periods that are looked at, `EvaluationPeriods`.
    pub periods: usize,
}

impl Quorum {
    /// The number of periods that are looked at, in case some of the last are missing. AWS documents 5 for 3 and keeps the rule
    /// to itself.
    pub(in crate::cloudwatch) fn range(self) -> usize {
        self.periods + 2
    }

    /// The state for the datapoints of the range, the oldest first: whether each breaches, or none when it is missing.
    /// None keeps the state that the alarm has.
    pub(in crate::cloudwatch) fn evaluate(self, range: &[Option<bool>], missing: MissingData) -> Option<State> {
        let real: Vec<bool> = range.iter().flatten().copied().collect();
        let state = |breaching: usize| Some(if breaching >= self.datapoints { State::Alarm } else { State::Ok });
        let breaching = |points: &[bool]| points.iter().filter(|breaches| **breaches).count();
        if real.len() >= self.periods {
            // The most recent real datapoints decide, however far back they are in the range.
            return state(breaching(&real[real.len() - self.periods..]));
        }
        let filled = self.periods - real.len();
        match missing {
            MissingData::Breaching => state(breaching(&real) + filled),
            MissingData::NotBreaching => state(breaching(&real)),
            MissingData::Missing if real.is_empty() => Some(State::InsufficientData),
            MissingData::Missing if self.is_premature(range) => Some(State::Alarm),
            MissingData::Ignore if real.is_empty() || breaching(&real) == real.len() => {
                Some(State::Alarm).filter(|_| breaching(&real) >= self.datapoints)
            }
            MissingData::Missing | MissingData::Ignore => state(breaching(&real)),
        }
    }

    /// "Premature alarm state": nothing but breaching datapoints, of which the oldest is as old as the quorum.
    fn is_premature(self, range: &[Option<bool>]) -> bool {
        let only_breaching = range.iter().flatten().all(|breaches| *breaches);
        let age = range.iter().position(Option::is_some).map_or(0, |index| range.len() - index);
        only_breaching && age >= self.datapoints
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn range(text: &str) -> Vec<Option<bool>> {
        text.chars().map(|c| (c != '-').then_some(c == 'X')).collect()
    }

    const OK: Option<State> = Some(State::Ok);
    const ALARM: Option<State> = Some(State::Alarm);
    const NO_DATA: Option<State> = Some(State::InsufficientData);
    const KEEP: Option<State> = None;

    // The two tables of the documentation, in the order missing, ignore, breaching, notBreaching.
    #[test_case(3, "0-X-X", [OK, OK, OK, OK])]
    #[test_case(3, "0----", [OK, OK, OK, OK])]
    #[test_case(3, "-----", [NO_DATA, KEEP, ALARM, OK])]
    #[test_case(3, "0XX-X", [ALARM, ALARM, ALARM, ALARM])]
    #[test_case(3, "--X--", [ALARM, KEEP, ALARM, OK])]
    #[test_case(2, "0-X-X", [ALARM, ALARM, ALARM, ALARM])]
    #[test_case(2, "00X0X", [ALARM, ALARM, ALARM, ALARM])]
    #[test_case(2, "0-X--", [OK, OK, ALARM, OK])]
    #[test_case(2, "----0", [OK, OK, ALARM, OK])]
    #[test_case(2, "---X-", [ALARM, KEEP, ALARM, OK])]
    fn missing_data_counts_as_documented(datapoints: usize, points: &str, expected: [Option<State>; 4]) {
        let quorum = Quorum { datapoints, periods: 3 };
        assert_eq!(quorum.range(), points.len());
        let treatments = [MissingData::Missing, MissingData::Ignore, MissingData::Breaching, MissingData::NotBreaching];
        let found = treatments.map(|missing| quorum.evaluate(&range(points), missing));
        assert_eq!(found, expected);
    }

    #[test_case("----X")]
    #[test_case("---X-")]
    fn an_alarm_does_not_go_off_before_the_quorum_could_be_met(points: &str) {
        let quorum = Quorum { datapoints: 3, periods: 3 };
        assert_ne!(quorum.evaluate(&range(points), MissingData::Missing), ALARM);
    }
}

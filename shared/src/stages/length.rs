//! A length of time that people plan with.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// A length of time of whole seconds, at least one and at most 31 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length(Duration);

/// The units by their seconds, the largest first.
const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)];

impl Length {
    /// The longest.
    pub const LONGEST: Duration = Duration::from_secs(31 * 86_400);

    /// From `90s`, `30m`, `4h` or `2d`, if it is within the bounds.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let (name, seconds) = UNITS.iter().find(|(name, _)| text.ends_with(name))?;
        let digits = text.strip_suffix(name)?.trim_end();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = digits.parse().ok().filter(|_| is_number)?;
        let length = Duration::from_secs(number.checked_mul(*seconds)?);
        (Duration::from_secs(1)..=Self::LONGEST).contains(&length).then_some(Self(length))
    }

    /// The length.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

/// In the largest unit that loses nothing: `2d`, `90m`.
impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.as_secs();
        let unit = UNITS.iter().find(|(_, seconds)| all.is_multiple_of(*seconds));
        unit.map_or(Ok(()), |(name, seconds)| write!(f, "{}{name}", all / seconds))
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Length {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Length".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A length of time: 90s, 30m, 4h or 2d; at most 31d.",
            "type": "string",
            "pattern": r"^[0-9]+ *(s|m|h|d)$",
        })
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("90s" => Some("90s".to_owned()))]
    #[test_case("120s" => Some("2m".to_owned()); "minutes")]
    #[test_case("48 h" => Some("2d".to_owned()); "a space")]
    #[test_case("31d" => Some("31d".to_owned()); "the longest")]
    #[test_case("32d" => None; "too long")]
    #[test_case("0m" => None; "nothing")]
    #[test_case("1.5h" => None; "no whole number")]
    #[test_case("+1h" => None; "a sign")]
    #[test_case("30" => None; "no unit")]
    #[test_case("m" => None; "no number")]
    #[test_case("99999999999999999999d" => None; "too many")]
    fn a_length(text: &str) -> Option<String> {
        Length::from_text(text).map(|length| length.to_string())
    }
}

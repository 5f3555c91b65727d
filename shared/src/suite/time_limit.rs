//! A length of time as people write it: `500ms`, `5s`, `2m`, or a number of seconds.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// A length of time of at least a millisecond and at most an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeLimit(Duration);

impl TimeLimit {
    /// The longest.
    pub const LONGEST: Duration = Duration::from_secs(3600);

    /// From a number of seconds, if it is within the bounds.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        let duration = Duration::try_from_secs_f64(seconds).ok()?;
        (Duration::from_millis(1)..=Self::LONGEST).contains(&duration).then_some(Self(duration))
    }

    /// From `500ms`, `5s`, `1.5s`, `2m` or `1h`, if it is within the bounds.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, unit) = text.split_at(unit);
        let digits = number.trim_end();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return None;
        }
        let number: f64 = digits.parse().ok()?;
        let seconds = match unit {
            "ms" => number / 1000.0,
            "s" => number,
            "m" | "min" => number * 60.0,
            "h" => number * 3600.0,
            _ => return None,
        };
        Self::from_seconds(seconds)
    }

    /// The length.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

/// In the largest unit that loses nothing: `5s`, `1500ms`.
impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            millis if millis % 1000 == 0 => write!(f, "{}s", millis / 1000),
            millis => write!(f, "{millis}ms"),
        }
    }
}

impl Serialize for TimeLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for TimeLimit {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TimeLimit".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A length of time: 500ms, 5s, 2m, or a number of seconds.",
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": 3600},
                {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? *(ms|s|m|min|h)$"},
            ],
        })
    }
}

//! The time of a look, in the form in which it was given.

use std::fmt::{self, Display, Formatter};

use jiff::Timestamp;
use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use serde::{Serialize, Serializer};
use serde_json::Number;

/// The most seconds from zero: a float this large has no seconds any more.
const MOST: f64 = 1e17;

/// The time of a look: seconds since whatever the file counts from, or RFC 3339.
#[derive(Clone, Debug, PartialEq)]
pub struct At {
    nanoseconds: i128,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Seconds(Number),
    Time(String),
}

impl At {
    /// The nanoseconds by which looks are ordered; RFC 3339 counts from 1970.
    pub const fn nanoseconds(&self) -> i128 {
        self.nanoseconds
    }
}

impl Display for At {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::Seconds(number) => write!(f, "{number} s"),
            Form::Time(text) => f.write_str(text),
        }
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.form {
            Form::Seconds(number) => number.serialize(serializer),
            Form::Time(text) => text.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AtVisitor)
    }
}

struct AtVisitor;

impl Visitor<'_> for AtVisitor {
    type Value = At;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("seconds, or a time as RFC 3339 has it")
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<At, E> {
        if seconds as f64 > MOST {
            return Err(E::invalid_value(Unexpected::Unsigned(seconds), &self));
        }
        Ok(At { nanoseconds: i128::from(seconds) * 1_000_000_000, form: Form::Seconds(seconds.into()) })
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<At, E> {
        if (seconds as f64) < -MOST {
            return Err(E::invalid_value(Unexpected::Signed(seconds), &self));
        }
        Ok(At { nanoseconds: i128::from(seconds) * 1_000_000_000, form: Form::Seconds(seconds.into()) })
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<At, E> {
        let number = Number::from_f64(seconds).filter(|_| seconds.abs() <= MOST);
        let number = number.ok_or_else(|| E::invalid_value(Unexpected::Float(seconds), &self))?;
        // The whole part apart: a product with a thousand million would lose the last places of a fraction.
        let (whole, fraction) = (seconds.trunc(), seconds.fract());
        let nanoseconds = whole as i128 * 1_000_000_000 + (fraction * 1e9).round() as i128;
        Ok(At { nanoseconds, form: Form::Seconds(number) })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<At, E> {
        let time: Timestamp = text.parse().map_err(|_| E::invalid_value(Unexpected::Str(text), &self))?;
        Ok(At { nanoseconds: time.as_nanosecond(), form: Form::Time(text.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn at(json: &str) -> At {
        serde_json::from_str(json).unwrap()
    }

    #[test_case("60")]
    #[test_case("60.0")]
    #[test_case("0.25")]
    #[test_case("-30")]
    #[test_case("\"2026-11-27T08:00:00Z\"")]
    #[test_case("\"2026-11-27T09:00:00.5+01:00\"")]
    fn a_time_is_written_as_it_was_given(json: &str) {
        assert_eq!(serde_json::to_string(&at(json)).unwrap(), json);
    }

    #[test]
    fn forms_of_the_same_time_are_the_same_look() {
        let same = ["60", "60.0", "6e1", "\"1970-01-01T00:01:00Z\"", "\"1970-01-01T01:01:00+01:00\""];
        assert!(same.iter().all(|json| at(json).nanoseconds() == 60_000_000_000));
        assert_eq!(at("0.30000000000000004").nanoseconds(), at("0.3").nanoseconds());
    }

    #[test_case("\"yesterday\"")]
    #[test_case("\"2026-11-27\"")]
    #[test_case("\"2026-11-27T08:00:00\""; "without an offset")]
    #[test_case("\"60\""; "a number as a text")]
    #[test_case("null")]
    #[test_case("1e300")]
    #[test_case("200000000000000000")]
    #[test_case("-200000000000000000")]
    fn what_is_no_time_is_refused(json: &str) {
        assert!(
            serde_json::from_str::<At>(json).unwrap_err().to_string().contains("seconds, or a time as RFC 3339 has it")
        );
    }
}

//! The `Condition` element: operators over the request's context, their constants parsed once.

use std::net::IpAddr;

use serde_json::Value;

use super::context::Context;
use super::pattern::{ArnPattern, Pattern, Syntax};

/// One key under one operator. A statement's conditions must all hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    quantifier: Quantifier,
    if_exists: bool,
    negated: bool,
    key: Box<str>,
    test: Test,
}

/// The number of a key's values that must pass: the one, all (`ForAllValues:`) or any (`ForAnyValue:`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    Plain,
    ForAll,
    ForAny,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Text(Vec<Pattern>),
    Arn(Vec<ArnPattern>),
    Number(Comparison, Vec<f64>),
    Date(Comparison, Vec<i64>),
    Bool(Vec<bool>),
    Binary(Vec<Box<str>>),
    Address(Vec<Network>),
    /// `Null`: true if the key must be absent.
    Absent(Vec<bool>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds<T: PartialOrd>(self, left: T, right: T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// True if the name, without its quantifier and `IfExists`, is an operator's.
pub(crate) fn is_operator(name: &str) -> bool {
    let (_, base, _) = parts_of(name);
    base == "Null" || kind_of(base).is_some()
}

fn parts_of(name: &str) -> (Quantifier, &str, bool) {
    let (quantifier, rest) = if let Some(rest) = name.strip_prefix("ForAllValues:") {
        (Quantifier::ForAll, rest)
    } else if let Some(rest) = name.strip_prefix("ForAnyValue:") {
        (Quantifier::ForAny, rest)
    } else {
        (Quantifier::Plain, name)
    };
    match rest.strip_suffix("IfExists") {
        Some(base) if !base.is_empty() => (quantifier, base, true),
        _ => (quantifier, rest, false),
    }
}

/// The comparison of an operator, and true if it is negated.
fn kind_of(base: &str) -> Option<(Kind, bool)> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    Some(match base {
        "StringEquals" => (Kind::Text { wildcards: false, ignore_case: false }, false),
        "StringNotEquals" => (Kind::Text { wildcards: false, ignore_case: false }, true),
        "StringEqualsIgnoreCase" => (Kind::Text { wildcards: false, ignore_case: true }, false),
        "StringNotEqualsIgnoreCase" => (Kind::Text { wildcards: false, ignore_case: true }, true),
        "StringLike" => (Kind::Text { wildcards: true, ignore_case: false }, false),
        "StringNotLike" => (Kind::Text { wildcards: true, ignore_case: false }, true),
        "ArnEquals" | "ArnLike" => (Kind::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Kind::Arn, true),
        "NumericEquals" => (Kind::Number(Equal), false),
        "NumericNotEquals" => (Kind::Number(Equal), true),
        "NumericLessThan" => (Kind::Number(Less), false),
        "NumericLessThanEquals" => (Kind::Number(LessOrEqual), false),
        "NumericGreaterThan" => (Kind::Number(Greater), false),
        "NumericGreaterThanEquals" => (Kind::Number(GreaterOrEqual), false),
        "DateEquals" => (Kind::Date(Equal), false),
        "DateNotEquals" => (Kind::Date(Equal), true),
        "DateLessThan" => (Kind::Date(Less), false),
        "DateLessThanEquals" => (Kind::Date(LessOrEqual), false),
        "DateGreaterThan" => (Kind::Date(Greater), false),
        "DateGreaterThanEquals" => (Kind::Date(GreaterOrEqual), false),
        "Bool" => (Kind::Bool, false),
        "BinaryEquals" => (Kind::Binary, false),
        "IpAddress" => (Kind::Address, false),
        "NotIpAddress" => (Kind::Address, true),
        "Null" => (Kind::Null, false),
        _ => return None,
    })
}

enum Kind {
    Text { wildcards: bool, ignore_case: bool },
    Arn,
    Number(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    Address,
    Null,
}

/// A condition of one operator and key. Constants that are not of the operator's type match nothing.
pub(super) fn compile(operator: &str, key: &str, values: &Value, variables: bool) -> Option<Condition> {
    let (quantifier, base, if_exists) = parts_of(operator);
    let (kind, negated) = kind_of(base)?;
    let constants: Vec<String> = match values {
        Value::Array(items) => items.iter().filter_map(constant).collect(),
        one => constant(one).into_iter().collect(),
    };
    let syntax = |wildcards, ignore_case| Syntax { wildcards, variables, ignore_case };
    let all = || constants.iter().map(String::as_str);
    let test = match kind {
        Kind::Text { wildcards, ignore_case } => {
            Test::Text(all().map(|text| Pattern::compile(text, syntax(wildcards, ignore_case))).collect())
        }
        Kind::Arn => Test::Arn(all().map(|text| ArnPattern::compile(text, syntax(true, false))).collect()),
        Kind::Number(comparison) => Test::Number(comparison, all().filter_map(|text| text.parse().ok()).collect()),
        Kind::Date(comparison) => Test::Date(comparison, all().filter_map(date).collect()),
        Kind::Bool => Test::Bool(all().filter_map(truth).collect()),
        Kind::Binary => Test::Binary(all().map(Into::into).collect()),
        Kind::Address => Test::Address(all().filter_map(Network::parse).collect()),
        Kind::Null => Test::Absent(all().filter_map(truth).collect()),
    };
    Some(Condition { quantifier, if_exists, negated, key: key.into(), test })
}

fn constant(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") { Some(true) } else { text.eq_ignore_ascii_case("false").then_some(false) }
}

/// Milliseconds since the epoch, of an ISO 8601 date or of seconds since the epoch.
fn date(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1000);
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.as_millisecond());
    }
    let day: jiff::civil::Date = text.parse().ok()?;
    Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

impl Condition {
    /// The key that it asks about.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// True if the context satisfies it.
    pub(super) fn holds(&self, context: &Context<'_>) -> bool {
        let values = context.values(&self.key);
        if let Test::Absent(wanted) = &self.test {
            return wanted.contains(&values.is_none());
        }
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            return match self.quantifier {
                Quantifier::ForAll => true,
                Quantifier::ForAny => self.if_exists,
                Quantifier::Plain => self.if_exists || self.negated,
            };
        };
        let mut passes = values.iter().map(|value| self.test.matches(value, context) != self.negated);
        match self.quantifier {
            Quantifier::ForAll => passes.all(|passed| passed),
            Quantifier::ForAny => passes.any(|passed| passed),
            // Several values under a plain operator: one match is a match, and so refuses a negated operator.
            Quantifier::Plain if self.negated => passes.all(|passed| passed),
            Quantifier::Plain => passes.any(|passed| passed),
        }
    }
}

impl Test {
    /// True if one value of the request matches any of the constants.
    fn matches(&self, value: &str, context: &Context<'_>) -> bool {
        match self {
            Self::Text(patterns) => patterns.iter().any(|pattern| pattern.matches(value, context)),
            Self::Arn(patterns) => patterns.iter().any(|pattern| pattern.matches(value, context)),
            Self::Number(comparison, constants) => value
                .parse::<f64>()
                .is_ok_and(|number| constants.iter().any(|constant| comparison.holds(number, *constant))),
            Self::Date(comparison, constants) => {
                date(value).is_some_and(|at| constants.iter().any(|constant| comparison.holds(at, *constant)))
            }
            Self::Bool(constants) => truth(value).is_some_and(|truth| constants.contains(&truth)),
            Self::Binary(constants) => constants.iter().any(|constant| &**constant == value),
            Self::Address(networks) => {
                value.parse::<IpAddr>().is_ok_and(|address| networks.iter().any(|network| network.contains(address)))
            }
            Self::Absent(_) => false,
        }
    }
}

/// An address, or a range of them in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(all), |bits| bits.parse().ok().filter(|bits| *bits <= all))?;
        Some(Self { address, bits })
    }

    fn contains(&self, other: IpAddr) -> bool {
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = own.to_bits() ^ other.to_bits();
                differing.checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = own.to_bits() ^ other.to_bits();
                differing.checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn context() -> Context<'static> {
        let mut context = Context::default();
        context.set("aws:username", "ana");
        context.set("aws:SourceIp", "203.0.113.7");
        context.set("aws:CurrentTime", "2026-06-01T12:00:00Z");
        context.set("aws:SecureTransport", "true");
        context.set("aws:SourceArn", "arn:aws:events:us-east-1:000000000000:rule/r");
        context.set("s3:max-keys", "10");
        context.set("k", "QmluYXJ5");
        context.set_many("aws:TagKeys", vec!["team".into(), "cost".into()]);
        context.set_many("empty", vec![]);
        context
    }

    #[test_case("StringEquals", "aws:username", json!("ana"), true; "equal")]
    #[test_case("StringEquals", "aws:username", json!("an*"), false; "equal has no wildcards")]
    #[test_case("StringEquals", "aws:username", json!(["bob", "ana"]), true; "any of several")]
    #[test_case("StringEqualsIgnoreCase", "aws:username", json!("ANA"), true; "without case")]
    #[test_case("StringNotEqualsIgnoreCase", "aws:username", json!("ANA"), false; "not without case")]
    #[test_case("StringNotEquals", "aws:username", json!(["bob", "ana"]), false; "none of several")]
    #[test_case("StringNotEquals", "absent", json!("x"), true; "a negated operator holds without the key")]
    #[test_case("StringEquals", "absent", json!("x"), false; "an operator fails without the key")]
    #[test_case("StringEqualsIfExists", "absent", json!("x"), true; "if it exists")]
    #[test_case("StringEqualsIfExists", "aws:username", json!("x"), false; "it exists")]
    #[test_case("StringLike", "aws:username", json!("a?a"), true; "like")]
    #[test_case("StringNotLike", "aws:username", json!("a*"), false; "not like")]
    #[test_case("StringLike", "aws:username", json!("${aws:username}"), true; "a variable in a condition")]
    #[test_case("ArnLike", "aws:SourceArn", json!("arn:aws:events:*:*:rule/*"), true; "arn like")]
    #[test_case("ArnEquals", "aws:SourceArn", json!("arn:aws:events:*:*:rule/*"), true; "arn equals has wildcards too")]
    #[test_case("ArnNotLike", "aws:SourceArn", json!("arn:aws:events:*:*:rule/*"), false; "arn not like")]
    #[test_case("ArnLike", "aws:SourceArn", json!("arn:aws:*:rule/r"), false; "a star stays in its part")]
    #[test_case("NumericLessThan", "s3:max-keys", json!("11"), true; "less")]
    #[test_case("NumericLessThanEquals", "s3:max-keys", json!(10), true; "a number as a number")]
    #[test_case("NumericEquals", "s3:max-keys", json!("10.0"), true; "numbers are compared as numbers")]
    #[test_case("NumericNotEquals", "s3:max-keys", json!("10"), false; "not equal")]
    #[test_case("NumericGreaterThan", "aws:username", json!("1"), false; "no number")]
    #[test_case("DateGreaterThan", "aws:CurrentTime", json!("2026-05-31T00:00:00Z"), true; "after")]
    #[test_case("DateLessThan", "aws:CurrentTime", json!("2026-06-01"), false; "a day")]
    #[test_case("DateLessThanEquals", "aws:CurrentTime", json!("1780315200"), true; "seconds since the epoch")]
    #[test_case("Bool", "aws:SecureTransport", json!(true), true; "truth")]
    #[test_case("Bool", "aws:SecureTransport", json!("False"), false; "untruth")]
    #[test_case("BoolIfExists", "aws:MultiFactorAuthPresent", json!("false"), true; "truth if it exists")]
    #[test_case("BinaryEquals", "k", json!("QmluYXJ5"), true; "binary")]
    #[test_case("IpAddress", "aws:SourceIp", json!("203.0.113.0/24"), true; "in the range")]
    #[test_case("IpAddress", "aws:SourceIp", json!("203.0.113.8"), false; "another address")]
    #[test_case("IpAddress", "aws:SourceIp", json!("0.0.0.0/0"), true; "everywhere")]
    #[test_case("NotIpAddress", "aws:SourceIp", json!("2001:db8::/32"), true; "another family")]
    #[test_case("Null", "absent", json!("true"), true; "absent")]
    #[test_case("Null", "aws:username", json!("true"), false; "not absent")]
    #[test_case("Null", "aws:username", json!(false), true; "present")]
    #[test_case("ForAllValues:StringEquals", "aws:TagKeys", json!(["team", "cost", "x"]), true; "all are allowed")]
    #[test_case("ForAllValues:StringEquals", "aws:TagKeys", json!(["team"]), false; "one is not allowed")]
    #[test_case("ForAllValues:StringEquals", "absent", json!(["team"]), true; "all of none")]
    #[test_case("ForAllValues:StringEquals", "empty", json!(["team"]), true; "all of an empty list")]
    #[test_case("ForAnyValue:StringEquals", "aws:TagKeys", json!(["team"]), true; "one is there")]
    #[test_case("ForAnyValue:StringEquals", "absent", json!(["team"]), false; "one of none")]
    #[test_case("ForAnyValue:StringNotEquals", "aws:TagKeys", json!(["team"]), true; "one is another")]
    #[test_case("ForAllValues:StringNotLike", "aws:TagKeys", json!(["t*"]), false; "all are others")]
    fn a_condition_holds(operator: &str, key: &str, values: Value, expected: bool) {
        assert_eq!(compile(operator, key, &values, true).unwrap().holds(&context()), expected);
    }

    #[test]
    fn what_is_no_operator_is_none() {
        assert!(compile("StringIs", "k", &json!("x"), true).is_none());
        assert!(
            is_operator("ForAnyValue:StringLikeIfExists")
                && !is_operator("IfExists")
                && !is_operator("ForAnyValue::Bool")
        );
    }
}

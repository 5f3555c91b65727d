//! EventBridge's pattern language, whole.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html>
//!
//! A pattern is compiled once; what does not compile is refused when the rule is made, as EventBridge does.

use std::net::IpAddr;

use serde_json::{Map, Value};

/// Why a pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event pattern is not valid. Reason: {0}")]
pub(crate) struct PatternError(String);

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// Every member's pattern matches, and one of each `$or`.
    All { members: Vec<(String, Self)>, alternatives: Vec<Vec<Self>> },
    /// The value, or one of an array's values, satisfies one of these.
    AnyOf(Vec<Condition>),
}

/// One entry of a leaf's list.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Equals(Value),
    Text(TextCondition),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
    Cidr(IpAddr, u8),
    NotValues(Vec<Value>),
    NotTexts(Vec<TextCondition>),
}

/// A condition on a text.
#[derive(Clone, Debug)]
pub(crate) enum TextCondition {
    Prefix(String),
    PrefixIgnoringCase(String),
    Suffix(String),
    SuffixIgnoringCase(String),
    IgnoringCase(String),
    Wildcard(Vec<String>),
}

/// A comparison operator of a numeric condition.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Pattern {
    /// Compiles a pattern's text.
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        let value: Value = serde_json::from_str(text).map_err(|error| PatternError(error.to_string()))?;
        match &value {
            Value::Object(members) if !members.is_empty() => Self::compile(&value),
            Value::Object(_) => Err(PatternError("Empty patterns are not allowed".to_owned())),
            _ => Err(PatternError("Filter is not an object".to_owned())),
        }
    }

    fn compile(value: &Value) -> Result<Self, PatternError> {
        match value {
            Value::Array(entries) if entries.is_empty() => Err(PatternError("Empty arrays are not allowed".to_owned())),
            Value::Array(entries) => Ok(Self::AnyOf(entries.iter().map(Condition::compile).collect::<Result<_, _>>()?)),
            Value::Object(object) => {
                let (mut members, mut alternatives) = (Vec::new(), Vec::new());
                for (name, member) in object {
                    match (name.as_str(), member) {
                        ("$or", Value::Array(branches)) if branches.len() > 1 => {
                            alternatives.push(branches.iter().map(Self::compile).collect::<Result<_, _>>()?);
                        }
                        ("$or", _) => {
                            return Err(PatternError("$or needs an array of two or more patterns".to_owned()));
                        }
                        _ => members.push((name.clone(), Self::compile(member)?)),
                    }
                }
                Ok(Self::All { members, alternatives })
            }
            _ => Err(PatternError("Match value must be in an array".to_owned())),
        }
    }

    /// Whether `event` matches.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.matches_at(Some(event))
    }

    fn matches_at(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            // Of an array of objects, one has to match as a whole.
            (Self::All { .. }, Some(Value::Array(items))) => items.iter().any(|item| self.matches_at(Some(item))),
            (Self::All { members, alternatives }, value) => {
                members.iter().all(|(name, pattern)| pattern.matches_at(value.and_then(|v| v.get(name))))
                    && alternatives.iter().all(|branches| branches.iter().any(|branch| branch.matches_at(value)))
            }
            (Self::AnyOf(conditions), value) => conditions.iter().any(|condition| condition.holds(value)),
        }
    }
}

impl Condition {
    fn compile(entry: &Value) -> Result<Self, PatternError> {
        let Value::Object(object) = entry else {
            return match entry {
                Value::Array(_) => Err(PatternError("Nested arrays are not allowed".to_owned())),
                scalar => Ok(Self::Equals(scalar.clone())),
            };
        };
        let (name, operand) = single(object)?;
        match name {
            "exists" => operand.as_bool().map(Self::Exists).ok_or_else(|| wrong(name, "true or false")),
            "numeric" => numeric(operand),
            "cidr" => cidr(operand),
            "anything-but" => anything_but(operand),
            _ => TextCondition::compile(name, operand).map(Self::Text),
        }
    }

    fn holds(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => *wanted == value.is_some(),
            (_, None) => false,
            (Self::NotValues(values), Some(Value::Array(items))) => !items.iter().any(|item| values.contains(item)),
            (_, Some(Value::Array(items))) => items.iter().any(|item| self.holds(Some(item))),
            (Self::Equals(wanted), Some(value)) => same(wanted, value),
            (Self::NotValues(values), Some(value)) => !values.iter().any(|refused| same(refused, value)),
            (Self::NotTexts(refused), Some(value)) => {
                value.as_str().is_none_or(|text| !refused.iter().any(|c| c.holds(text)))
            }
            (Self::Text(condition), Some(value)) => value.as_str().is_some_and(|text| condition.holds(text)),
            (Self::Numeric(bounds), Some(value)) => value
                .as_f64()
                .is_some_and(|number| bounds.iter().all(|(comparison, bound)| comparison.holds(number, *bound))),
            (Self::Cidr(network, bits), Some(value)) => value
                .as_str()
                .and_then(|text| text.parse().ok())
                .is_some_and(|address| in_network(address, *network, *bits)),
        }
    }
}

/// Numbers are equal by value (1 and 1.0), everything else as JSON.
fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() < f64::EPSILON,
        _ => a == b,
    }
}

impl TextCondition {
    fn compile(name: &str, operand: &Value) -> Result<Self, PatternError> {
        let ignoring_case = operand.get("equals-ignore-case").and_then(Value::as_str).map(str::to_lowercase);
        let text = || operand.as_str().map(str::to_owned).ok_or_else(|| wrong(name, "a text"));
        match (name, ignoring_case) {
            ("prefix", Some(text)) => Ok(Self::PrefixIgnoringCase(text)),
            ("suffix", Some(text)) => Ok(Self::SuffixIgnoringCase(text)),
            ("prefix", None) => text().map(Self::Prefix),
            ("suffix", None) => text().map(Self::Suffix),
            ("equals-ignore-case", None) => text().map(|text| Self::IgnoringCase(text.to_lowercase())),
            ("wildcard", None) => {
                let text = text()?;
                if text.contains("**") {
                    return Err(PatternError("Consecutive wildcard characters are not allowed".to_owned()));
                }
                Ok(Self::Wildcard(split_wildcard(&text)))
            }
            _ => Err(PatternError(format!("Unrecognized match type {name}"))),
        }
    }

    fn holds(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::PrefixIgnoringCase(prefix) => text.to_lowercase().starts_with(prefix.as_str()),
            Self::SuffixIgnoringCase(suffix) => text.to_lowercase().ends_with(suffix.as_str()),
            Self::IgnoringCase(wanted) => text.to_lowercase() == *wanted,
            Self::Wildcard(pieces) => wildcard(pieces, text),
        }
    }
}

/// The literal pieces between the stars; `\*` is a star, `\\` a backslash.
fn split_wildcard(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, pieces.last_mut()) {
            ('*', _) => pieces.push(String::new()),
            ('\\', Some(piece)) => piece.extend(letters.next()),
            (letter, Some(piece)) => piece.push(letter),
            (_, None) => {}
        }
    }
    pieces
}

/// Pieces in order, the first at the start and the last at the end. The leftmost fit of each is as good as any.
fn wildcard(pieces: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = pieces else {
        return pieces.first().is_some_and(|piece| piece == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    for piece in middle {
        match rest.find(piece.as_str()) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

impl Comparison {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => (number - bound).abs() < f64::EPSILON,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }
}

fn numeric(operand: &Value) -> Result<Condition, PatternError> {
    let entries = operand.as_array().filter(|entries| !entries.is_empty() && entries.len() % 2 == 0);
    let entries = entries.ok_or_else(|| wrong("numeric", "pairs of an operator and a number"))?;
    let bounds = entries.chunks(2).map(|pair| {
        let comparison = pair[0].as_str().and_then(Comparison::parse);
        comparison.zip(pair[1].as_f64()).ok_or_else(|| wrong("numeric", "pairs of an operator and a number"))
    });
    Ok(Condition::Numeric(bounds.collect::<Result<_, _>>()?))
}

fn cidr(operand: &Value) -> Result<Condition, PatternError> {
    let fault = || wrong("cidr", "an address block such as 10.0.0.0/24");
    let text = operand.as_str().ok_or_else(fault)?;
    let (address, bits) = text.split_once('/').ok_or_else(fault)?;
    let address: IpAddr = address.parse().map_err(|_| fault())?;
    let bits: u8 = bits.parse().map_err(|_| fault())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    if bits > most { Err(fault()) } else { Ok(Condition::Cidr(address, bits)) }
}

fn in_network(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let leading = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let ((address, kind), (network, wanted)) = (leading(address), leading(network));
    kind == wanted && (bits == 0 || (address ^ network) >> (128 - u32::from(bits)) == 0)
}

fn anything_but(operand: &Value) -> Result<Condition, PatternError> {
    match operand {
        Value::Object(object) => {
            let (name, inner) = single(object)?;
            let inner = match inner {
                Value::Array(items) => items.clone(),
                one => vec![one.clone()],
            };
            let conditions = inner.iter().map(|item| TextCondition::compile(name, item));
            Ok(Condition::NotTexts(conditions.collect::<Result<_, _>>()?))
        }
        Value::Array(items) if items.is_empty() => Err(wrong("anything-but", "one value or more")),
        Value::Array(items) => Ok(Condition::NotValues(items.clone())),
        scalar => Ok(Condition::NotValues(vec![scalar.clone()])),
    }
}

fn single(object: &Map<String, Value>) -> Result<(&str, &Value), PatternError> {
    let mut members = object.iter();
    match (members.next(), members.next()) {
        (Some((name, operand)), None) => Ok((name, operand)),
        _ => Err(PatternError("Only one key allowed in match expression".to_owned())),
    }
}

fn wrong(name: &str, wanted: &str) -> PatternError {
    PatternError(format!("{name} needs {wanted}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn matches(pattern: Value, event: Value) -> bool {
        Pattern::parse(&pattern.to_string()).unwrap().matches(&event)
    }

    #[test_case(json!({"a": ["x", "y"]}), json!({"a": "y"}), true; "one of the values")]
    #[test_case(json!({"a": ["x"]}), json!({"a": ["z", "x"]}), true; "one of an array")]
    #[test_case(json!({"a": [1]}), json!({"a": 1.0}), true; "numbers by value")]
    #[test_case(json!({"a": [null]}), json!({"a": null}), true; "null")]
    #[test_case(json!({"a": [null]}), json!({}), false; "null is not absent")]
    #[test_case(json!({"a": {"b": ["x"]}}), json!({"a": {"b": "x", "c": 1}}), true; "nested")]
    #[test_case(json!({"a": ["x"], "b": ["y"]}), json!({"a": "x"}), false; "every member")]
    #[test_case(json!({"a": [{"prefix": "us-"}]}), json!({"a": "us-east-1"}), true; "prefix")]
    #[test_case(json!({"a": [{"prefix": {"equals-ignore-case": "US-"}}]}), json!({"a": "us-east-1"}), true; "prefix any case")]
    #[test_case(json!({"a": [{"suffix": ".png"}]}), json!({"a": "x.jpg"}), false; "suffix")]
    #[test_case(json!({"a": [{"equals-ignore-case": "ALICE"}]}), json!({"a": "Alice"}), true; "any case")]
    #[test_case(json!({"a": [{"anything-but": ["x", "y"]}]}), json!({"a": "z"}), true; "anything but values")]
    #[test_case(json!({"a": [{"anything-but": "x"}]}), json!({"a": "x"}), false; "anything but one")]
    #[test_case(json!({"a": [{"anything-but": "x"}]}), json!({}), false; "anything but needs a value")]
    #[test_case(json!({"a": [{"anything-but": {"prefix": ["i-", "j-"]}}]}), json!({"a": "j-1"}), false; "anything but prefixes")]
    #[test_case(json!({"a": [{"anything-but": {"wildcard": "*/lib/*"}}]}), json!({"a": "x/bin/y"}), true; "anything but wildcard")]
    #[test_case(json!({"a": [{"numeric": [">", 0, "<=", 5]}]}), json!({"a": 5}), true; "numeric range")]
    #[test_case(json!({"a": [{"numeric": ["=", 3.0]}]}), json!({"a": "3"}), false; "numeric is not text")]
    #[test_case(json!({"a": [{"exists": true}]}), json!({"a": {}}), true; "exists")]
    #[test_case(json!({"a": {"b": [{"exists": false}]}}), json!({}), true; "absent")]
    #[test_case(json!({"a": [{"cidr": "10.0.0.0/24"}]}), json!({"a": "10.0.0.255"}), true; "in the block")]
    #[test_case(json!({"a": [{"cidr": "10.0.0.0/24"}]}), json!({"a": "10.0.1.0"}), false; "out of the block")]
    #[test_case(json!({"a": [{"wildcard": "a*c*e"}]}), json!({"a": "abcde"}), true; "wildcard")]
    #[test_case(json!({"a": [{"wildcard": "a\\*c"}]}), json!({"a": "abc"}), false; "escaped star")]
    #[test_case(json!({"$or": [{"a": ["x"]}, {"b": [{"numeric": ["<", 1]}]}]}), json!({"b": 0}), true; "or")]
    #[test_case(json!({"a": {"b": ["x"]}}), json!({"a": [{"b": "y"}, {"b": "x"}]}), true; "array of objects")]
    fn patterns(pattern: Value, event: Value, expected: bool) {
        assert_eq!(matches(pattern, event), expected);
    }

    #[test_case("[]"; "no object")]
    #[test_case("{}"; "empty")]
    #[test_case(r#"{"a": "x"}"#; "value outside an array")]
    #[test_case(r#"{"a": []}"#; "empty array")]
    #[test_case(r#"{"a": [{"like": "x"}]}"#; "unknown match type")]
    #[test_case(r#"{"a": [{"numeric": [">"]}]}"#; "half a comparison")]
    #[test_case(r#"{"a": [{"cidr": "10.0.0.0/99"}]}"#; "bits out of range")]
    #[test_case(r#"{"a": [{"prefix": "a", "suffix": "b"}]}"#; "two types at once")]
    fn faults_are_refused(text: &str) {
        assert!(Pattern::parse(text).is_err());
    }
}

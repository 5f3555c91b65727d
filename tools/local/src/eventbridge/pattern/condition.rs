//! One entry of a leaf's list: a value, or a match expression.

use std::net::IpAddr;

use serde_json::{Number, Value};

use super::PatternError;
use super::json::Node;
use super::numeric::{self, Numeric};
use super::text::TextCondition;

/// The condition on a value.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    /// A text that is an address: however it is spelt.
    Address(IpAddr),
    Fits(TextCondition),
    Numeric(Numeric),
    Network(IpAddr, u8),
    Present,
    Absent,
    ButTexts(Vec<String>),
    ButNumbers(Vec<Number>),
    ButFitting(Vec<TextCondition>),
}

impl Condition {
    /// Compiles one entry.
    pub(super) fn compile(entry: &Node) -> Result<Self, PatternError> {
        match entry {
            Node::Null => Ok(Self::Null),
            Node::Flag(flag) => Ok(Self::Flag(*flag)),
            Node::Number(number) => Ok(Self::Number(number.clone())),
            Node::Text(text) => Ok(text.parse().map_or_else(|_| Self::Text(text.clone()), Self::Address)),
            Node::List(_) => Err(PatternError::new("Match value must be String, number, true, false, or null")),
            Node::Object(members) => Self::expression(members),
        }
    }

    fn expression(members: &[(String, Node)]) -> Result<Self, PatternError> {
        let Some((name, operand)) = members.first() else {
            return Err(PatternError::new("Match expression name not found"));
        };
        let condition = match (name.as_str(), operand) {
            ("exactly", Node::Text(text)) => Self::Text(text.clone()),
            ("exactly", _) => return Err(PatternError::new("exact match pattern must be a string")),
            ("prefix" | "suffix" | "equals-ignore-case" | "wildcard", _) => {
                Self::Fits(TextCondition::compile(name, operand)?)
            }
            ("numeric", _) => Self::Numeric(Numeric::compile(operand)?),
            ("anything-but", _) => anything_but(operand)?,
            ("exists", Node::Flag(true)) => Self::Present,
            ("exists", Node::Flag(false)) => Self::Absent,
            ("exists", _) => return Err(PatternError::new("exists match pattern must be either true or false.")),
            ("cidr", Node::Text(text)) => network(text)?,
            ("cidr", _) => return Err(PatternError::new("prefix match pattern must be a string")),
            (other, _) => return Err(PatternError::new(format!("Unrecognized match type {other}"))),
        };
        if members.len() > 1 {
            let reason = match name.as_str() {
                "numeric" | "anything-but" => "Too many elements in numeric expression",
                _ => "Only one key allowed in match expression",
            };
            return Err(PatternError::new(reason));
        }
        Ok(condition)
    }

    /// True if a value fits. No value is absent, and an absent one is for the caller to see.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Present, _) => true,
            (Self::Absent, _) => false,
            (Self::Null, value) => value.is_null(),
            (Self::Flag(wanted), value) => value.as_bool() == Some(*wanted),
            (Self::Number(wanted), Value::Number(number)) => numeric::same(wanted, number),
            (Self::Numeric(wanted), Value::Number(number)) => wanted.holds(number),
            (Self::Text(wanted), Value::String(text)) => wanted == text,
            (Self::Fits(condition), Value::String(text)) => condition.holds(text),
            (Self::Address(wanted), Value::String(text)) => text.parse() == Ok(*wanted),
            (Self::Network(network, bits), Value::String(text)) => {
                text.parse().is_ok_and(|address| in_network(address, *network, *bits))
            }
            (Self::ButTexts(refused), Value::String(text)) => !refused.contains(text),
            (Self::ButNumbers(refused), Value::Number(number)) => !refused.iter().any(|r| numeric::same(r, number)),
            (Self::ButFitting(refused), Value::String(text)) => !refused.iter().any(|c| c.holds(text)),
            // A value of another type is anything but what is refused.
            (Self::ButTexts(_) | Self::ButNumbers(_) | Self::ButFitting(_), _) => true,
            _ => false,
        }
    }
}

fn anything_but(operand: &Node) -> Result<Condition, PatternError> {
    const LIST: &str = "Inside anything but list, start|null|boolean is not supported.";
    match operand {
        Node::Object(members) => {
            let Some((operator, operand)) = members.first() else {
                return Err(PatternError::new("Anything-But expression name not found"));
            };
            if !["equals-ignore-case", "prefix", "suffix", "wildcard"].contains(&operator.as_str()) {
                return Err(PatternError::new(format!("Unsupported anything-but pattern: {operator}")));
            }
            let refused = match operand {
                Node::List(items) => items.iter().map(|item| but_fitting(operator, item)).collect::<Result<_, _>>()?,
                one @ (Node::Text(_) | Node::Number(_)) => vec![but_fitting(operator, one)?],
                _ => return Err(not_a_value()),
            };
            match members.len() {
                1 => Ok(Condition::ButFitting(refused)),
                _ => Err(PatternError::new("Too many elements in numeric expression")),
            }
        }
        Node::Text(text) => Ok(Condition::ButTexts(vec![text.clone()])),
        Node::Number(number) => Ok(Condition::ButNumbers(vec![number.clone()])),
        Node::List(items) => {
            let (mut texts, mut numbers) = (Vec::new(), Vec::new());
            for item in items {
                match item {
                    Node::Text(text) => texts.push(text.clone()),
                    Node::Number(number) => numbers.push(number.clone()),
                    _ => return Err(PatternError::new(LIST)),
                }
            }
            match (texts.is_empty(), numbers.is_empty()) {
                (false, true) => Ok(Condition::ButTexts(texts)),
                (true, false) => Ok(Condition::ButNumbers(numbers)),
                _ => Err(PatternError::new(
                    "Inside anything but list, either all values are number or string, mixed type is not supported",
                )),
            }
        }
        Node::Null | Node::Flag(_) => Err(not_a_value()),
    }
}

fn not_a_value() -> PatternError {
    PatternError::new("Value of anything-but must be an array or single string/number value.")
}

/// One of the texts that `anything-but` refuses by an operator.
fn but_fitting(operator: &str, item: &Node) -> Result<TextCondition, PatternError> {
    match (operator, item) {
        ("prefix" | "suffix", Node::Text(text)) if text.is_empty() => {
            Err(PatternError::new("Null prefix/suffix not allowed"))
        }
        (_, Node::Text(_)) => TextCondition::compile(operator, item),
        ("equals-ignore-case", _) => Err(PatternError::new(
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        )),
        ("wildcard", _) => Err(PatternError::new("wildcard match pattern must be a string")),
        _ => Err(PatternError::new("prefix/suffix match pattern must be a string")),
    }
}

/// Compiles `address/bits`.
fn network(text: &str) -> Result<Condition, PatternError> {
    let (address, bits) = text
        .split_once('/')
        .filter(|(_, bits)| !bits.is_empty() && !bits.contains('/'))
        .ok_or_else(|| PatternError::new("Malformed CIDR, one '/' required"))?;
    let bits: i64 = bits.parse().map_err(|_| PatternError::new("Malformed CIDR, mask bits must be an integer"))?;
    if bits < 0 {
        return Err(PatternError::new("Malformed CIDR, mask bits must not be negative"));
    }
    let parsed: IpAddr = address.parse().map_err(|_| {
        let four = address.split('.').count() == 4 && address.bytes().all(|b| b == b'.' || b.is_ascii_digit());
        let six = address.contains(':') && address.bytes().all(|b| b == b':' || b.is_ascii_hexdigit());
        let kind = if four || six { "Invalid" } else { "Nonstandard" };
        PatternError::new(format!("{kind} IP address: {address}"))
    })?;
    let (kind, most) = if parsed.is_ipv4() { ("IPv4", 31) } else { ("IPv6", 127) };
    match u8::try_from(bits) {
        Ok(bits) if bits <= most => Ok(Condition::Network(parsed, bits)),
        _ => Err(PatternError::new(format!("{kind} mask bits must be < {}", most + 1))),
    }
}

fn in_network(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let leading = |address: IpAddr| match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()) << 96, 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    };
    let ((address, kind), (network, wanted)) = (leading(address), leading(network));
    kind == wanted && (bits == 0 || (address ^ network) >> (128 - u32::from(bits)) == 0)
}

//! One entry of a leaf's list: a value, or a match expression.

use std::net::IpAddr;

use serde_json::{Number, Value};

use super::error::PatternError;
use super::numeric::{self, Numeric};
use super::text::TextCondition;
use crate::jackson::{Json, Node};

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
        match &entry.json {
            Json::Null => Ok(Self::Null),
            Json::Flag(flag) => Ok(Self::Flag(*flag)),
            Json::Number(number) => Ok(Self::Number(number.clone())),
            Json::Text(text) => Ok(text.parse().map_or_else(|_| Self::Text(text.clone()), Self::Address)),
            Json::List(_) => {
                let reason = "Match value must be String, number, true, false, or null";
                Err(PatternError::at(reason, entry.begun))
            }
            Json::Object(members) => Self::expression(members, entry.ended),
        }
    }

    fn expression(members: &[(String, Node)], ended: usize) -> Result<Self, PatternError> {
        let Some((name, operand)) = members.first() else {
            return Err(PatternError::at("Match expression name not found", ended));
        };
        let fault = |reason: &str| Err(PatternError::at(reason, operand.begun));
        let condition = match (name.as_str(), &operand.json) {
            ("exactly", Json::Text(text)) => Self::Text(text.clone()),
            ("exactly", _) => return fault("exact match pattern must be a string"),
            ("prefix" | "suffix" | "equals-ignore-case" | "wildcard", _) => {
                Self::Fits(TextCondition::compile(name, operand)?)
            }
            ("numeric", _) => Self::Numeric(Numeric::compile(operand)?),
            ("anything-but", _) => anything_but(operand)?,
            ("exists", Json::Flag(true)) => Self::Present,
            ("exists", Json::Flag(false)) => Self::Absent,
            ("exists", _) => return fault("exists match pattern must be either true or false."),
            ("cidr", Json::Text(text)) => network(text)?,
            ("cidr", _) => return fault("prefix match pattern must be a string"),
            (other, _) => return fault(&format!("Unrecognized match type {other}")),
        };
        match members.get(1) {
            None => Ok(condition),
            Some((_, second)) => {
                let reason = match name.as_str() {
                    "numeric" | "anything-but" => "Too many elements in numeric expression",
                    _ => "Only one key allowed in match expression",
                };
                Err(PatternError::at(reason, second.begun))
            }
        }
    }

    /// The wildcards, each in its pieces between the stars.
    pub(super) fn wildcards(&self) -> Vec<&[String]> {
        match self {
            Self::Fits(condition) => condition.wildcard().into_iter().collect(),
            Self::ButFitting(conditions) => conditions.iter().filter_map(TextCondition::wildcard).collect(),
            _ => Vec::new(),
        }
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
    match &operand.json {
        Json::Object(members) => but_fitting(members, operand.ended),
        Json::Text(text) => Ok(Condition::ButTexts(vec![text.clone()])),
        Json::Number(number) => Ok(Condition::ButNumbers(vec![number.clone()])),
        Json::List(items) => but_listed(items, operand.ended),
        Json::Null | Json::Flag(_) => Err(not_a_value(operand)),
    }
}

/// Texts, or numbers, that a value may not be.
fn but_listed(items: &[Node], ended: usize) -> Result<Condition, PatternError> {
    let (mut texts, mut numbers) = (Vec::new(), Vec::new());
    for item in items {
        match &item.json {
            Json::Text(text) => texts.push(text.clone()),
            Json::Number(number) => numbers.push(number.clone()),
            _ => {
                let reason = "Inside anything but list, start|null|boolean is not supported.";
                return Err(PatternError::twice(reason, item.begun));
            }
        }
    }
    match (texts.is_empty(), numbers.is_empty()) {
        (false, true) => Ok(Condition::ButTexts(texts)),
        (true, false) => Ok(Condition::ButNumbers(numbers)),
        _ => Err(PatternError::at(
            "Inside anything but list, either all values are number or string, mixed type is not supported",
            ended,
        )),
    }
}

/// Operators with texts that a value may not fit.
fn but_fitting(members: &[(String, Node)], ended: usize) -> Result<Condition, PatternError> {
    let Some((operator, operand)) = members.first() else {
        return Err(PatternError::at("Anything-But expression name not found", ended));
    };
    if !["equals-ignore-case", "prefix", "suffix", "wildcard"].contains(&operator.as_str()) {
        let reason = format!("Unsupported anything-but pattern: {operator}");
        return Err(PatternError::at(reason, operand.begun));
    }
    let refused = match &operand.json {
        Json::List(items) => {
            let listed = |item: &Node| but_one(operator, item, PatternError::twice, operand.ended);
            items.iter().map(listed).collect::<Result<_, _>>()?
        }
        Json::Text(_) | Json::Number(_) => vec![but_one(operator, operand, PatternError::at, operand.ended)?],
        _ => return Err(not_a_value(operand)),
    };
    match members.get(1) {
        None => Ok(Condition::ButFitting(refused)),
        Some((_, second)) => Err(PatternError::at("Too many elements in numeric expression", second.begun)),
    }
}

fn not_a_value(operand: &Node) -> PatternError {
    PatternError::at("Value of anything-but must be an array or single string/number value.", operand.begun)
}

/// One of the texts that `anything-but` refuses by an operator. A wildcard is looked at when all are read.
fn but_one(
    operator: &str,
    item: &Node,
    told: fn(&'static str, usize) -> PatternError,
    ended: usize,
) -> Result<TextCondition, PatternError> {
    match (operator, &item.json) {
        ("prefix" | "suffix", Json::Text(text)) if text.is_empty() => {
            Err(told("Null prefix/suffix not allowed", item.ended))
        }
        ("wildcard", Json::Text(text)) => TextCondition::wildcard_of(text, ended),
        (_, Json::Text(_)) => TextCondition::compile(operator, item),
        ("equals-ignore-case", _) => Err(told(
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
            item.begun,
        )),
        ("wildcard", _) => Err(told("wildcard match pattern must be a string", item.begun)),
        _ => Err(told("prefix/suffix match pattern must be a string", item.begun)),
    }
}

/// Compiles `address/bits`. What is wrong with them is told without a place.
fn network(text: &str) -> Result<Condition, PatternError> {
    let (address, bits) = text
        .split_once('/')
        .filter(|(_, bits)| !bits.is_empty() && !bits.contains('/'))
        .ok_or_else(|| PatternError::bare("Malformed CIDR, one '/' required"))?;
    let bits: i64 = bits.parse().map_err(|_| PatternError::bare("Malformed CIDR, mask bits must be an integer"))?;
    if bits < 0 {
        return Err(PatternError::bare("Malformed CIDR, mask bits must not be negative"));
    }
    let parsed: IpAddr = address.parse().map_err(|_| {
        let four = address.split('.').count() == 4 && address.bytes().all(|b| b == b'.' || b.is_ascii_digit());
        let six = address.contains(':') && address.bytes().all(|b| b == b':' || b.is_ascii_hexdigit());
        let kind = if four || six { "Invalid" } else { "Nonstandard" };
        PatternError::bare(format!("{kind} IP address: {address}"))
    })?;
    let (kind, most) = if parsed.is_ipv4() { ("IPv4", 31) } else { ("IPv6", 127) };
    match u8::try_from(bits) {
        Ok(bits) if bits <= most => Ok(Condition::Network(parsed, bits)),
        _ => Err(PatternError::bare(format!("{kind} mask bits must be < {}", most + 1))),
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

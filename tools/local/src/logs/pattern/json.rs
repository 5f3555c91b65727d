//! Patterns for lines that are JSON documents: `{ $.latency > 50 && $.route = "/a*" }`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::operand::{Comparison, Operator};
use super::reader::Reader;

/// The deepest nesting of parentheses.
const DEEPEST: usize = 64;

/// A condition on a document.
#[derive(Clone, Debug)]
pub(in crate::logs) enum Condition {
    Compare(Selector, Comparison),
    Is(Selector, Value),
    NotExists(Selector),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

/// The way to a value: member names and positions.
#[derive(Clone, Debug)]
pub(in crate::logs) struct Selector {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Member(String),
    Position(usize),
}

/// The document that a line is.
pub(super) fn document(line: &str) -> Option<Value> {
    serde_json::from_str::<Value>(line).ok().filter(|value| value.is_object() || value.is_array())
}

impl Condition {
    /// Reads `{ … }`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader::new(text);
        reader.expect("{")?;
        let condition = either(&mut reader, 0)?;
        reader.expect("}")?;
        if reader.is_done() { Ok(condition) } else { Err(format!("unexpected '{}'", reader.rest())) }
    }

    /// True if it holds. A selector that leads to nothing, to an object or to a list compares with nothing.
    pub(super) fn holds(&self, document: &Value) -> bool {
        match self {
            Self::Compare(selector, comparison) => {
                selector.text(document).is_some_and(|value| comparison.holds(&value))
            }
            Self::Is(selector, wanted) => selector.find(document) == Some(wanted),
            Self::NotExists(selector) => selector.find(document).is_none(),
            Self::And(parts) => parts.iter().all(|part| part.holds(document)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(document)),
        }
    }

    /// The values of the selectors that the condition names.
    pub(super) fn values(&self, document: &Value) -> BTreeMap<String, String> {
        match self {
            Self::Compare(selector, _) | Self::Is(selector, _) | Self::NotExists(selector) => {
                selector.text(document).map(|value| (selector.text.clone(), value)).into_iter().collect()
            }
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(|part| part.values(document)).collect(),
        }
    }
}

impl Selector {
    /// Reads a selector that stands alone.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader::new(text);
        let selector = Self::read(&mut reader)?;
        if reader.is_done() { Ok(selector) } else { Err(format!("unexpected '{}'", reader.rest())) }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, String> {
        let begin = reader.rest();
        reader.expect("$")?;
        let mut steps = Vec::new();
        loop {
            if reader.take(".") {
                let name = reader.run(|c| c.is_alphanumeric() || "-_@".contains(c));
                if !name.is_empty() {
                    steps.push(Step::Member(name.to_owned()));
                } else if !reader.rest().starts_with('[') {
                    return Err("a selector lacks a name".to_owned());
                }
            } else if reader.take("[") {
                steps.push(in_brackets(reader)?);
                reader.expect("]")?;
            } else {
                break;
            }
        }
        if steps.is_empty() {
            return Err("a selector begins with '$.'".to_owned());
        }
        let length = begin.len() - reader.rest().len();
        Ok(Self { text: begin[..length].trim_end().to_owned(), steps })
    }

    fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(document, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Position(position) => value.get(position),
        })
    }

    /// The value as text, where it is a text or a number.
    pub(super) fn text(&self, document: &Value) -> Option<String> {
        match self.find(document)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

fn in_brackets(reader: &mut Reader<'_>) -> Result<Step, String> {
    let position = reader.run(|c| c.is_ascii_digit());
    if !position.is_empty() {
        return position.parse().map(Step::Position).map_err(|_| format!("{position} is no position"));
    }
    if reader.take("'") {
        let name = reader.run(|c| c != '\'');
        reader.expect("'")?;
        return Ok(Step::Member(name.to_owned()));
    }
    reader.quoted()?.map(Step::Member).ok_or_else(|| "a position is expected in brackets".to_owned())
}

fn either(reader: &mut Reader<'_>, depth: usize) -> Result<Condition, String> {
    let mut parts = vec![both(reader, depth)?];
    while reader.take("||") {
        parts.push(both(reader, depth)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Or(parts) })
}

fn both(reader: &mut Reader<'_>, depth: usize) -> Result<Condition, String> {
    let mut parts = vec![one(reader, depth)?];
    while reader.take("&&") {
        parts.push(one(reader, depth)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::And(parts) })
}

fn one(reader: &mut Reader<'_>, depth: usize) -> Result<Condition, String> {
    if depth > DEEPEST {
        return Err("parentheses are nested too deep".to_owned());
    }
    if reader.take("(") {
        let inner = either(reader, depth + 1)?;
        reader.expect(")")?;
        return Ok(inner);
    }
    let selector = Selector::read(reader)?;
    if let Some(operator) = Operator::read(reader) {
        let ends = |c: char| c.is_whitespace() || "(){}&|".contains(c);
        return Ok(Condition::Compare(selector, Comparison::read(operator, reader, ends)?));
    }
    match reader.run(|c| c.is_ascii_alphabetic()) {
        "IS" => match reader.run(|c| c.is_ascii_alphabetic()) {
            "NULL" => Ok(Condition::Is(selector, Value::Null)),
            "TRUE" => Ok(Condition::Is(selector, Value::Bool(true))),
            "FALSE" => Ok(Condition::Is(selector, Value::Bool(false))),
            other => Err(format!("IS takes NULL, TRUE or FALSE and not '{other}'")),
        },
        "NOT" if reader.run(|c| c.is_ascii_alphabetic()) == "EXISTS" => Ok(Condition::NotExists(selector)),
        _ => Err(format!("a comparison is expected after {}", selector.text)),
    }
}

//! Numeric conditions: one comparison, or a range.

use serde_json::Number;

use super::PatternError;
use super::json::Node;

/// A range of numbers; an end that is not there is open to infinity.
#[derive(Clone, Debug, Default)]
pub(super) struct Range {
    bottom: Option<(f64, bool)>,
    top: Option<(f64, bool)>,
}

/// The comparison that a `numeric` asks for.
#[derive(Clone, Debug)]
pub(super) enum Numeric {
    Equal(Number),
    Within(Range),
}

impl Numeric {
    /// True if a number fits.
    pub(super) fn holds(&self, number: &Number) -> bool {
        match self {
            Self::Equal(wanted) => same(wanted, number),
            Self::Within(Range { bottom, top }) => number.as_f64().is_some_and(|number| {
                bottom.is_none_or(|(bound, open)| if open { number > bound } else { number >= bound })
                    && top.is_none_or(|(bound, open)| if open { number < bound } else { number <= bound })
            }),
        }
    }

    /// Compiles the operand of `numeric`.
    pub(super) fn compile(operand: &Node) -> Result<Self, PatternError> {
        let Node::List(terms) = operand else {
            return Err(PatternError::new("Value of numeric must be an array."));
        };
        let operator = match terms.first() {
            Some(Node::Text(operator)) => operator.as_str(),
            other => {
                let reason = format!("Invalid member in numeric match: {}", shown(other));
                return Err(PatternError::new(reason));
            }
        };
        let bound = || number(terms.get(1), if operator == "=" { "equals" } else { operator });
        match operator {
            "=" => alone(terms, Self::Equal(bound()?.0.clone())),
            "<" | "<=" => {
                let top = Some((bound()?.1, operator == "<"));
                alone(terms, Self::Within(Range { bottom: None, top }))
            }
            ">" | ">=" => {
                let bottom = bound()?.1;
                let top = if terms.len() > 2 { Some(upper(bottom, &terms[2..])?) } else { None };
                Ok(Self::Within(Range { bottom: Some((bottom, operator == ">")), top }))
            }
            other => Err(PatternError::new(format!("Unrecognized numeric range operator: {other}"))),
        }
    }
}

/// Equal numbers: whole ones exactly, others as doubles.
pub(super) fn same(a: &Number, b: &Number) -> bool {
    let whole = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a.as_f64() == b.as_f64(),
    }
}

fn number<'a>(term: Option<&'a Node>, operator: &str) -> Result<(&'a Number, f64), PatternError> {
    match term {
        Some(Node::Number(number)) => Ok((number, number.as_f64().unwrap_or_default())),
        _ => Err(PatternError::new(format!("Value of {operator} must be numeric"))),
    }
}

fn alone(terms: &[Node], made: Numeric) -> Result<Numeric, PatternError> {
    match terms.len() {
        2 => Ok(made),
        _ => Err(PatternError::new("Too many elements in numeric expression")),
    }
}

/// The second half of a range.
fn upper(bottom: f64, terms: &[Node]) -> Result<(f64, bool), PatternError> {
    let operator = match terms.first() {
        Some(Node::Text(operator)) => operator.as_str(),
        other => return Err(PatternError::new(format!("Bad value in numeric range: {}", shown(other)))),
    };
    if operator != "<" && operator != "<=" {
        return Err(PatternError::new(format!("Bad numeric range operator: {operator}")));
    }
    let (_, top) = number(terms.get(1), operator)?;
    if terms.len() > 2 {
        return Err(PatternError::new("Too many terms in numeric range expression"));
    }
    if bottom >= top {
        return Err(PatternError::new("Bottom must be less than top"));
    }
    Ok((top, operator == "<"))
}

/// A term as a parser names it: its text, or the mark it begins with.
fn shown(term: Option<&Node>) -> String {
    match term {
        None => "]".to_owned(),
        Some(Node::Null) => "null".to_owned(),
        Some(Node::Flag(flag)) => flag.to_string(),
        Some(Node::Number(number)) => number.to_string(),
        Some(Node::Text(text)) => text.clone(),
        Some(Node::List(_)) => "[".to_owned(),
        Some(Node::Object(_)) => "{".to_owned(),
    }
}

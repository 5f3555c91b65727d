//! Numeric conditions: one comparison, or a range.

use serde_json::Number;

use super::error::PatternError;
use crate::jackson::{Json, Node};

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
        let Json::List(list) = &operand.json else {
            return Err(PatternError::at("Value of numeric must be an array.", operand.begun));
        };
        let terms = Terms { list, ended: operand.ended };
        let operator = match terms.json(0) {
            Some(Json::Text(operator)) => operator.as_str(),
            other => {
                let reason = format!("Invalid member in numeric match: {}", shown(other));
                return Err(terms.fault(reason, 0));
            }
        };
        let bound = || terms.number(1, if operator == "=" { "equals" } else { operator });
        match operator {
            "=" => terms.two(Self::Equal(bound()?.0.clone())),
            "<" | "<=" => {
                let top = Some((bound()?.1, operator == "<"));
                terms.two(Self::Within(Range { bottom: None, top }))
            }
            ">" | ">=" => {
                let bottom = bound()?.1;
                let top = if terms.list.len() > 2 { Some(terms.top(bottom)?) } else { None };
                Ok(Self::Within(Range { bottom: Some((bottom, operator == ">")), top }))
            }
            // The matcher has read on when it looks at the operator.
            other => Err(terms.fault(format!("Unrecognized numeric range operator: {other}"), 1)),
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

/// The terms of a `numeric`.
struct Terms<'a> {
    list: &'a [Node],
    /// After the closing bracket.
    ended: usize,
}

impl<'a> Terms<'a> {
    fn json(&self, place: usize) -> Option<&'a Json> {
        self.list.get(place).map(|term| &term.json)
    }

    /// A fault at a term, or at the list's end where there is none.
    fn fault(&self, reason: String, place: usize) -> PatternError {
        PatternError::at(reason, self.list.get(place).map_or(self.ended, |term| term.begun))
    }

    fn number(&self, place: usize, operator: &str) -> Result<(&'a Number, f64), PatternError> {
        match self.json(place) {
            Some(Json::Number(number)) => Ok((number, number.as_f64().unwrap_or_default())),
            _ => Err(self.fault(format!("Value of {operator} must be numeric"), place)),
        }
    }

    /// The range made of two terms, if there are no more.
    fn two(&self, made: Numeric) -> Result<Numeric, PatternError> {
        match self.list.len() {
            2 => Ok(made),
            _ => Err(self.fault("Too many elements in numeric expression".to_owned(), 2)),
        }
    }

    /// The second half of a range.
    fn top(&self, bottom: f64) -> Result<(f64, bool), PatternError> {
        let operator = match self.json(2) {
            Some(Json::Text(operator)) => operator.as_str(),
            other => return Err(self.fault(format!("Bad value in numeric range: {}", shown(other)), 2)),
        };
        if operator != "<" && operator != "<=" {
            let ended = self.list.get(2).map_or(self.ended, |term| term.ended);
            return Err(PatternError::at(format!("Bad numeric range operator: {operator}"), ended));
        }
        let (_, top) = self.number(3, operator)?;
        if self.list.len() > 4 {
            return Err(self.fault("Too many terms in numeric range expression".to_owned(), 4));
        }
        if bottom >= top {
            return Err(PatternError::at("Bottom must be less than top", self.ended));
        }
        Ok((top, operator == "<"))
    }
}

/// A term as a parser names it: its text, or the mark it begins with.
fn shown(term: Option<&Json>) -> String {
    match term {
        None => "]".to_owned(),
        Some(Json::Null) => "null".to_owned(),
        Some(Json::Flag(flag)) => flag.to_string(),
        Some(Json::Number(number)) => number.to_string(),
        Some(Json::Text(text)) => text.clone(),
        Some(Json::List(_)) => "[".to_owned(),
        Some(Json::Object(_)) => "{".to_owned(),
    }
}

//! Comparisons of a value in a line with the text, number or expression of a pattern.

use regex::Regex;

use super::reader::Reader;

/// The operator of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// Takes an operator, if one comes next.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        const ALL: [(&str, Operator); 6] = [
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        ALL.into_iter().find(|(token, _)| reader.take(token)).map(|(_, operator)| operator)
    }
}

/// The side of a comparison that the pattern gives.
#[derive(Clone, Debug)]
enum Operand {
    Number(f64),
    /// Text in which `*` stands for any other text.
    Text(Vec<String>),
    Expression(Regex),
}

/// One comparison of a value with the pattern's operand.
#[derive(Clone, Debug)]
pub(in crate::logs) struct Comparison {
    operator: Operator,
    operand: Operand,
}

impl Comparison {
    /// Reads the operand of an operator. `ends` tells the characters that end one without quotes.
    pub(super) fn read(operator: Operator, reader: &mut Reader<'_>, ends: fn(char) -> bool) -> Result<Self, String> {
        let operand = if let Some(text) = reader.quoted()? {
            Operand::Text(wildcards(&text))
        } else if let Some(expression) = reader.expression()? {
            Operand::Expression(expression)
        } else {
            let text = reader.run(|c| !ends(c)).trim_end();
            match text.parse::<f64>() {
                _ if text.is_empty() => return Err("a comparison has nothing to compare with".to_owned()),
                Ok(number) if number.is_finite() => Operand::Number(number),
                _ => Operand::Text(wildcards(text)),
            }
        };
        let orders = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if orders && !matches!(operand, Operand::Number(_)) {
            return Err("only numbers have an order".to_owned());
        }
        Ok(Self { operator, operand })
    }

    /// True if it holds for a value, given as text. Assumed: a number that comes as text counts as a number.
    pub(super) fn holds(&self, value: &str) -> bool {
        match &self.operand {
            Operand::Number(wanted) => match value.parse::<f64>() {
                Ok(value) => self.in_order(value, *wanted),
                Err(_) => self.operator == Operator::NotEqual,
            },
            Operand::Text(parts) => matches(parts, value) == (self.operator == Operator::Equal),
            Operand::Expression(expression) => expression.is_match(value) == (self.operator == Operator::Equal),
        }
    }

    fn in_order(&self, value: f64, wanted: f64) -> bool {
        match self.operator {
            Operator::Equal => (value - wanted).abs() == 0.0,
            Operator::NotEqual => (value - wanted).abs() != 0.0,
            Operator::Less => value < wanted,
            Operator::LessOrEqual => value <= wanted,
            Operator::Greater => value > wanted,
            Operator::GreaterOrEqual => value >= wanted,
        }
    }
}

fn wildcards(text: &str) -> Vec<String> {
    text.split('*').map(str::to_owned).collect()
}

/// True if a text is these parts with anything between them.
fn matches(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|whole| whole == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        let Some(found) = rest.find(part.as_str()) else { return false };
        rest = &rest[found + part.len()..];
    }
    rest.ends_with(last.as_str())
}

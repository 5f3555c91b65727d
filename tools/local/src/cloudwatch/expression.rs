//! Metric math: arithmetic and comparisons of series, point by point, and the functions `IF`, `FILL`, `ABS`, `CEIL`
//! and `FLOOR`. Everything else is refused by name.

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Number(f64),
    /// The id of another query.
    Id(String),
    Negative(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    If(Box<Expression>, Box<Expression>, Box<Expression>),
    Fill(Box<Expression>, f64),
    Round(Rounding, Box<Expression>),
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

/// A function of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    Abs,
    Ceil,
    Floor,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is not understood, or not computed here.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0 };
        let expression = parser.level(0)?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(format!("unexpected {token} in the expression {text}")),
        }
    }

    /// The ids that it refers to.
    pub(super) fn ids(&self) -> Vec<&str> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Id(id) => vec![id],
            Self::Negative(inner) | Self::Fill(inner, _) | Self::Round(_, inner) => inner.ids(),
            Self::Binary(_, left, right) => [left.ids(), right.ids()].concat(),
            Self::If(condition, yes, no) => [condition.ids(), yes.ids(), no.ids()].concat(),
        }
    }

    /// Its value at one point; none where a value that it needs is missing, or is divided by zero.
    pub(super) fn value(&self, of: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Id(id) => of(id),
            Self::Negative(inner) => inner.value(of).map(|value| -value),
            Self::Fill(inner, fill) => inner.value(of).or(Some(*fill)),
            Self::Round(rounding, inner) => inner.value(of).map(|value| match rounding {
                Rounding::Abs => value.abs(),
                Rounding::Ceil => value.ceil(),
                Rounding::Floor => value.floor(),
            }),
            Self::If(condition, yes, no) => {
                if condition.value(of)? == 0.0 {
                    no.value(of)
                } else {
                    yes.value(of)
                }
            }
            Self::Binary(operator, left, right) => operator.apply(left.value(of)?, right.value(of)?),
        }
    }
}

impl Operator {
    fn apply(self, left: f64, right: f64) -> Option<f64> {
        let truth = |truth: bool| Some(if truth { 1.0 } else { 0.0 });
        match self {
            Self::Add => Some(left + right),
            Self::Subtract => Some(left - right),
            Self::Multiply => Some(left * right),
            Self::Divide => Some(left / right).filter(|_| right != 0.0),
            Self::Power => Some(left.powf(right)),
            Self::Less => truth(left < right),
            Self::LessOrEqual => truth(left <= right),
            Self::Greater => truth(left > right),
            Self::GreaterOrEqual => truth(left >= right),
            Self::Equal => truth(left.total_cmp(&right).is_eq()),
            Self::NotEqual => truth(left.total_cmp(&right).is_ne()),
            Self::And => truth(left != 0.0 && right != 0.0),
            Self::Or => truth(left != 0.0 || right != 0.0),
        }
    }

    /// The operator of a token, when it binds at that level: 0 loosest.
    fn at_level(token: &str, level: usize) -> Option<Self> {
        const LEVELS: [&[(&str, Operator)]; 6] = [
            &[("OR", Operator::Or), ("||", Operator::Or)],
            &[("AND", Operator::And), ("&&", Operator::And)],
            &[
                ("<", Operator::Less),
                ("<=", Operator::LessOrEqual),
                (">", Operator::Greater),
                (">=", Operator::GreaterOrEqual),
                ("==", Operator::Equal),
                ("!=", Operator::NotEqual),
            ],
            &[("+", Operator::Add), ("-", Operator::Subtract)],
            &[("*", Operator::Multiply), ("/", Operator::Divide)],
            &[("^", Operator::Power)],
        ];
        LEVELS.get(level)?.iter().find(|(text, _)| *text == token).map(|(_, operator)| *operator)
    }
}

const TIGHTEST: usize = 5;

struct Parser {
    tokens: Vec<String>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Result<String, String> {
        let token = self.tokens.get(self.at).cloned().ok_or("the expression ends too early")?;
        self.at += 1;
        Ok(token)
    }

    fn expect(&mut self, expected: &str) -> Result<(), String> {
        match self.next()? {
            token if token == expected => Ok(()),
            token => Err(format!("expected {expected} instead of {token}")),
        }
    }

    fn level(&mut self, level: usize) -> Result<Expression, String> {
        if level > TIGHTEST {
            return self.factor();
        }
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.peek().and_then(|token| Operator::at_level(token, level)) {
            self.at += 1;
            let right = self.level(level + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expression, String> {
        let token = self.next()?;
        if let Ok(number) = token.parse::<f64>() {
            return Ok(Expression::Number(number));
        }
        match token.as_str() {
            "-" => Ok(Expression::Negative(Box::new(self.factor()?))),
            "(" => {
                let inner = self.level(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            name if self.peek() == Some("(") => self.function(name),
            // Ids begin with a small letter, functions are capitals.
            name if name.starts_with(|c: char| c.is_ascii_lowercase()) => Ok(Expression::Id(token)),
            _ => Err(format!("{token} is not understood in an expression")),
        }
    }

    fn function(&mut self, name: &str) -> Result<Expression, String> {
        self.expect("(")?;
        let mut arguments = vec![self.level(0)?];
        while self.peek() == Some(",") {
            self.at += 1;
            arguments.push(self.level(0)?);
        }
        self.expect(")")?;
        let boxed: Vec<Box<Expression>> = arguments.into_iter().map(Box::new).collect();
        match (name, <[Box<Expression>; 1]>::try_from(boxed)) {
            ("ABS", Ok([inner])) => Ok(Expression::Round(Rounding::Abs, inner)),
            ("CEIL", Ok([inner])) => Ok(Expression::Round(Rounding::Ceil, inner)),
            ("FLOOR", Ok([inner])) => Ok(Expression::Round(Rounding::Floor, inner)),
            ("FILL", Err(arguments)) => match <[Box<Expression>; 2]>::try_from(arguments) {
                Ok([inner, with]) => match *with {
                    Expression::Number(number) => Ok(Expression::Fill(inner, number)),
                    _ => Err("the local plane computes FILL with a number alone".to_owned()),
                },
                Err(_) => Err("FILL needs a metric and a number".to_owned()),
            },
            ("IF", Err(arguments)) => match <[Box<Expression>; 3]>::try_from(arguments) {
                Ok([condition, yes, no]) => Ok(Expression::If(condition, yes, no)),
                Err(_) => Err("the local plane computes IF with three arguments alone".to_owned()),
            },
            _ => Err(format!("the local plane does not compute the function {name}")),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let characters: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(&character) = characters.get(at) {
        let run = |fits: fn(char) -> bool| characters[at..].iter().take_while(|c| fits(**c)).count();
        let length = match character {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            c if c.is_ascii_digit() || c == '.' => run(|c| c.is_ascii_digit() || c == '.'),
            c if c.is_ascii_alphabetic() => run(|c| c.is_ascii_alphanumeric() || c == '_'),
            '<' | '>' | '=' | '!' => run(|c| "<>=!".contains(c)),
            '&' | '|' => run(|c| "&|".contains(c)),
            '+' | '-' | '*' | '/' | '^' | '(' | ')' | ',' => 1,
            other => return Err(format!("{other} is not understood in an expression")),
        };
        tokens.push(characters[at..at + length].iter().collect());
        at += length;
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("errors / invocations * 100", Some(20.0); "a rate in percent")]
    #[test_case("100*(errors/invocations)", Some(20.0); "in parentheses")]
    #[test_case("1 + 2 * 3 ^ 2 - -1", Some(20.0); "binding")]
    #[test_case("errors / nothing", None; "a missing value")]
    #[test_case("errors / zero", None; "division by zero")]
    #[test_case("errors + FILL(nothing, 5)", Some(7.0); "filled")]
    #[test_case("IF(invocations > 0, errors * 100 / invocations, 0)", Some(20.0); "a condition")]
    #[test_case("IF(zero > 0 AND errors > 0, 1, CEIL(0.2) - ABS(-3))", Some(-2.0); "an alternative")]
    fn it_computes(text: &str, expected: Option<f64>) {
        let of = |id: &str| match id {
            "errors" => Some(2.0),
            "invocations" => Some(10.0),
            "zero" => Some(0.0),
            _ => None,
        };
        let found = Expression::parse(text).unwrap().value(&of);
        assert_eq!(found.map(|value| (value * 1e6).round() / 1e6), expected);
    }

    #[test_case("SEARCH('{AWS/Lambda}', 'Sum', 60)", "is not understood"; "a text")]
    #[test_case("ANOMALY_DETECTION_BAND(m1, 2)", "ANOMALY_DETECTION_BAND"; "an unknown function")]
    #[test_case("m1 +", "ends too early"; "half an expression")]
    #[test_case("m1 m2", "unexpected m2"; "two expressions")]
    #[test_case("FILL(m1, REPEAT)", "not understood"; "another way to fill")]
    fn what_it_does_not_compute_is_named(text: &str, message: &str) {
        let error = Expression::parse(text).unwrap_err();
        assert!(error.contains(message), "{error}");
    }
}

//! Reading metric math.

use super::{Aggregate, Expression, Function, Operator, Refusal};

/// The functions of metric math that need whole series, or other services.
const NOT_RUN: [&str; 27] = [
    "ANOMALY_DETECTION_BAND",
    "DATAPOINT_COUNT",
    "DATE",
    "DAY",
    "DB_PERF_INSIGHTS",
    "DIFF",
    "DIFF_TIME",
    "EPOCH",
    "FIRST",
    "HOUR",
    "INSIGHT_RULE_METRIC",
    "LAMBDA",
    "LAST",
    "MINUTE",
    "MONTH",
    "RATE",
    "REMOVE_EMPTY",
    "RUNNING_SUM",
    "SEARCH",
    "SELECT",
    "SERVICE_QUOTA",
    "SLICE",
    "SORT",
    "STDDEV",
    "TIME_SERIES",
    "YEAR",
    "METRICS",
];

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Names the part that is not understood, or not computed here.
    pub(in crate::cloudwatch) fn parse(text: &str) -> Result<Self, Refusal> {
        let first =
            text.trim_start().split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        match first.to_ascii_uppercase().as_str() {
            "SELECT" => return Err(Refusal::NotRun("a Metrics Insights query (SELECT)".to_owned())),
            name @ ("SEARCH" | "LAMBDA" | "DB_PERF_INSIGHTS" | "INSIGHT_RULE_METRIC") => {
                return Err(not_run(name));
            }
            _ => {}
        }
        let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
        let expression = parser.level(0)?;
        match parser.peek() {
            None => Ok(expression),
            Some(token) => Err(malformed(format!("unexpected {token} in the expression {text}"))),
        }
    }
}

fn malformed(why: impl Into<String>) -> Refusal {
    Refusal::Malformed(why.into())
}

fn not_run(function: &str) -> Refusal {
    Refusal::NotRun(format!("the function {function}"))
}

impl Operator {
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

/// The deepest nesting of an expression.
const DEEPEST: usize = 64;

struct Parser {
    tokens: Vec<String>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(String::as_str)
    }

    fn next(&mut self) -> Result<String, Refusal> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token.ok_or_else(|| malformed("the expression ends too early"))
    }

    fn expect(&mut self, expected: &str) -> Result<(), Refusal> {
        match self.next()? {
            token if token == expected => Ok(()),
            token => Err(malformed(format!("expected {expected} instead of {token}"))),
        }
    }

    fn level(&mut self, level: usize) -> Result<Expression, Refusal> {
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

    fn factor(&mut self) -> Result<Expression, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(malformed("the expression is nested too deep"));
        }
        let factor = self.nested();
        self.depth -= 1;
        factor
    }

    fn nested(&mut self) -> Result<Expression, Refusal> {
        let token = self.next()?;
        if token.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return token.parse().map(Expression::Number).map_err(|_| malformed(format!("{token} is no number")));
        }
        match token.as_str() {
            "-" => Ok(Expression::Negative(Box::new(self.factor()?))),
            "(" => {
                let inner = self.level(0)?;
                self.expect(")")?;
                Ok(inner)
            }
            name if self.peek() == Some("(") => self.function(&name.to_ascii_uppercase()),
            // Ids begin with a small letter, functions are capitals.
            name if name.starts_with(|c: char| c.is_ascii_lowercase()) => Ok(Expression::Id(token)),
            _ => Err(malformed(format!("{token} is not understood in an expression"))),
        }
    }

    fn function(&mut self, name: &str) -> Result<Expression, Refusal> {
        if let Some(aggregate) = aggregate(name) {
            return self.aggregate(name, aggregate);
        }
        if NOT_RUN.contains(&name) {
            return Err(not_run(name));
        }
        self.expect("(")?;
        let mut arguments = self.list(")")?.into_iter();
        let (first, second, third, rest) = (arguments.next(), arguments.next(), arguments.next(), arguments.next());
        let function = match name {
            "ABS" => Some(Function::Abs),
            "CEIL" => Some(Function::Ceil),
            "FLOOR" => Some(Function::Floor),
            "LOG" => Some(Function::Log),
            "LOG10" => Some(Function::Log10),
            _ => None,
        };
        match (name, first, second, third, rest) {
            (_, Some(inner), None, None, None) if function.is_some() => {
                function.map(|function| Expression::Of(function, Box::new(inner))).ok_or_else(|| malformed(name))
            }
            ("PERIOD", Some(Expression::Id(id)), None, None, None) => Ok(Expression::Period(id)),
            ("FILL", Some(inner), Some(with), None, None) => Ok(Expression::Fill(Box::new(inner), Box::new(with))),
            ("IF", Some(condition), Some(yes), no, None) => {
                Ok(Expression::If(Box::new(condition), Box::new(yes), no.map(Box::new)))
            }
            ("FILL" | "IF" | "PERIOD", ..) => Err(malformed(format!("{name} has other arguments"))),
            _ if function.is_some() => Err(malformed(format!("{name} takes one argument"))),
            _ => Err(malformed(format!("the function {name} does not exist"))),
        }
    }

    /// `SUM([a, b])` and `SUM(METRICS())`; over one series it is a number of the whole series, which is not run.
    fn aggregate(&mut self, name: &str, aggregate: Aggregate) -> Result<Expression, Refusal> {
        self.expect("(")?;
        let expression = match self.next()?.as_str() {
            "[" => Expression::Over(aggregate, self.list("]")?),
            "METRICS" => {
                self.expect("(")?;
                if self.peek() != Some(")") {
                    return Err(Refusal::NotRun("the function METRICS of a text".to_owned()));
                }
                self.expect(")")?;
                Expression::OverMetrics(aggregate)
            }
            _ => return Err(Refusal::NotRun(format!("the function {name} of one series"))),
        };
        self.expect(")")?;
        Ok(expression)
    }

    /// Expressions with commas between them, up to `end`.
    fn list(&mut self, end: &str) -> Result<Vec<Expression>, Refusal> {
        let mut list = Vec::new();
        loop {
            // Other ways to fill are words where a number could stand.
            if let Some(word @ ("REPEAT" | "LINEAR")) = self.peek() {
                return Err(Refusal::NotRun(format!("the function FILL with {word}")));
            }
            list.push(self.level(0)?);
            match self.next()? {
                token if token == end => return Ok(list),
                token if token == "," => {}
                token => return Err(malformed(format!("expected {end} instead of {token}"))),
            }
        }
    }
}

fn aggregate(name: &str) -> Option<Aggregate> {
    match name {
        "SUM" => Some(Aggregate::Sum),
        "AVG" => Some(Aggregate::Average),
        "MIN" => Some(Aggregate::Minimum),
        "MAX" => Some(Aggregate::Maximum),
        _ => None,
    }
}

fn tokens(text: &str) -> Result<Vec<String>, Refusal> {
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
            '+' | '-' | '*' | '/' | '^' | '(' | ')' | ',' | '[' | ']' => 1,
            // A text is an argument of functions that are refused by name.
            '\'' | '"' => {
                let body = &characters[at + 1..];
                body.iter().position(|c| *c == character).map_or(characters.len() - at, |end| end + 2)
            }
            other => return Err(malformed(format!("{other} is not understood in an expression"))),
        };
        tokens.push(characters[at..at + length].iter().collect());
        at += length;
    }
    Ok(tokens)
}

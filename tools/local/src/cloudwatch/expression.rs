//! Metric math: arithmetic and comparisons of series, point by point, with the functions that need one point alone.
//! Functions over whole series, searches and queries of Metrics Insights are refused by name.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Number(f64),
    /// The id of another query.
    Id(String),
    Negative(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// Without an alternative there is no value where the condition does not hold.
    If(Box<Expression>, Box<Expression>, Option<Box<Expression>>),
    Fill(Box<Expression>, Box<Expression>),
    Of(Function, Box<Expression>),
    /// The values of several series at one point.
    Over(Aggregate, Vec<Expression>),
    /// The same over every metric of the list.
    OverMetrics(Aggregate),
    /// The period of a series, in seconds.
    Period(String),
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
pub(super) enum Function {
    Abs,
    Ceil,
    Floor,
    Log,
    Log10,
}

/// A function of several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aggregate {
    Sum,
    Average,
    Minimum,
    Maximum,
}

/// Why an expression is not computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// CloudWatch does not understand it either.
    Malformed(String),
    /// CloudWatch computes it, the plane does not.
    NotRun(String),
}

/// What an expression is computed from, at one point.
pub(super) trait Scope {
    /// The value of another query.
    fn value(&self, id: &str) -> Option<f64>;
    /// The period of another query, in seconds.
    fn period(&self, id: &str) -> Option<f64>;
    /// The ids of the queries that are metrics.
    fn metrics(&self) -> Vec<&str>;
}

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
    /// What is not understood, or not computed here.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
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

    /// The ids that it refers to.
    pub(super) fn ids(&self) -> Vec<&str> {
        match self {
            Self::Number(_) | Self::OverMetrics(_) => Vec::new(),
            Self::Id(id) | Self::Period(id) => vec![id],
            Self::Negative(inner) | Self::Of(_, inner) => inner.ids(),
            Self::Binary(_, left, right) | Self::Fill(left, right) => [left.ids(), right.ids()].concat(),
            Self::If(condition, yes, no) => {
                [condition.ids(), yes.ids(), no.as_ref().map(|no| no.ids()).unwrap_or_default()].concat()
            }
            Self::Over(_, parts) => parts.iter().flat_map(Self::ids).collect(),
        }
    }

    /// Its value at one point; none where a value that it needs is missing, or is divided by zero.
    pub(super) fn value(&self, scope: &dyn Scope) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Id(id) => scope.value(id),
            Self::Period(id) => scope.period(id),
            Self::Negative(inner) => inner.value(scope).map(|value| -value),
            Self::Fill(inner, fill) => inner.value(scope).or_else(|| fill.value(scope)),
            Self::Of(function, inner) => inner.value(scope).and_then(|value| function.apply(value)),
            Self::If(condition, yes, no) => {
                if condition.value(scope)? == 0.0 {
                    no.as_ref()?.value(scope)
                } else {
                    yes.value(scope)
                }
            }
            Self::Binary(operator, left, right) => operator.apply(left.value(scope)?, right.value(scope)?),
            // Assumed: a series without a value at that point does not count.
            Self::Over(aggregate, parts) => aggregate.apply(parts.iter().filter_map(|part| part.value(scope))),
            Self::OverMetrics(aggregate) => {
                aggregate.apply(scope.metrics().into_iter().filter_map(|id| scope.value(id)))
            }
        }
    }
}

impl Function {
    fn apply(self, value: f64) -> Option<f64> {
        let result = match self {
            Self::Abs => value.abs(),
            Self::Ceil => value.ceil(),
            Self::Floor => value.floor(),
            Self::Log => value.ln(),
            Self::Log10 => value.log10(),
        };
        result.is_finite().then_some(result)
    }
}

impl Aggregate {
    fn apply(self, values: impl Iterator<Item = f64>) -> Option<f64> {
        let values: Vec<f64> = values.collect();
        if values.is_empty() {
            return None;
        }
        Some(match self {
            Self::Sum => values.iter().sum(),
            Self::Average => values.iter().sum::<f64>() / values.len() as f64,
            Self::Minimum => values.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Maximum => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }
}

fn malformed(why: impl Into<String>) -> Refusal {
    Refusal::Malformed(why.into())
}

fn not_run(function: &str) -> Refusal {
    Refusal::NotRun(format!("the function {function}"))
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

/// How deep an expression may be nested.
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
    #[test_case("IF(zero > 0, 1)", None; "no alternative")]
    #[test_case("SUM([errors, invocations, nothing])", Some(12.0); "several series")]
    #[test_case("AVG(METRICS()) + MAX([errors, invocations])", Some(16.0); "all metrics")]
    #[test_case("errors / PERIOD(errors)", Some(0.033_333); "a rate by its period")]
    #[test_case("LOG10(invocations) + LOG(zero)", None; "a logarithm of nothing")]
    #[test_case("IF(zero > 0 AND errors > 0, 1, CEIL(0.2) - ABS(-3))", Some(-2.0); "an alternative")]
    fn it_computes(text: &str, expected: Option<f64>) {
        let found = Expression::parse(text).unwrap().value(&Three);
        assert_eq!(found.map(|value| (value * 1e6).round() / 1e6), expected);
    }

    struct Three;

    impl Scope for Three {
        fn value(&self, id: &str) -> Option<f64> {
            match id {
                "errors" => Some(2.0),
                "invocations" => Some(10.0),
                "zero" => Some(0.0),
                _ => None,
            }
        }

        fn period(&self, _: &str) -> Option<f64> {
            Some(60.0)
        }

        fn metrics(&self) -> Vec<&str> {
            vec!["errors", "invocations", "nothing"]
        }
    }

    #[test_case("m1 +", "ends too early"; "half an expression")]
    #[test_case("m1 m2", "unexpected m2"; "two expressions")]
    #[test_case("FOO(m1)", "FOO does not exist"; "an unknown function")]
    #[test_case("ABS(m1, m2)", "takes one argument"; "too many arguments")]
    #[test_case("1.2.3", "no number"; "no number")]
    fn what_cloudwatch_does_not_understand_is_refused(text: &str, message: &str) {
        let Err(Refusal::Malformed(error)) = Expression::parse(text) else { panic!("{text}") };
        assert!(error.contains(message), "{error}");
    }

    #[test_case("SELECT SUM(x) FROM \"n\"", "Metrics Insights"; "a query")]
    #[test_case("SEARCH('{AWS/Lambda}', 'Sum', 60)", "SEARCH"; "a search")]
    #[test_case("ANOMALY_DETECTION_BAND(m1, 2)", "ANOMALY_DETECTION_BAND"; "a model")]
    #[test_case("m1 * RATE(m2)", "RATE"; "a rate")]
    #[test_case("SUM(m1)", "SUM of one series"; "a sum over time")]
    #[test_case("FILL(m1, REPEAT)", "REPEAT"; "another way to fill")]
    fn what_the_plane_does_not_compute_is_named(text: &str, name: &str) {
        let Err(Refusal::NotRun(what)) = Expression::parse(text) else { panic!("{text}") };
        assert!(what.contains(name), "{what}");
    }

    #[test]
    fn no_expression_is_too_deep_to_refuse() {
        assert!(Expression::parse(&"(".repeat(100_000)).is_err());
        assert!(Expression::parse(&"-".repeat(100_000)).is_err());
    }
}

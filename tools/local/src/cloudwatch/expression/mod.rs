//! Metric math: arithmetic and comparisons of series, point by point, with the functions that need one point alone.
//! Functions over whole series, searches and queries of Metrics Insights are refused by name.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>

mod parse;
#[cfg(test)]
mod tests;

/// A parsed expression of metric math.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Number(f64),
    /// The id of another query.
    Id(String),
    Negative(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// A condition. Without an alternative there is no value where it does not hold.
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

/// A binary operator of arithmetic, comparison or logic.
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

/// The reason for which an expression is not computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// CloudWatch does not understand it either.
    Malformed(String),
    /// CloudWatch computes it, the plane does not.
    NotRun(String),
}

/// The values from which an expression is computed, at one point.
pub(super) trait Scope {
    /// The value of another query.
    fn value(&self, id: &str) -> Option<f64>;
    /// The period of another query, in seconds.
    fn period(&self, id: &str) -> Option<f64>;
    /// The ids of the queries that are metrics.
    fn metrics(&self) -> Vec<&str>;
}

impl Expression {
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
}

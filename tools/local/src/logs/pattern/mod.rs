//! CloudWatch Logs' filter patterns: which lines match, and the values that a line carries under the pattern's names.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>. A pattern is a list of terms, a
//! condition on a JSON document (`{…}`) or a list of fields (`[…]`). Filters of metrics, subscriptions and
//! `FilterLogEvents` read the same language. Nothing here knows groups or streams.

mod fields;
mod json;
mod operand;
mod reader;
mod terms;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::errors::invalid;
use crate::core::ServiceError;

/// A pattern that has been read.
#[derive(Clone, Debug)]
pub(super) enum FilterPattern {
    /// Words and phrases of an unstructured line.
    Terms(terms::Terms),
    /// A condition on the members of a JSON line.
    Json(json::Condition),
    /// Fields of a line, separated by spaces.
    Fields(fields::Fields),
}

impl FilterPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// `InvalidParameterException` for what the language does not have.
    pub(super) fn parse(text: &str) -> Result<Self, ServiceError> {
        let trimmed = text.trim();
        let parsed = match trimmed.as_bytes().first() {
            Some(b'{') => json::Condition::parse(trimmed).map(Self::Json),
            Some(b'[') => fields::Fields::parse(trimmed).map(Self::Fields),
            _ => terms::Terms::parse(trimmed).map(Self::Terms),
        };
        parsed.map_err(|why| invalid(format!("Invalid filter pattern: {why}")))
    }

    /// True if a line matches.
    pub(super) fn matches(&self, line: &str) -> bool {
        match self {
            Self::Terms(terms) => terms.matches(line),
            Self::Json(condition) => json::document(line).is_some_and(|document| condition.holds(&document)),
            Self::Fields(fields) => fields.extract(line).is_some(),
        }
    }

    /// The values of a matching line under the names that the pattern gives them, such as `$.latency` or `$bytes`.
    pub(super) fn extracted(&self, line: &str) -> BTreeMap<String, String> {
        match self {
            Self::Terms(_) => BTreeMap::new(),
            Self::Json(condition) => json::document(line).map(|it| condition.values(&it)).unwrap_or_default(),
            Self::Fields(fields) => fields.extract(line).unwrap_or_default(),
        }
    }

    /// The value that a selector names in a line: of a JSON document or of the pattern's fields.
    pub(super) fn value(&self, selector: &str, line: &str) -> Option<String> {
        match self {
            Self::Terms(_) => None,
            Self::Json(_) => json::Selector::parse(selector).ok()?.text(&json::document(line)?),
            Self::Fields(fields) => fields.extract(line)?.remove(selector),
        }
    }

    /// True if the lines that it reads have values to name.
    pub(super) fn has_values(&self) -> bool {
        !matches!(self, Self::Terms(_))
    }
}

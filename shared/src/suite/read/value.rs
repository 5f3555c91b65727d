//! Small values of checks.

use std::collections::BTreeMap;

use regex::Regex;

use super::super::placeholder;
use super::super::time_limit::TimeLimit;
use super::super::wants::Wants;
use super::{Files, optional};
use crate::reading::{At, Members};
use crate::template::Content;

/// Reads a length of time: a text with a unit, or a number of seconds.
pub fn time_limit(at: &At<'_>) -> Option<TimeLimit> {
    let limit = match &at.node().content {
        Content::Number(number) => number.as_f64().and_then(TimeLimit::from_seconds),
        Content::Text(text) => TimeLimit::from_text(text.trim()),
        _ => None,
    };
    if limit.is_none() {
        let found = at.value();
        at.fault(format!("{found} is no length of time from 1ms to 1h: write 500ms, 5s, 2m, or a number of seconds"));
    }
    limit
}

/// A list of regular expressions, each of which compiles.
pub(super) fn expressions(at: &At<'_>) -> Option<Vec<String>> {
    at.each(|item| {
        let text = item.text()?;
        if let Err(error) = Regex::new(text) {
            // The error quotes the expression over several lines; its last one says what is wrong.
            let told = error.to_string();
            item.fault(format!(
                "{text:?} is no regular expression: {}",
                told.lines().last().unwrap_or_default().trim()
            ));
        }
        Some(text.to_owned())
    })
}

/// Texts by name.
pub(super) fn headers(at: &At<'_>) -> Option<BTreeMap<String, String>> {
    let header = |(name, at): (&str, At<'_>)| {
        let value = at.scalar()?;
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            at.fault(format!("{name:?} is no name of a header"));
        }
        if http::HeaderValue::from_str(&value).is_err() {
            at.fault(format!("the value of the header {name:?} holds a character that no header can carry"));
        }
        Some((name.to_owned(), value))
    };
    Some(at.entries()?.into_iter().filter_map(header).collect())
}

/// The members `jmespath` and `schema`.
pub(super) fn wants(members: &mut Members<'_>, files: &dyn Files) -> Wants {
    Wants {
        jmespath: optional(members, "jmespath", jmespath).unwrap_or_default(),
        schema: optional(members, "schema", |at| schema(at, files)),
    }
}

fn jmespath(at: &At<'_>) -> Option<Vec<String>> {
    let expression = |item: &At<'_>| {
        let text = item.text()?;
        let compiled = Wants::expression(&placeholder::filled_with_any(text));
        if let Err(error) = compiled {
            item.fault(format!("{text:?} is no JMESPath expression: {error}"));
        }
        Some(text.to_owned())
    };
    match at.node().content {
        Content::Text(_) => Some(expression(at).into_iter().collect()),
        _ => at.each(expression),
    }
}

fn schema(at: &At<'_>, files: &dyn Files) -> Option<serde_json::Value> {
    let schema = match at.node().content {
        Content::Text(_) => files.schema(at)?,
        Content::Map(_) | Content::Bool(_) => at.value(),
        _ => {
            at.fault("expected a JSON Schema, or the name of a file that holds one");
            return None;
        }
    };
    if let Err(error) = Wants::validator(&schema) {
        at.fault(format!("this is no JSON Schema: {error}"));
    }
    Some(schema)
}

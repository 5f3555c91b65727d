//! Logs: one subscriber for every function, and how an error is written.
//!
//! Lines go to standard output, as JSON when the function's `LoggingConfig` says so. Each place chooses the words that it logs;
//! the rule for all of it: never an event, a payload, a body or a hook execution id.

use std::error::Error;
use std::fmt;

use tracing_subscriber::filter::LevelFilter;

use crate::env::{self, Lookup, ProcessEnvironment};

/// Installs the process' subscriber: level and format follow Lambda's advanced logging controls
/// (`AWS_LAMBDA_LOG_LEVEL`, `AWS_LAMBDA_LOG_FORMAT`). Call it once, first thing in `main`.
///
/// Lambda's runtime crate has a subscriber of its own, with a filter for each module: its regular expressions are a fifth of a
/// function's package, and are run at each cold start.
pub fn init() {
    let lines = tracing_subscriber::fmt().with_max_level(level(&ProcessEnvironment)).with_target(false).without_time();
    if is_json(&ProcessEnvironment) {
        lines.json().init();
    } else {
        lines.with_ansi(false).init();
    }
}

/// Lambda's levels are `tracing`'s and `FATAL`, which nothing here logs at: what is fatal is an error. Lambda accepts no other
/// (<https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>).
fn level(lookup: &impl Lookup) -> LevelFilter {
    match lookup.get(env::AWS_LAMBDA_LOG_LEVEL.name) {
        Some(level) if level.eq_ignore_ascii_case("fatal") => LevelFilter::ERROR,
        Some(level) => level.parse().unwrap_or(LevelFilter::INFO),
        None => LevelFilter::INFO,
    }
}

fn is_json(lookup: &impl Lookup) -> bool {
    lookup.get(env::AWS_LAMBDA_LOG_FORMAT.name).is_some_and(|format| format.eq_ignore_ascii_case("json"))
}

/// An error with all its causes on one line: `error = %Chain(&error)`.
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.0.to_string();
        formatter.write_str(&told)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // Errors of the AWS clients repeat their cause.
            if text != told {
                write!(formatter, ": {text}")?;
                told = text;
            }
            source = cause.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Chain<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("TRACE", LevelFilter::TRACE)]
    #[test_case("WARN", LevelFilter::WARN)]
    #[test_case("FATAL", LevelFilter::ERROR)]
    #[test_case("LOUD", LevelFilter::INFO; "a level that Lambda does not have")]
    fn follows_the_level_that_lambda_sets(value: &str, expected: LevelFilter) {
        assert_eq!(level(&[("AWS_LAMBDA_LOG_LEVEL", value)]), expected);
        assert_eq!(level(&[]), LevelFilter::INFO);
    }

    #[test]
    fn writes_json_only_where_lambda_says_so() {
        assert!(is_json(&[("AWS_LAMBDA_LOG_FORMAT", "JSON")]));
        assert!(!is_json(&[("AWS_LAMBDA_LOG_FORMAT", "Text")]) && !is_json(&[]));
    }

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::num::ParseIntError);

    /// An error such as those of the AWS clients' operations.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Repeats(#[source] std::num::ParseIntError);

    #[test]
    fn writes_every_cause_once() {
        let error = Outer("x".parse::<u8>().unwrap_err());
        assert_eq!(Chain(&error).to_string(), "outer: invalid digit found in string");
        let repeats = Repeats("x".parse::<u8>().unwrap_err());
        assert_eq!(Chain(&repeats).to_string(), "invalid digit found in string");
    }
}

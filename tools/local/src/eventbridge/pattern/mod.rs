//! EventBridge's pattern language, to the letter of AWS's own matcher.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html> and
//! <https://github.com/aws/event-ruler>, whose README's examples are among the tests.
//!
//! A pattern is compiled once: what does not compile is refused when a rule is made. Compiled, it is a list of
//! alternatives; an alternative says what may stand at which paths, all of which have to fit. A path is names joined by
//! dots, and an event is the values at its paths: `{"a": {"b": 1}}` and `{"a.b": 1}` are the same, and a path leads to
//! values only, never to an object.
//!
//! Assumed: numbers are equal where their values are (1, 1.0 and 1e0), as the matcher's source has it. Its rule for
//! decimals of more digits than a double has, which it compares as text, is not followed.

mod compile;
mod complexity;
mod condition;
mod error;
mod event;
mod numeric;
#[cfg(test)]
mod tests;
mod text;

use serde_json::Value;

use compile::Alternative;
use event::Fields;

pub(crate) use error::PatternError;

use crate::jackson;

/// A compiled pattern: an event matches if it fits one of the alternatives.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    alternatives: Vec<Alternative>,
}

impl Pattern {
    /// Compiles a pattern's text.
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        let compiled = jackson::read(text).map_err(PatternError::from).and_then(|pattern| compile::compile(&pattern));
        let alternatives = compiled.map_err(|error| error.of(text))?;
        Ok(Self { alternatives })
    }

    /// True if `event` matches.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        let wanted = self.alternatives.iter().flat_map(Alternative::paths).collect();
        let fields = Fields::of(event, &wanted);
        self.alternatives.iter().any(|alternative| event::fits(alternative, &fields))
    }
}

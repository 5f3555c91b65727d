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
mod event;
mod json;
mod numeric;
mod place;
#[cfg(test)]
mod tests;
mod text;

use serde_json::Value;

use compile::Alternative;
use event::Fields;

/// The refusal of a pattern, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Event pattern is not valid. Reason: {}", self.reason())]
pub(crate) struct PatternError {
    what: String,
    place: Place,
    /// The pattern's text.
    text: String,
}

/// The place at which the matcher's reader stands, in bytes, when it finds a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The fault is told without one.
    Untold,
    At(usize),
    /// The matcher says it twice, as it does of the lists of `anything-but`.
    Twice(usize),
    /// The text is no JSON.
    Syntax(usize),
    /// The same, of a bracket, which ends at the first place.
    Scope(usize, usize),
}

impl PatternError {
    fn new(what: impl Into<String>, place: Place) -> Self {
        Self { what: what.into(), place, text: String::new() }
    }

    /// A fault that is told without a place.
    fn untold(what: impl Into<String>) -> Self {
        Self::new(what, Place::Untold)
    }

    fn at(what: impl Into<String>, at: usize) -> Self {
        Self::new(what, Place::At(at))
    }

    fn twice(what: impl Into<String>, at: usize) -> Self {
        Self::new(what, Place::Twice(at))
    }

    fn syntax(what: impl Into<String>, at: usize) -> Self {
        Self::new(what, Place::Syntax(at))
    }

    fn scope(what: impl Into<String>, opened: usize, at: usize) -> Self {
        Self::new(what, Place::Scope(opened, at))
    }

    fn of(self, text: &str) -> Self {
        Self { text: text.to_owned(), ..self }
    }

    /// The reason with its place: SNS has another sentence around it.
    pub(crate) fn reason(&self) -> String {
        self.told(&place::source(&self.text))
    }

    /// The reason why the text is no JSON, without the text itself; none for a fault of another kind.
    pub(crate) fn redacted(&self) -> Option<String> {
        let syntax = matches!(self.place, Place::Syntax(_) | Place::Scope(..));
        syntax.then(|| self.told("REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"))
    }

    fn told(&self, source: &str) -> String {
        let what = &self.what;
        let place = |at: usize| place::place(&self.text, at, source);
        match self.place {
            Place::Untold => what.clone(),
            Place::At(at) | Place::Syntax(at) => format!("{what}\n at {}", place(at)),
            Place::Twice(at) => format!("{what}\n at {0}\n at {0}", place(at)),
            // The bracket's own place is where it stands.
            Place::Scope(opened, at) => format!("{what}{})\n at {}", place(opened - 1), place(at)),
        }
    }
}

/// A compiled pattern: an event matches if it fits one of the alternatives.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    alternatives: Vec<Alternative>,
}

impl Pattern {
    /// Compiles a pattern's text.
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        let alternatives = json::read(text).and_then(|pattern| compile::compile(&pattern));
        Ok(Self { alternatives: alternatives.map_err(|error| error.of(text))? })
    }

    /// True if `event` matches.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        let wanted = self.alternatives.iter().flat_map(Alternative::paths).collect();
        let fields = Fields::of(event, &wanted);
        self.alternatives.iter().any(|alternative| event::fits(alternative, &fields))
    }
}

//! The refusal of a pattern, in the words of AWS's matcher.

use super::place;

/// The refusal of a pattern, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Event pattern is not valid. Reason: {}", self.reason())]
pub(crate) struct PatternError {
    pub(super) what: String,
    pub(super) place: Place,
    /// The pattern's text.
    pub(super) text: String,
}

/// The place at which the matcher's reader stands, in bytes, when it finds a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
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
    pub(super) fn new(what: impl Into<String>, place: Place) -> Self {
        Self { what: what.into(), place, text: String::new() }
    }

    /// A fault that is told without a place.
    pub(super) fn untold(what: impl Into<String>) -> Self {
        Self::new(what, Place::Untold)
    }

    pub(super) fn at(what: impl Into<String>, at: usize) -> Self {
        Self::new(what, Place::At(at))
    }

    pub(super) fn twice(what: impl Into<String>, at: usize) -> Self {
        Self::new(what, Place::Twice(at))
    }

    pub(super) fn syntax(what: impl Into<String>, at: usize) -> Self {
        Self::new(what, Place::Syntax(at))
    }

    pub(super) fn scope(what: impl Into<String>, opened: usize, at: usize) -> Self {
        Self::new(what, Place::Scope(opened, at))
    }

    pub(super) fn of(self, text: &str) -> Self {
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

    pub(super) fn told(&self, source: &str) -> String {
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

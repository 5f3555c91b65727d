//! The refusal of a pattern, in the words of AWS's matcher.

use crate::jackson::{self, Fault};

/// The refusal of a pattern, with its reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Event pattern is not valid. Reason: {}", self.reason())]
pub(crate) struct PatternError {
    fault: Fault,
    telling: Telling,
    /// The pattern's text.
    text: String,
}

/// The ways in which a fault is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    /// Without a place.
    Bare,
    /// With the place of the matcher's reader.
    Placed,
    /// With the place twice, as the matcher tells it of the lists of `anything-but`.
    Twice,
    /// With the place, because the text is no JSON.
    Syntax,
}

impl PatternError {
    pub(super) fn bare(what: impl Into<String>) -> Self {
        Self { fault: Fault::new(what, 0), telling: Telling::Bare, text: String::new() }
    }

    pub(super) fn at(what: impl Into<String>, at: usize) -> Self {
        Self { fault: Fault::new(what, at), telling: Telling::Placed, text: String::new() }
    }

    pub(super) fn twice(what: impl Into<String>, at: usize) -> Self {
        Self { telling: Telling::Twice, ..Self::at(what, at) }
    }

    /// The reason with its place: SNS has another sentence around it.
    pub(crate) fn reason(&self) -> String {
        let source = jackson::source(&self.text);
        let told = || self.fault.told(&self.text, &source);
        match self.telling {
            Telling::Bare => self.fault.what.clone(),
            Telling::Placed | Telling::Syntax => told(),
            Telling::Twice => format!("{}\n at {}", told(), jackson::place(&self.text, self.fault.at, &source)),
        }
    }

    /// The reason why the text is no JSON, without the text itself; none for a fault of another kind.
    pub(crate) fn redacted(&self) -> Option<String> {
        const SOURCE: &str = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";
        (self.telling == Telling::Syntax).then(|| self.fault.told(&self.text, SOURCE))
    }
}

impl PatternError {
    /// The same fault, of a pattern's text.
    pub(super) fn of(self, text: &str) -> Self {
        Self { text: text.to_owned(), ..self }
    }
}

impl From<Fault> for PatternError {
    fn from(fault: Fault) -> Self {
        Self { fault, telling: Telling::Syntax, text: String::new() }
    }
}

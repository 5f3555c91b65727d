//! The stages of the table in `template.yaml`.

use std::fmt;
use std::str::FromStr;

/// The stage that a release goes to. The order is the order of promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Shifts all at once.
    Dev,
    /// Shifts all at once.
    Qa,
    /// Shifts linearly.
    Staging,
    /// Shifts as a canary.
    Production,
}

impl Stage {
    /// All stages, in the order of promotion.
    pub const ALL: [Self; 4] = [Self::Dev, Self::Qa, Self::Staging, Self::Production];

    /// The word used in parameters and names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Qa => "qa",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A text that names no stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a stage (dev, qa, staging, production)")]
pub struct UnknownStage;

impl FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text).ok_or(UnknownStage)
    }
}

//! A check of what a release changes beside the code.

use std::fmt;

use serde::{Serialize, Serializer};

/// Compares the configurations of the current and the target version: memory, timeout, runtime, architecture, and the names of
/// the environment's variables. Any difference that is not allowed fails.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drift {
    /// The differences that are meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<AllowedChange>,
}

/// A difference that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedChange {
    /// `MemorySize`.
    Memory,
    /// `Timeout`.
    Timeout,
    /// `Runtime`.
    Runtime,
    /// `Architectures`.
    Architecture,
    /// Any variable may come or go.
    Environment,
    /// The variable of this name may come or go: `environment.NAME`.
    Variable(String),
}

impl AllowedChange {
    /// The names that are written for all but a variable.
    pub(super) const NAMES: [(&'static str, Self); 5] = [
        ("memory", Self::Memory),
        ("timeout", Self::Timeout),
        ("runtime", Self::Runtime),
        ("architecture", Self::Architecture),
        ("environment", Self::Environment),
    ];
}

impl fmt::Display for AllowedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "environment.{name}"),
            other => f.write_str(Self::NAMES.iter().find(|(_, change)| change == other).map_or("", |(name, _)| name)),
        }
    }
}

impl Serialize for AllowedChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for AllowedChange {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AllowedChange".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A difference that is meant; environment.NAME is one variable.",
            "type": "string",
            "pattern": r"^(memory|timeout|runtime|architecture|environment|environment\.[a-zA-Z][a-zA-Z0-9_]+)$",
        })
    }
}

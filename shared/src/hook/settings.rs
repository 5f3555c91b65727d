//! The settings of a hook, from its environment.

use super::policy::Policy;
use crate::env::{self, Lookup, Reader, SettingsError};
use crate::identity::{ApplicationName, Stage};
use crate::parameters::ParameterNames;

/// The settings of both hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookSettings {
    /// The names of the parameters with suites and the public URL.
    pub names: ParameterNames,
    /// The stage that decides what is accepted.
    pub stage: Stage,
    /// The stack that this hook belongs to.
    pub stack: String,
    /// The ledger's table.
    pub ledger_table: String,
}

impl HookSettings {
    /// Reads application, stage, stack and the ledger's table.
    ///
    /// # Errors
    /// Every variable that is missing or wrong. A hook does not stop at that: it reports it, see [`super::run_hook`].
    pub fn from_env(lookup: &impl Lookup) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let application = reader.required::<ApplicationName>(env::SLIPWAY_APPLICATION);
        let stage = reader.required::<Stage>(env::SLIPWAY_STAGE);
        let stack = reader.required::<String>(env::SLIPWAY_STACK);
        let ledger_table = reader.required::<String>(env::SLIPWAY_LEDGER_TABLE);
        reader.finish(|| {
            let stage = stage?;
            let names = ParameterNames::new(&application?, &stage);
            Some(Self { names, stage, stack: stack?, ledger_table: ledger_table? })
        })
    }

    /// The verdicts that the stage accepts.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy::of(&self.stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_fault() {
        let error = HookSettings::from_env(&[("SLIPWAY_STAGE", "Production")]).unwrap_err();
        assert_eq!(error.faults.len(), 4);
        assert!(error.to_string().contains("SLIPWAY_STAGE: not a stage ("), "{error}");
    }
}

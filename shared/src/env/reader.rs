//! Strict, typed reading that collects every fault.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::EnvVar;

/// The source of values: the process in `main`, a map in tests.
pub trait Lookup {
    /// The value of a variable; `None` if unset or not UTF-8.
    fn get(&self, name: &str) -> Option<String>;
}

/// The environment of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

impl Lookup for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

impl Lookup for BTreeMap<&str, &str> {
    fn get(&self, name: &str) -> Option<String> {
        BTreeMap::get(self, name).map(|value| (*value).to_owned())
    }
}

impl<const N: usize> Lookup for [(&str, &str); N] {
    fn get(&self, name: &str) -> Option<String> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }
}

/// One variable that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is unset or empty.
    Missing(&'static str),
    /// It is set to something else than its type allows.
    Invalid {
        /// The variable's name.
        name: &'static str,
        /// The complaint of its type about the value.
        reason: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(formatter, "{name} is not set"),
            Self::Invalid { name, reason } => write!(formatter, "{name}: {reason}"),
        }
    }
}

/// Everything that is wrong with an environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment cannot be used: {}", list(.faults))]
pub struct SettingsError {
    /// In the order the variables were read.
    pub faults: Vec<Fault>,
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")
}

/// Reads variables and remembers what was wrong with them.
///
/// ```
/// use slipway_shared::env::{self, Reader};
/// let mut reader = Reader::new(&[("SLIPWAY_STACK", "slipway-production")]);
/// let stack: Option<String> = reader.required(env::SLIPWAY_STACK);
/// let pipeline: Option<String> = reader.required(env::SLIPWAY_PIPELINE);
/// let settings = reader.finish(|| Some((stack?, pipeline?)));
/// assert_eq!(settings.unwrap_err().to_string(), "the environment cannot be used: SLIPWAY_PIPELINE is not set");
/// ```
#[derive(Debug)]
pub struct Reader<'a, L> {
    lookup: &'a L,
    faults: Vec<Fault>,
}

impl<'a, L: Lookup> Reader<'a, L> {
    /// Starts without faults.
    pub const fn new(lookup: &'a L) -> Self {
        Self { lookup, faults: Vec::new() }
    }

    /// A variable that must be set; `None` (and a fault) if it is not, is empty, or does not parse.
    pub fn required<T>(&mut self, variable: EnvVar) -> Option<T>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let text = self.text(variable);
        if text.is_none() {
            self.faults.push(Fault::Missing(variable.name));
        }
        self.parse(variable, &text?)
    }

    /// A variable that may be unset or empty: `Some(None)` then, `None` (and a fault) if it does not parse.
    pub fn optional<T>(&mut self, variable: EnvVar) -> Option<Option<T>>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        match self.text(variable) {
            None => Some(None),
            Some(text) => self.parse(variable, &text).map(Some),
        }
    }

    /// Notes that a value, though it parsed, cannot be used.
    pub fn fault(&mut self, variable: EnvVar, reason: impl fmt::Display) {
        self.faults.push(Fault::Invalid { name: variable.name, reason: reason.to_string() });
    }

    /// Takes over the faults of another reading, so that both are reported together.
    pub fn absorb<T>(&mut self, read: Result<T, SettingsError>) -> Option<T> {
        read.map_err(|error| self.faults.extend(error.faults)).ok()
    }

    /// Builds the settings if nothing was wrong.
    ///
    /// # Errors
    /// All faults noted so far.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, SettingsError> {
        let faults = self.faults;
        if faults.is_empty() { build().ok_or(SettingsError { faults }) } else { Err(SettingsError { faults }) }
    }

    fn text(&self, variable: EnvVar) -> Option<String> {
        self.lookup.get(variable.name).filter(|text| !text.trim().is_empty())
    }

    fn parse<T>(&mut self, variable: EnvVar, text: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        text.parse().map_err(|reason| self.fault(variable, reason)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{AWS_REGION, SLIPWAY_APPLICATION, SLIPWAY_STACK};
    use super::*;

    #[test]
    fn collects_every_fault() {
        let mut reader = Reader::new(&[("SLIPWAY_STACK", "not a number"), ("AWS_REGION", "  ")]);
        let number: Option<u32> = reader.required(SLIPWAY_STACK);
        let missing: Option<String> = reader.required(SLIPWAY_APPLICATION);
        let blank: Option<String> = reader.required(AWS_REGION);
        let error = reader.finish(|| Some((number?, missing?, blank?))).unwrap_err();
        assert_eq!(
            error.faults,
            vec![
                Fault::Invalid { name: "SLIPWAY_STACK", reason: "invalid digit found in string".into() },
                Fault::Missing("SLIPWAY_APPLICATION"),
                Fault::Missing("AWS_REGION"),
            ]
        );
    }

    #[test]
    fn never_shows_a_value() {
        let mut reader = Reader::new(&[("SLIPWAY_STACK", "secret-value")]);
        let _: Option<u32> = reader.required(SLIPWAY_STACK);
        assert!(!reader.finish(|| Some(())).unwrap_err().to_string().contains("secret"));
    }

    #[test]
    fn optional_distinguishes_absent_from_invalid() {
        let mut reader = Reader::new(&[("SLIPWAY_STACK", "x")]);
        assert_eq!(reader.optional::<u32>(SLIPWAY_APPLICATION), Some(None));
        assert_eq!(reader.optional::<u32>(SLIPWAY_STACK), None);
        assert!(reader.finish(|| Some(())).is_err());
    }
}

//! The faults of values that cannot be resolved.

use super::reference::Reference;

/// The reason why a value cannot be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never can: the template is wrong.
    Wrong(String),
    /// Not yet: it depends on these.
    Unknown(Vec<Reference>),
}

impl Fault {
    pub(crate) fn wrong<T>(message: impl Into<String>) -> Result<T, Self> {
        Err(Self::Wrong(format!("Template error: {}", message.into())))
    }

    /// The text for a stack event or a refusal.
    pub fn message(&self) -> String {
        match self {
            Self::Wrong(message) => message.clone(),
            Self::Unknown(references) => {
                let names: Vec<String> = references.iter().map(ToString::to_string).collect();
                format!("Template error: {} cannot be known here", names.join(", "))
            }
        }
    }
}

/// Every result, or the worst fault: one that is wrong over all that are unknown.
pub(super) fn all<T>(results: impl Iterator<Item = Result<T, Fault>>) -> Result<Vec<T>, Fault> {
    let (mut values, mut unknown) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(Fault::Unknown(references)) => unknown.extend(references),
            Err(wrong) => return Err(wrong),
        }
    }
    if unknown.is_empty() { Ok(values) } else { Err(Fault::Unknown(unknown)) }
}

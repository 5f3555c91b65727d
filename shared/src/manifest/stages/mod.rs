//! The stages that a manifest declares, in the order of promotion: their stacks, what each is told, and when releases come into it.

mod parameters;
mod read;
mod read_times;
#[cfg(test)]
mod tests;
mod types;

pub use parameters::{ParameterValue, SecretReference, SsmReference};
pub(super) use read::stages;
pub use types::{Capability, DeclaredStage, Promotion};

//! Names and ids as types that cannot hold anything else: checked once where they enter, trusted afterwards.

mod deployment;
mod name;
mod stage;

pub use deployment::{DeploymentId, FunctionName, FunctionVersion, HookExecutionId};
pub use name::{ApplicationName, InvalidName};
pub use stage::{Stage, UsualStage};

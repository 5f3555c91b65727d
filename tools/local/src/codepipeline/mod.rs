//! CodePipeline: executions go through stages, actions are done by the services that they name.
//!
//! [`engine`] decides everything and knows no service; [`work`] does what an action asks of CodeCommit, S3, CodeBuild,
//! SNS and Lambda; [`publisher`] tells EventBridge every change of state in order. [`declaration`] refuses what the
//! plane does not run when a pipeline is declared, not when it gets there.

mod declaration;
mod describe;
mod engine;
mod events;
mod execution;
mod job;
mod polling;
mod publisher;
mod service;
#[cfg(test)]
mod tests;
mod variables;
mod work;

pub use service::service;

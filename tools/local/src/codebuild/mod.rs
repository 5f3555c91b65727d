//! CodeBuild: buildspecs run for real with bash on this machine in a clean checkout.
//!
//! [`plan`] puts project and request together, [`runner`] takes a build through its phases: [`sources`] fetch and
//! check out, [`shell`] runs the commands, [`upload`] takes the artifacts. [`record`] is what the API and the events
//! show of it. Builds are processes of this machine: their timeouts are real time, whatever the plane's time scale.

mod artifacts;
mod build;
pub(crate) mod buildspec;
mod checkout;
mod checks;
mod environment;
mod glob;
mod interrupt;
mod journal;
mod lists;
mod plan;
mod principal;
mod project;
mod record;
mod role;
mod runner;
mod service;
mod shell;
mod sources;
#[cfg(test)]
mod tests;
mod tree;
mod upload;

pub use service::service;

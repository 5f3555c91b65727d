//! The shared part of Slipway's functions: the domain (pure), the ports, the AWS adapters, the hook harness.
//!
//! Decisions are pure functions over plain values; everything that touches the outside goes through a capability trait that says in
//! its documentation which AWS operation it needs. [`aws`] holds the real adapters, `fakes` the worlds in memory for tests.
//! Nothing here reads the environment except [`mod@env`], and nothing logs events, payloads or tokens.

#[cfg(feature = "artifact")]
pub mod artifact;
#[cfg(feature = "aws")]
pub mod aws;
pub mod call;
pub mod clock;
#[cfg(feature = "cron")]
pub mod cron;
pub mod deployment_outcomes;
#[cfg(feature = "suite")]
pub mod deployments;
pub mod env;
#[cfg(all(feature = "suite", any(test, feature = "fakes")))]
pub mod fakes;
#[cfg(feature = "guard")]
pub mod guard;
#[cfg(feature = "suite")]
pub mod hook;
pub mod identity;
#[cfg(feature = "suite")]
pub mod ledger;
#[cfg(feature = "suite")]
pub mod manifest;
pub mod metrics;
pub mod notifications;
pub mod objects;
#[cfg(feature = "suite")]
pub mod overrides;
pub mod parameters;
pub mod pipeline_events;
pub mod pipelines;
#[cfg(feature = "suite")]
pub mod reading;
#[cfg(feature = "suite")]
pub mod release;
pub mod stack_events;
pub mod stacks;
#[cfg(feature = "suite")]
pub mod stages;
#[cfg(feature = "suite")]
pub mod suite;
pub mod telemetry;
pub mod template;

/// The judge of a canary: a crate of its own, so that it is optimised also where nothing else is.
pub use slipway_judge as judge;

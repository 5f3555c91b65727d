//! Small worlds in memory that keep the promises of the ports, for tests. Never part of what ships.
//!
//! Each fake is a plain, stateful stand-in; clones share their state. [`Faulty`] wraps any of them and lets chosen operations fail,
//! hang, panic, or happen while their answer is lost; [`Fuse`] makes the k-th call of a whole world fail, or its process die there.

mod alone;
mod clock;
mod deployment_outcomes;
mod deployments;
mod faulty;
mod functions;
mod fuse;
mod hook_functions;
mod ledger;
mod looks;
mod metrics;
mod notifications;
mod objects;
mod parameters;
mod pipelines;
mod public_site;
mod releases;
mod shifts;
mod stacks;
mod world;

pub use alone::is_alone;
pub use clock::ManualClock;
pub use deployment_outcomes::DeploymentOutcomes;
pub use deployments::Deployments;
pub use faulty::{Fault, Faulty};
pub use functions::Functions;
pub use fuse::{Failure, Fuse, Fused};
pub use hook_functions::HookFunctions;
pub use ledger::Ledger;
pub use looks::{Alarms, LoggedLines};
pub use metrics::Metrics;
pub use notifications::Notifications;
pub use objects::Objects;
pub use parameters::Parameters;
pub use pipelines::Pipelines;
pub use public_site::PublicSite;
pub use releases::Releases;
pub use shifts::Shifts;
pub use stacks::Stacks;
pub use world::{World, WorldPorts};

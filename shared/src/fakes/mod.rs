//! Small worlds in memory that keep the promises of the ports, for tests. Never part of what ships.
//!
//! Each fake is a plain, stateful stand-in; clones share their state. [`Faulty`] wraps any of them and lets chosen operations fail,
//! hang, panic, or happen while their answer is lost.

mod deployments;
mod faulty;
mod functions;
mod parameters;
mod public_site;
mod world;

pub use deployments::Deployments;
pub use faulty::{Fault, Faulty};
pub use functions::Functions;
pub use parameters::Parameters;
pub use public_site::PublicSite;
pub use world::World;

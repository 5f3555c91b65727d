//! Small worlds in memory that keep the promises of the ports, for tests. Never part of what ships.

mod parameters;

pub use parameters::Parameters;

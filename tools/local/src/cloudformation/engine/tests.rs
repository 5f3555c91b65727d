//! The engine in simulation: failures at every resource, in every phase.

//! The deploy trigger in a world in memory.
#![expect(clippy::unwrap_used, reason = "what a test arranges must succeed, in its functions too")]

mod architectures;
mod closing;
mod crashes;
mod events;
mod gathering;
mod manifest;
mod overriding;
mod reconciling;
mod releasing;
mod simulation;
mod world;

//! The deploy trigger in a world in memory.

mod closing;
mod crashes;
mod events;
mod reconciling;
mod releasing;
mod world;

//! Lambda with real processes: a small `bootstrap` in Python that speaks the Runtime API.

mod answers;
mod asynchronous;
mod execution;
mod functions;
mod invocation;
mod world;

use world::{World, function};

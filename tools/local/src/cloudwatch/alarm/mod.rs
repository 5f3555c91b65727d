//! Alarms: what they watch, how they are evaluated, and the engine that does it on plane time.

mod definition;
mod engine;
mod evaluation;
mod reason;
mod rule;
#[cfg(test)]
mod tests;

pub(super) use definition::{Definition, Watch};
pub(super) use engine::{ActionDone, Alarm, Alarms, Standing, Transition};
pub(super) use evaluation::State;

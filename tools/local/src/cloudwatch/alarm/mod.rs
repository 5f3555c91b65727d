//! Alarms: what they watch, how they are evaluated, and the engine that does it on plane time.

mod definition;
mod engine;
mod evaluation;
mod range;
mod reason;
mod records;
mod rule;
#[cfg(test)]
mod tests;

pub(super) use definition::{Definition, Watch};
pub(super) use engine::{ActionDone, Alarms};
pub(super) use evaluation::State;
pub(super) use records::{Alarm, Standing, Transition};

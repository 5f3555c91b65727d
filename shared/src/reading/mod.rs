//! Reads a tree of values into types, and collects every fault on the way with its place.
//!
//! A reader never stops at the first fault: each part is read for itself, what cannot be used is left out and reported, and the
//! rest is read on. So whoever wrote the text corrects it once. The tree may come from YAML with lines and columns
//! (`crate::template`, a feature), or from JSON, whose faults have a JSON pointer alone.

mod at;
mod fault;
mod members;
mod nearest;
#[cfg(test)]
mod tests;

pub use at::At;
pub use fault::{Collector, Fault, Faults};
pub use members::Members;
pub use nearest::nearest;

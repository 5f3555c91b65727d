//! The rules of stages that need nothing but plain values: when a stage is open to releases.

mod freeze;
mod gate;
mod length;
#[cfg(test)]
mod tests;
mod window;

pub use freeze::Freeze;
pub use gate::{Gate, gate};
pub use length::Length;
pub use window::{Window, time_zone};

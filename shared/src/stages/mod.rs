//! The rules of stages that need nothing but plain values: when a stage is open to releases.

mod freeze;
mod length;
mod window;

pub use freeze::Freeze;
pub use length::Length;
pub use window::{Window, time_zone};

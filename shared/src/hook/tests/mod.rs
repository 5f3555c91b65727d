//! The hooks' domain and harness, in small worlds and under paused time.

mod ecs;
mod events;
mod gatherings;
mod harness;
mod histories;
mod logs;
mod resolving;
mod rollback;

//! The canary watch in a world in memory.
#![expect(clippy::unwrap_used, reason = "what a test arranges must succeed, in its functions too")]

mod afterwards;
mod crashes;
mod demanded;
mod gathering;
mod judging;
mod probing;
mod silent;
mod waiting;
mod world;

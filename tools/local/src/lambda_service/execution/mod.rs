//! Running a version's `bootstrap`: execution environments, the Runtime API, pools, limits, log lines.
//!
//! An environment is one process with a Runtime API of its own and runs one invocation at a time. A pool keeps the
//! idle ones of a version. Times here are real time: a function's timeout and deadline are never scaled.

mod credentials;
mod environment;
mod extensions;
mod failure;
mod host;
mod invocation;
mod logging;
mod output;
mod pool;
mod program;
mod replies;
mod report;
mod runnable;
mod runtime_api;
mod variables;

pub(super) use credentials::Credentials;
pub(super) use host::{Host, Limits};
pub(super) use invocation::{Completed, Invocation};
pub(super) use pool::Pool;
pub(super) use program::Program;
pub(super) use runnable::Runnable;

//! The decision on one call, as a pure function: policies, compiled once, and a question about the call.
//!
//! Nothing here knows the plane, its services or where policies are kept. [`decide()`] allocates nothing, and says which
//! statement decided, so that a report can tell what was denied, what was allowed and what was never used.

mod condition;
mod context;
mod decide;
mod denial;
pub(crate) mod managed;
mod pattern;
mod policy;
mod principal;
pub(crate) mod reference;
pub(crate) mod validate;

#[cfg(test)]
mod reference_evaluator;
#[cfg(test)]
mod tests;

pub(crate) use condition::is_operator;
pub(crate) use context::Context;
pub(crate) use decide::{Deciding, Decision, Policies, Question, Source, decide, matched};
pub(crate) use denial::message;
pub(crate) use policy::{Effect, NotAPolicy, Policy, action_matches};
pub(crate) use principal::Caller;

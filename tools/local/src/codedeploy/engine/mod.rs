//! The pure part of CodeDeploy on Lambda: deployments as state machines over what is asked, what other services
//! answer, and time.
//!
//! A deployment looks at its alarms, at the target version and at the alias; then `BeforeAllowTraffic`,
//! `AllowTraffic` in the increments of its configuration, `AfterAllowTraffic`. Alarms are polled throughout. Whatever
//! ends it early ends it once, waits for a call that is already on its way to the alias, and begins the rollback as a
//! deployment of its own in the same step.

mod alarm_watch;
mod alias;
mod alias_change;
mod calls;
mod deployment;
mod effect;
mod error_information;
mod fault;
mod fleet;
mod lifecycle;
mod plan;
mod standing;
#[cfg(test)]
mod tests;

pub(super) use alias::AliasCall;
pub(super) use alias::{AliasShape, AliasState};
pub(super) use calls::{CallFailure, ROLE_MISSING};
pub(super) use effect::{Effect, Input, Milestone};
pub(super) use error_information::Fault;
pub(super) use fleet::Deployments;
pub(super) use lifecycle::LifecycleEvent;
pub(super) use plan::{AlarmPolicy, Hook, Hooks, Kind, LambdaShift, Plan, RollbackPolicy};
pub(super) use standing::{Deployment, Status};

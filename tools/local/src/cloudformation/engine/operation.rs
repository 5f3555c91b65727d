//! The operations on a stack, as the engine is asked for them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::plan::Prepared;
use super::super::provider::Actor;
use super::super::stack_policy::StackPolicy;
use super::super::status::OnFailure;

/// The kind of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Makes the stack.
    Create,
    /// Changes it.
    Update,
    /// Deletes it.
    Delete,
}

/// A creation or an update.
#[derive(Clone, Debug)]
pub struct Begin {
    /// [`Kind::Create`] or [`Kind::Update`].
    pub kind: Kind,
    /// The form that the stack is to take.
    pub target: Arc<Prepared>,
    /// The token of the request, which its events carry.
    pub token: Option<String>,
    /// The effect of a failure; of an update, only if it is rolled back.
    pub on_failure: OnFailure,
    /// True if a rollback deletes what it made even where the template says `Retain`.
    pub retain_except_on_create: bool,
    /// The longest time that a creation may take.
    pub timeout: Option<Duration>,
    /// The exports of the other stacks.
    pub exports: Exports,
    /// The change set that is executed.
    pub change_set: Option<String>,
    /// The policy of an update: the stack's, or another one for this update alone.
    pub policy: Option<Arc<StackPolicy>>,
    /// The caller or role for which the resources are made, changed and removed.
    pub actor: Actor,
}

/// The limits that the exports of all stacks set.
#[derive(Clone, Debug, Default)]
pub struct Exports {
    /// The names that other stacks export, with those stacks.
    pub taken: BTreeMap<String, String>,
    /// The names that other stacks import, with those stacks.
    pub used: BTreeMap<String, Vec<String>>,
}

/// The input of a deletion of the whole stack.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The resources that stay.
    pub retain: Vec<String>,
    /// The token of the request, which its events carry.
    pub token: Option<String>,
    /// The exports of the other stacks.
    pub exports: Exports,
    /// The caller or role for which the resources are removed.
    pub actor: Actor,
}

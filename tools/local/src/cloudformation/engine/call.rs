//! The effects of the engine: calls of providers.

use serde_json::Value;

use super::super::provider::{Actor, Resource};

/// An effect that the engine wants.
#[derive(Clone, Debug)]
pub enum Effect {
    /// A provider is to be called; its answer is an [`Input::Done`](super::Input::Done).
    Call(Call),
    /// A call that runs is no longer wanted: it should end soon. It is answered all the same.
    Cancel(Call),
    /// There are new stack events.
    Logged,
}

/// A call of a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The id of the call, unique in the stack.
    pub id: u64,
    /// The logical id of the resource.
    pub logical_id: String,
    /// The type of the resource.
    pub resource_type: String,
    /// The action, with the properties that it needs.
    pub action: CallAction,
    /// The resource's update policy, resolved; null if it has none.
    pub update_policy: Value,
    /// True if the stack is rolling back.
    pub rolling_back: bool,
    /// The tags of the stack, as the resource is to get them.
    pub tags: Vec<(String, String)>,
    /// The caller or role for which it is done.
    pub actor: Actor,
}

/// The action of a provider on a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum CallAction {
    /// Makes the resource.
    Create { properties: Value },
    /// Changes the resource in place.
    Update { current: Resource, old: Value, new: Value },
    /// Removes the resource.
    Delete { current: Resource, properties: Value },
}

impl CallAction {
    /// The word for a log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
        }
    }
}

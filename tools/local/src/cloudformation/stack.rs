//! A stack as it stands: its settings, resources, outputs and history.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::changeset::ChangeSet;
use super::events::StackEvent;
use super::intrinsics::{Fault, Fixed, NoResources, Resources};
use super::plan::{Prepared, StackIdentity};
use super::provider::Resource;
use super::stack_policy::StackPolicy;
use super::status::{ResourceStatus, StackStatus};
use super::template::Policy;
use crate::core::Timestamp;
use std::sync::Arc;

/// A stack: its status, its resources, and its history.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The name and the ARN of the stack.
    pub identity: StackIdentity,
    /// The status of the stack, as DescribeStacks tells it.
    pub status: StackStatus,
    /// The reason for the status, where there is one.
    pub status_reason: Option<String>,
    /// The time at which it was created.
    pub created: Timestamp,
    /// The time at which its last update began.
    pub updated: Option<Timestamp>,
    /// The time at which it was deleted.
    pub deleted: Option<Timestamp>,
    /// The template and parameters that it has or is getting; none while it is only reviewed.
    pub current: Option<Arc<Prepared>>,
    /// The resources, by logical id. One that was deleted with the stack stays, without a live part.
    pub resources: IndexMap<String, StackResource>,
    /// Physical resources that no logical id stands for any more, and that are still to be deleted.
    pub leftovers: Vec<Leftover>,
    /// The outputs, resolved when an operation succeeds.
    pub outputs: Vec<Output>,
    /// The events, oldest first.
    pub events: Vec<StackEvent>,
    /// The change sets, by name.
    pub change_sets: IndexMap<String, ChangeSet>,
    /// The ARN of the change set that made it what it is.
    pub change_set_id: Option<String>,
    /// True if a failure leaves it as it is.
    pub disable_rollback: bool,
    /// The stack policy, which limits the resources that an update may touch.
    pub policy: Option<Arc<StackPolicy>>,
    /// The longest time that its creation may take, in minutes.
    pub timeout_minutes: Option<i64>,
    /// True if it may not be deleted.
    pub termination_protection: bool,
    /// The requests that were taken, by their token: the same request again changes nothing.
    pub tokens: BTreeMap<String, String>,
}

/// A resource of a stack, by the template's name for it.
#[derive(Clone, Debug)]
pub struct StackResource {
    /// The type of the resource.
    pub resource_type: String,
    /// The status of the last operation on it.
    pub status: ResourceStatus,
    /// The reason for the status, where there is one.
    pub reason: Option<String>,
    /// The time at which the status was set.
    pub updated: Timestamp,
    /// The resource itself, if it exists.
    pub live: Option<Live>,
    /// The last physical id, which stays after a deletion.
    pub physical_id: Option<String>,
}

/// A resource that exists, with the form in which it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The physical id and the attributes of the resource.
    pub resource: Resource,
    /// The properties that it was given, resolved.
    pub properties: Value,
    /// The same with the dynamic references as they stand: a new value behind one of them is no change of the template.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
    pub declared: Value,
    /// The update policy, with intrinsics resolved.
    pub update_policy: Value,
    /// The fate of the resource when the stack no longer declares it.
    pub deletion_policy: Policy,
    /// The fate of the resource when another takes its place.
    pub update_replace_policy: Policy,
    /// The stack's tags when it was made or last changed.
    pub tags: Vec<(String, String)>,
    /// True if an update of it failed and was not undone, so that its properties are not known.
    pub dirty: bool,
}

/// A physical resource that is to be deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Leftover {
    /// The logical id that it stood for.
    pub logical_id: String,
    /// The type of the resource.
    pub resource_type: String,
    /// The resource as it exists.
    pub live: Live,
    /// The policy by which it is deleted, or stays after all.
    pub policy: Policy,
}

/// An output with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The name of the output in the template.
    pub key: String,
    /// The resolved value.
    pub value: String,
    /// The text that the template gives for people.
    pub description: Option<String>,
    /// The name that other stacks import it by.
    pub export: Option<String>,
}

impl Stack {
    /// A stack that has nothing yet.
    pub fn new(identity: StackIdentity, now: Timestamp) -> Self {
        Self {
            identity,
            status: StackStatus::ReviewInProgress,
            status_reason: None,
            created: now,
            updated: None,
            deleted: None,
            current: None,
            resources: IndexMap::new(),
            leftovers: Vec::new(),
            outputs: Vec::new(),
            events: Vec::new(),
            change_sets: IndexMap::new(),
            change_set_id: None,
            disable_rollback: false,
            policy: None,
            timeout_minutes: None,
            termination_protection: false,
            tokens: BTreeMap::new(),
        }
    }

    /// The resource as it exists; none if it does not.
    pub fn live(&self, logical_id: &str) -> Option<&Live> {
        self.resources.get(logical_id)?.live.as_ref()
    }

    /// True if the stack imports the export of that name.
    pub fn imports(&self, export: &str) -> bool {
        !matches!(self.status, StackStatus::DeleteComplete | StackStatus::ReviewInProgress)
            && self.current.as_ref().is_some_and(|current| current.fixed.imports.contains_key(export))
    }
}

impl Resources for Stack {
    fn reference(&self, logical_id: &str) -> Result<Value, Fault> {
        match self.live(logical_id) {
            Some(live) => Ok(Value::String(live.resource.physical_id.clone())),
            None => NoResources.reference(logical_id),
        }
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Value, Fault> {
        let Some(live) = self.live(logical_id) else { return NoResources.attribute(logical_id, attribute) };
        let property = || live.properties.pointer(&format!("/{}", attribute.replace('.', "/")));
        live.resource.attributes.get(attribute).or_else(property).cloned().ok_or_else(|| {
            let kind = self.resources.get(logical_id).map_or("", |resource| resource.resource_type.as_str());
            Fault::Wrong(format!("Template error: {logical_id} of type {kind} has no attribute {attribute}"))
        })
    }
}

/// The outputs of `prepared`, resolved. `Unknown` where one depends on what is not there.
///
/// # Errors
/// Fails if an output cannot be resolved to a text.
pub fn outputs(prepared: &Prepared, resources: &dyn Resources) -> Result<Vec<Output>, Fault> {
    let scope = super::intrinsics::Scope { fixed: &prepared.fixed, resources };
    let mut outputs = Vec::new();
    for (key, declaration) in &prepared.template.outputs {
        if declaration.condition.as_ref().is_some_and(|name| !holds(&prepared.fixed, name)) {
            continue;
        }
        let text = |value: &Value| {
            let resolved = super::intrinsics::resolve_or_null(value, scope)?;
            super::template::scalar_text(&resolved).ok_or_else(|| {
                let kind = "The Value field of every Outputs member must evaluate to a String.";
                Fault::Wrong(format!("Template format error: {kind} ({key})"))
            })
        };
        outputs.push(Output {
            key: key.clone(),
            value: text(&declaration.value)?,
            description: declaration.description.clone(),
            export: declaration.export.as_ref().map(text).transpose()?,
        });
    }
    Ok(outputs)
}

fn holds(fixed: &Fixed, condition: &str) -> bool {
    fixed.conditions.get(condition).copied().unwrap_or(false)
}

/// `properties` without intrinsics' empty places: an object whatever came.
pub fn as_object(properties: Value) -> Value {
    match properties {
        Value::Object(members) => Value::Object(members),
        _ => Value::Object(Map::new()),
    }
}

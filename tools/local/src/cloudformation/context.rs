//! The properties of resources before and after an operation, as a change set shows them to those who ask for values.

use serde_json::{Value, json};

use super::intrinsics::{Fixed, Resources, Scope, resolve_known};
use super::plan::Prepared;
use super::stack::Stack;

/// CloudFormation's word for a value that is only known when the change is made.
const LATER: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";
/// The text shown for parameters that are declared `NoEcho`.
const HIDDEN: &str = "****";

/// The properties that a resource of the stack has.
pub(super) fn before(stack: &Stack, id: &str) -> Option<Value> {
    let live = stack.live(id)?;
    let declared = stack.current.as_ref().and_then(|current| {
        let declaration = current.template.resources.get(id)?;
        properties(&declaration.properties, &shown(current), stack)
    });
    Some(declared.unwrap_or_else(|| live.declared.clone()))
}

/// The properties that a resource is to have, as far as `resources` knows them.
pub(super) fn after(wanted: &Prepared, id: &str, resources: &dyn Resources) -> Option<Value> {
    properties(&wanted.template.resources.get(id)?.properties, &shown(wanted), resources)
}

fn properties(declared: &Value, fixed: &Fixed, resources: &dyn Resources) -> Option<Value> {
    resolve_known(declared, Scope { fixed, resources }, &json!(LATER))
}

/// The values that may be shown: dynamic references stay as they stand, and secrets are hidden.
fn shown(prepared: &Prepared) -> Fixed {
    let mut fixed = prepared.undisturbed();
    for value in prepared.parameters.iter().filter(|value| value.no_echo) {
        fixed.names.insert(value.key.clone(), json!(HIDDEN));
    }
    fixed
}

//! The changes of a stack operation: the honest difference between what is live and what is wanted.
//!
//! Values are compared resolved. What depends on a resource that changes itself is only known when that is done:
//! such a change is `Dynamic`, and `Replacement` is then `Conditional`, exactly as CloudFormation shows it. Only what is
//! replaced for certain changes for certain what depends on it.

use super::change::{Action, Change, Detail, Replacement};
use super::context;
use super::intrinsics::Fault;
use super::modification::{Forecast, Modification};
use super::plan::Prepared;
use super::provider::ProviderLookup;
use super::stack::{Live, Output, Stack, outputs};
use super::template::Policy;

/// Everything that an operation would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The changes of resources.
    pub changes: Vec<Change>,
    /// True if outputs change, or exports.
    pub outputs: bool,
}

impl Difference {
    /// True if an operation would do nothing.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.outputs
    }
}

/// The changes that make `stack` into `wanted`.
///
/// # Errors
/// Fails if a value can never be resolved.
pub fn difference(stack: &Stack, wanted: &Prepared, lookup: ProviderLookup) -> Result<Difference, Fault> {
    let mut forecast = Forecast::of(stack);
    let fixed = wanted.undisturbed();
    let mut changes = Vec::new();
    for id in wanted.graph.ordered() {
        let Some(declaration) = wanted.template.resources.get(id) else { continue };
        let Some(live) = stack.live(id) else {
            let mut added = change(Action::Add, id, &declaration.resource_type, None);
            added.after = context::after(wanted, id, &forecast);
            forecast.unknown.insert(id.clone());
            changes.push(added);
            continue;
        };
        let replaced_by = lookup(&declaration.resource_type).map_or(&[][..], |provider| provider.replaced_by());
        let taggable =
            lookup(&declaration.resource_type).is_some_and(|provider| provider.properties().contains(&"Tags"));
        let modification = Modification { stack, wanted, fixed: &fixed, live, declaration, replaced_by, id, taggable };
        let details = modification.details(&forecast)?;
        if details.is_empty() {
            continue;
        }
        let replacement = replacement(&details);
        let after = context::after(wanted, id, &forecast);
        match replacement {
            Replacement::False if details.iter().all(|detail| detail.attribute != "Properties") => {}
            Replacement::False => drop(forecast.uncertain.insert(id.clone())),
            Replacement::Conditional => drop(forecast.unknown.insert(id.clone())),
            Replacement::True => {
                forecast.unknown.insert(id.clone());
                forecast.replaced.insert(id.clone());
            }
        }
        let mut modified = change(Action::Modify, id, &declaration.resource_type, Some(live));
        modified.replacement = Some(replacement);
        modified.details = details;
        (modified.before, modified.after) = (context::before(stack, id), after);
        if replacement == Replacement::True {
            modified.policy = Some(match live.update_replace_policy {
                Policy::Delete => "ReplaceAndDelete",
                _ => "ReplaceAndRetain",
            });
        }
        changes.push(modified);
    }
    for (id, resource) in &stack.resources {
        let Some(live) = resource.live.as_ref().filter(|_| !wanted.graph.contains(id)) else { continue };
        let mut removed = change(Action::Remove, id, &resource.resource_type, Some(live));
        removed.before = context::before(stack, id);
        removed.policy = Some(if live.deletion_policy == Policy::Delete { "Delete" } else { "Retain" });
        changes.push(removed);
    }
    let outputs = match outputs(wanted, &forecast) {
        Ok(outputs) => outputs != stack.outputs && !same_declarations(stack, wanted, &outputs),
        // They follow from resources that change, which are in the list themselves.
        Err(Fault::Unknown(_)) => false,
        Err(wrong) => return Err(wrong),
    };
    Ok(Difference { changes, outputs })
}

/// True if nothing but the values behind dynamic references changed in the outputs.
fn same_declarations(stack: &Stack, wanted: &Prepared, outputs: &[Output]) -> bool {
    let Some(before) = stack.current.as_ref() else { return false };
    let is_dynamic = |key: &str| {
        wanted.template.outputs.get(key).is_some_and(|output| {
            output.value.to_string().contains("{{resolve:") && before.template.outputs.get(key) == Some(output)
        })
    };
    outputs.len() == stack.outputs.len()
        && outputs
            .iter()
            .zip(&stack.outputs)
            .all(|(new, old)| new == old || (new.key == old.key && is_dynamic(&new.key)))
}

fn change(action: Action, id: &str, resource_type: &str, live: Option<&Live>) -> Change {
    Change {
        action,
        logical_id: id.to_owned(),
        physical_id: live.map(|live| live.resource.physical_id.clone()),
        resource_type: resource_type.to_owned(),
        replacement: None,
        policy: None,
        details: Vec::new(),
        before: None,
        after: None,
    }
}

fn replacement(details: &[Detail]) -> Replacement {
    let mut recreating = details.iter().filter(|detail| detail.recreates).peekable();
    if recreating.peek().is_none() {
        Replacement::False
    } else if recreating.any(|detail| detail.is_static) {
        Replacement::True
    } else {
        Replacement::Conditional
    }
}

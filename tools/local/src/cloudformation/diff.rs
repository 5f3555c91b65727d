//! The changes of a stack operation: the honest difference between what is live and what is wanted.
//!
//! Values are compared resolved. What depends on a resource that changes itself is only known when that is done:
//! such a change is `Dynamic`, and `Replacement` is then `Conditional`, exactly as CloudFormation shows it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::change::{Action, Change, Detail, Replacement};
use super::intrinsics::{Fault, Fixed, NoResources, Reference, Resources, Scope, references, resolve};
use super::plan::Prepared;
use super::provider::ProviderLookup;
use super::stack::{Live, Output, Stack, outputs};
use super::template::{Policy, ResourceDeclaration, scalar_text};

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
    let mut forecast = Forecast { stack, unknown: BTreeSet::new(), uncertain: BTreeSet::new() };
    let fixed = wanted.undisturbed();
    let mut changes = Vec::new();
    for id in wanted.graph.ordered() {
        let Some(declaration) = wanted.template.resources.get(id) else { continue };
        let Some(live) = stack.live(id) else {
            forecast.unknown.insert(id.clone());
            changes.push(change(Action::Add, id, &declaration.resource_type, None));
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
        match replacement {
            Replacement::False if details.iter().all(|detail| detail.attribute != "Properties") => {}
            Replacement::False => drop(forecast.uncertain.insert(id.clone())),
            Replacement::True | Replacement::Conditional => drop(forecast.unknown.insert(id.clone())),
        }
        let mut modified = change(Action::Modify, id, &declaration.resource_type, Some(live));
        modified.replacement = Some(replacement);
        modified.details = details;
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

/// True if two resolved values are the same to CloudFormation, which passes scalars on as texts.
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
        }
        _ => left == right || scalar_text(left).is_some_and(|text| scalar_text(right) == Some(text)),
    }
}

/// The names of the properties that differ between two resolved objects.
pub fn changed_properties<'a>(old: &'a Value, new: &'a Value) -> Vec<&'a str> {
    let names = |value: &'a Value| value.as_object().into_iter().flat_map(Map::keys).map(String::as_str);
    let all: BTreeSet<&str> = names(old).chain(names(new)).collect();
    let differs = |name: &&str| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) => !same(old, new),
        _ => true,
    };
    all.into_iter().filter(differs).collect()
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

/// The values of resources after the operation: those that are made or replaced have none yet, and the attributes of those
/// that change in place may become others.
struct Forecast<'a> {
    stack: &'a Stack,
    unknown: BTreeSet<String>,
    uncertain: BTreeSet<String>,
}

impl Resources for Forecast<'_> {
    fn reference(&self, logical_id: &str) -> Result<Value, Fault> {
        if self.unknown.contains(logical_id) {
            return NoResources.reference(logical_id);
        }
        self.stack.reference(logical_id)
    }

    fn attribute(&self, logical_id: &str, attribute: &str) -> Result<Value, Fault> {
        if self.unknown.contains(logical_id) || self.uncertain.contains(logical_id) {
            return NoResources.attribute(logical_id, attribute);
        }
        self.stack.attribute(logical_id, attribute)
    }
}

struct Modification<'a> {
    stack: &'a Stack,
    wanted: &'a Prepared,
    fixed: &'a Fixed,
    live: &'a Live,
    declaration: &'a ResourceDeclaration,
    replaced_by: &'a [&'static str],
    id: &'a str,
    taggable: bool,
}

impl Modification<'_> {
    fn details(&self, forecast: &Forecast<'_>) -> Result<Vec<Detail>, Fault> {
        let scope = Scope { fixed: self.fixed, resources: forecast };
        let names = |value: &Value| value.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
        let mut all: BTreeSet<String> = names(&self.live.declared).unwrap_or_default().into_iter().collect();
        all.extend(names(&self.declaration.properties).unwrap_or_default());
        let mut details = Vec::new();
        for name in &all {
            let old = self.live.declared.get(name);
            match self.declaration.properties.get(name).map_or(Ok(None), |value| resolve(value, scope)) {
                Ok(new) => {
                    let equal = match (old, &new) {
                        (Some(old), Some(new)) => same(old, new),
                        (None, None) => true,
                        _ => false,
                    };
                    if !equal {
                        details.extend(self.known(name));
                    }
                }
                Err(Fault::Unknown(waiting)) => details.extend(self.unknown(name, &waiting)),
                Err(wrong) => return Err(wrong),
            }
        }
        if self.live.dirty && details.is_empty() {
            details.push(attribute("Properties"));
        }
        let update_policy = resolve(&self.declaration.update_policy, scope);
        if update_policy.is_ok_and(|policy| !same(&policy.unwrap_or_default(), &self.live.update_policy)) {
            details.push(attribute("UpdatePolicy"));
        }
        if self.declared_before().is_some_and(|before| before.metadata != self.declaration.metadata) {
            details.push(attribute("Metadata"));
        }
        if self.declaration.deletion_policy != self.live.deletion_policy {
            details.push(attribute("DeletionPolicy"));
        }
        if self.declaration.update_replace_policy != self.live.update_replace_policy {
            details.push(attribute("UpdateReplacePolicy"));
        }
        if self.taggable && self.wanted.settings.tags != self.live.tags {
            details.push(attribute("Tags"));
        }
        Ok(details)
    }

    /// The causes of a change whose new value is known: the template's own text, or parameters that it names.
    fn known(&self, name: &str) -> Vec<Detail> {
        let detail = |source, causing| self.property(name, true, source, causing);
        if self.is_rewritten(name) {
            return vec![detail("DirectModification", None)];
        }
        let changed = self.changed_parameters();
        let named = self.declaration.properties.get(name).map(|value| references(value, None)).unwrap_or_default();
        let parameters: Vec<Detail> = named
            .into_iter()
            .filter(|one| changed.contains_key(&one.logical_id))
            .map(|one| detail("ParameterReference", Some(one.logical_id)))
            .collect();
        // What is left changed through a mapping, a condition, an import or an SSM parameter.
        if parameters.is_empty() {
            return vec![detail("DirectModification", None)];
        }
        // CloudFormation lists the property itself beside the parameters that change it.
        let own = self.property(name, false, "DirectModification", None);
        parameters.into_iter().chain([own]).collect()
    }

    fn unknown(&self, name: &str, waiting: &[Reference]) -> Vec<Detail> {
        let mut details = Vec::new();
        if self.is_rewritten(name) {
            details.push(self.property(name, false, "DirectModification", None));
        }
        let waiting: BTreeSet<&Reference> = waiting.iter().collect();
        details.extend(waiting.into_iter().map(|one| {
            let source = if one.attribute.is_some() { "ResourceAttribute" } else { "ResourceReference" };
            self.property(name, false, source, Some(one.to_string()))
        }));
        details
    }

    fn property(&self, name: &str, is_static: bool, source: &'static str, causing: Option<String>) -> Detail {
        let recreates = self.replaced_by.contains(&name);
        Detail { attribute: "Properties", name: Some(name.to_owned()), recreates, is_static, source, causing }
    }

    /// True if the template's text for the property is another one than before.
    fn is_rewritten(&self, name: &str) -> bool {
        let before = self.declared_before();
        before.and_then(|resource| resource.properties.get(name)) != self.declaration.properties.get(name)
    }

    fn declared_before(&self) -> Option<&ResourceDeclaration> {
        self.stack.current.as_ref().and_then(|current| current.template.resources.get(self.id))
    }

    fn changed_parameters(&self) -> BTreeMap<String, Value> {
        let before = |key: &str| self.stack.current.as_ref().and_then(|current| current.fixed.names.get(key).cloned());
        let values = self.wanted.parameters.iter().map(|value| (value.key.clone(), value.reference()));
        values.filter(|(key, value)| before(key).as_ref() != Some(value)).collect()
    }
}

fn attribute(attribute: &'static str) -> Detail {
    Detail { attribute, name: None, recreates: false, is_static: true, source: "DirectModification", causing: None }
}

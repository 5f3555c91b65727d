//! The changes of one resource that is there and stays, with their causes, as a change set lists them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::Detail;
use super::comparison::same;
use super::intrinsics::{Fault, Fixed, NoResources, Reference, Resources, Scope, references, resolve};
use super::parameters::ParameterValue;
use super::plan::Prepared;
use super::stack::{Live, Stack};
use super::template::ResourceDeclaration;

/// The values of resources after the operation: those that are made or replaced have none yet, and the attributes of those
/// that change in place may become others.
pub(super) struct Forecast<'a> {
    stack: &'a Stack,
    /// The resources without values.
    pub(super) unknown: BTreeSet<String>,
    /// Those of them that are replaced for certain.
    pub(super) replaced: BTreeSet<String>,
    /// The resources whose attributes may change.
    pub(super) uncertain: BTreeSet<String>,
}

impl<'a> Forecast<'a> {
    /// The forecast before anything is known to change.
    pub(super) fn of(stack: &'a Stack) -> Self {
        Self { stack, unknown: BTreeSet::new(), replaced: BTreeSet::new(), uncertain: BTreeSet::new() }
    }
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

/// A resource that is there and stays, and the form that it is to take.
pub(super) struct Modification<'a> {
    pub(super) stack: &'a Stack,
    pub(super) wanted: &'a Prepared,
    /// The values that the template's functions give while dynamic references stay as they stand.
    pub(super) fixed: &'a Fixed,
    pub(super) live: &'a Live,
    pub(super) declaration: &'a ResourceDeclaration,
    /// The properties of which a change needs a new resource.
    pub(super) replaced_by: &'a [&'static str],
    pub(super) id: &'a str,
    /// True if the stack's tags go on to the resource.
    pub(super) taggable: bool,
}

/// The place of a change: a property, or another attribute of the resource.
#[derive(Clone, Copy)]
struct Place<'a> {
    attribute: &'static str,
    name: Option<&'a str>,
}

impl Modification<'_> {
    /// The changes of the resource, those that are certain first.
    ///
    /// # Errors
    /// Fails if a value can never be resolved.
    pub(super) fn details(&self, forecast: &Forecast<'_>) -> Result<Vec<Detail>, Fault> {
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
                        let declared = self.declaration.properties.get(name);
                        details.extend(self.known(Place { attribute: "Properties", name: Some(name) }, declared));
                    }
                }
                Err(Fault::Unknown(waiting)) => details.extend(self.unknown(name, &waiting, forecast)),
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
        if self.metadata_changes(forecast) {
            let place = Place { attribute: "Metadata", name: None };
            details.extend(self.known(place, Some(&self.declaration.metadata)));
        }
        details.extend(self.policies()?);
        if self.taggable && self.wanted.settings.tags != self.live.tags {
            details.push(attribute("Tags"));
        }
        details.sort_by_key(|detail| (!detail.is_static, detail.attribute, detail.name.clone()));
        Ok(details)
    }

    /// True if the metadata is written anew, or is another with the new parameters.
    fn metadata_changes(&self, forecast: &Forecast<'_>) -> bool {
        let Some(before) = self.declared_before() else { return false };
        let new = &self.declaration.metadata;
        let old = self.stack.current.as_ref().map(|current| &current.fixed);
        let old = old.map(|fixed| resolve(&before.metadata, Scope { fixed, resources: self.stack }));
        before.metadata != *new
            || match (old, resolve(new, Scope { fixed: self.fixed, resources: forecast })) {
                (Some(Ok(old)), Ok(new)) => old != new,
                _ => false,
            }
    }

    /// The changes of the two policies: in what they are, or in whether the template says so.
    fn policies(&self) -> Result<Vec<Detail>, Fault> {
        let (deletion, replacement) = self.wanted.policies(self.id, self.declaration)?;
        let rewritten = |of: fn(&ResourceDeclaration) -> &Value| {
            self.declared_before().is_some_and(|before| of(before) != of(self.declaration))
        };
        let mut details = Vec::new();
        if deletion != self.live.deletion_policy || rewritten(|one| &one.deletion_policy) {
            details.push(attribute("DeletionPolicy"));
        }
        if replacement != self.live.update_replace_policy || rewritten(|one| &one.update_replace_policy) {
            details.push(attribute("UpdateReplacePolicy"));
        }
        Ok(details)
    }

    /// The causes of a change whose new value is known: the template's own text, or parameters that it names.
    fn known(&self, place: Place<'_>, declared: Option<&Value>) -> Vec<Detail> {
        let changed = self.changed_parameters();
        let named = declared.map(|value| references(value, None)).unwrap_or_default();
        let parameters: Vec<Detail> = named
            .into_iter()
            .filter(|one| changed.contains(one.logical_id.as_str()))
            .map(|one| self.detail(place, true, "ParameterReference", Some(one.logical_id)))
            .collect();
        // Anything else is the template's text, or a mapping, a condition, an import or an SSM parameter.
        if parameters.is_empty() {
            return vec![self.detail(place, true, "DirectModification", None)];
        }
        // CloudFormation lists the place itself beside the parameters that change it.
        let own = self.detail(place, false, "DirectModification", None);
        parameters.into_iter().chain([own]).collect()
    }

    fn unknown(&self, name: &str, waiting: &[Reference], forecast: &Forecast<'_>) -> Vec<Detail> {
        let place = Place { attribute: "Properties", name: Some(name) };
        let mut details = Vec::new();
        if self.is_rewritten(name) {
            details.push(self.detail(place, false, "DirectModification", None));
        }
        let waiting: BTreeSet<&Reference> = waiting.iter().collect();
        details.extend(waiting.into_iter().map(|one| {
            let source = if one.attribute.is_some() { "ResourceAttribute" } else { "ResourceReference" };
            self.detail(place, forecast.replaced.contains(&one.logical_id), source, Some(one.to_string()))
        }));
        details
    }

    fn detail(&self, place: Place<'_>, is_static: bool, source: &'static str, causing: Option<String>) -> Detail {
        let Place { attribute, name } = place;
        let recreates = name.is_some_and(|name| self.replaced_by.contains(&name));
        Detail { attribute, name: name.map(str::to_owned), recreates, is_static, source, causing }
    }

    /// True if the template's text for the property is another one than before.
    fn is_rewritten(&self, name: &str) -> bool {
        let before = self.declared_before();
        before.and_then(|resource| resource.properties.get(name)) != self.declaration.properties.get(name)
    }

    fn declared_before(&self) -> Option<&ResourceDeclaration> {
        self.stack.current.as_ref().and_then(|current| current.template.resources.get(self.id))
    }

    /// The parameters that were given another value. That an SSM parameter holds another one is no change of them.
    fn changed_parameters(&self) -> BTreeSet<&str> {
        let before = self.stack.current.as_ref().map_or(&[][..], |current| &current.parameters);
        let same = |value: &&ParameterValue| before.iter().any(|old| old.key == value.key && old.value == value.value);
        self.wanted.parameters.iter().filter(|value| !same(value)).map(|value| value.key.as_str()).collect()
    }
}

fn attribute(attribute: &'static str) -> Detail {
    Detail { attribute, name: None, recreates: false, is_static: true, source: "DirectModification", causing: None }
}

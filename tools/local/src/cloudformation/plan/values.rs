//! The values of a template as far as they are known before anything is done, and their faults.

use std::collections::BTreeMap;

use serde_json::Value;

use super::prepared::Prepared;
use crate::cloudformation::errors::validation;
use crate::cloudformation::intrinsics::{Fault, NoResources, Scope, resolve, resolve_known};
use crate::cloudformation::provider::{Provider, ProviderLookup};
use crate::cloudformation::schema;
use crate::core::ServiceError;

impl Prepared {
    /// The values of all resources and outputs that exist.
    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &Value)> {
        let resources =
            self.graph.ids().filter_map(|id| self.template.resources.get(id).map(|resource| (id, resource)));
        let resources = resources
            .flat_map(|(id, resource)| [(id.as_str(), &resource.properties), (id.as_str(), &resource.update_policy)]);
        let holds = |name: &String| self.fixed.conditions.get(name).copied().unwrap_or(false);
        let outputs = self.template.outputs.values().filter(move |output| output.condition.as_ref().is_none_or(holds));
        resources.chain(
            outputs.flat_map(|output| std::iter::once(&output.value).chain(&output.export)).map(|value| ("", value)),
        )
    }

    /// Resolves all that can be resolved without resources, to find what never can.
    pub(super) fn check_values(&self) -> Result<(), ServiceError> {
        let scope = Scope { fixed: &self.fixed, resources: &NoResources };
        for (_, value) in self.values() {
            if let Err(Fault::Wrong(message)) = resolve(value, scope) {
                return Err(validation(message));
            }
        }
        Ok(())
    }

    /// Holds what is known of every resource's properties against the type's schema and its provider's objections.
    /// `live` has the properties of the resources that exist.
    pub(super) fn check_properties(
        &self,
        lookup: ProviderLookup,
        live: &BTreeMap<String, Value>,
    ) -> Result<(), ServiceError> {
        let scope = Scope { fixed: &self.fixed, resources: &NoResources };
        let (mut wrong, mut not_run) = (Vec::new(), Vec::new());
        for (id, resource) in self.graph.ids().filter_map(|id| Some((id, self.template.resources.get(id)?))) {
            let kind = &resource.resource_type;
            let known = resolve_known(&resource.properties, scope, &Value::Null).unwrap_or_default();
            for fault in schema::resource_type(kind).map(|kind| schema::faults(kind, &known)).unwrap_or_default() {
                wrong.push(format!("Properties validation failed for resource {id} with message: [{fault}]"));
            }
            let objections = lookup(kind).map(|one| {
                let old = live.get(id).filter(|old| !is_replaced(one, old, &known));
                one.objections(old, &without_unknown(&known))
            });
            for objection in objections.unwrap_or_default() {
                let (not_implemented, message) = (objection.error.is("NotImplemented"), objection.error.message);
                if not_implemented {
                    let line = self.source.line_of_property(id, objection.property);
                    not_run.push(format!("{message} (property {} of resource {id}, line {line})", objection.property));
                } else {
                    wrong.push(message);
                }
            }
        }
        super::support::refuse(wrong, not_run)
    }
}

/// True if the resource that exists gives way to a new one, whatever the unknown values turn out to be.
fn is_replaced(provider: &dyn Provider, old: &Value, known: &Value) -> bool {
    provider.replaced_by().iter().any(|property| match known.get(*property) {
        Some(Value::Null) => false,
        value => value != old.get(*property),
    })
}

/// The known part of a value, without the places that are not known.
fn without_unknown(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, member)| !member.is_null());
            Value::Object(kept.map(|(name, member)| (name.clone(), without_unknown(member))).collect())
        }
        Value::Array(items) => items.iter().filter(|item| !item.is_null()).map(without_unknown).collect(),
        other => other.clone(),
    }
}

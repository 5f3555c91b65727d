//! The values of a template's intrinsics beside resources: parameters, conditions, imports.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::draft::Draft;
use crate::cloudformation::conditions;
use crate::cloudformation::errors::validation;
use crate::cloudformation::intrinsics::{Fault, Fixed, NoResources, Scope, resolve_or_null};
use crate::cloudformation::parameters::ParameterValue;
use crate::cloudformation::template::{Template, scalar_text};
use crate::core::{Hub, ServiceError};

/// Everything that does not change while an operation runs, but for the values behind dynamic references.
pub(super) fn of(
    hub: &Hub,
    draft: &Draft,
    template: &Template,
    values: &[ParameterValue],
) -> Result<Fixed, ServiceError> {
    let mut names: BTreeMap<String, Value> = pseudo_parameters(hub, draft);
    names.extend(values.iter().map(|value| (value.key.clone(), value.reference())));
    let mut fixed = Fixed { names, mappings: template.mappings.clone(), ..Fixed::default() };
    let wrong = |fault: Fault| validation(fault.message());
    fixed.conditions = conditions::evaluate(&template.conditions, &fixed).map_err(wrong)?;
    let mut imports = BTreeSet::new();
    for resource in template.resources.values() {
        imported(&resource.properties, &fixed, &mut imports).map_err(wrong)?;
        imported(&resource.update_policy, &fixed, &mut imports).map_err(wrong)?;
    }
    for output in template.outputs.values() {
        imported(&output.value, &fixed, &mut imports).map_err(wrong)?;
    }
    for name in imports {
        let Some(value) = draft.exports.get(&name) else {
            return Err(validation(format!("No export named {name} found.")));
        };
        fixed.imports.insert(name, value.clone());
    }
    Ok(fixed)
}

/// The names of the exports that a value imports, in the branches that are taken.
fn imported(value: &Value, fixed: &Fixed, names: &mut BTreeSet<String>) -> Result<(), Fault> {
    let scope = Scope { fixed, resources: &NoResources };
    match value {
        Value::Object(members) => {
            if let (1, Some(argument)) = (members.len(), members.get("Fn::ImportValue")) {
                let name = resolve_or_null(argument, scope)?;
                names.extend(scalar_text(&name));
                return Ok(());
            }
            if let (1, Some([Value::String(name), yes, no])) =
                (members.len(), members.get("Fn::If").and_then(Value::as_array).map(Vec::as_slice))
            {
                let taken = if fixed.conditions.get(name).copied().unwrap_or(false) { yes } else { no };
                return imported(taken, fixed, names);
            }
            members.values().try_for_each(|member| imported(member, fixed, names))
        }
        Value::Array(items) => items.iter().try_for_each(|item| imported(item, fixed, names)),
        _ => Ok(()),
    }
}

fn pseudo_parameters(hub: &Hub, draft: &Draft) -> BTreeMap<String, Value> {
    let arns: Value = draft.settings.notification_arns.iter().cloned().map(Value::String).collect();
    let names: Map<String, Value> = [
        ("AWS::AccountId", json!(hub.identity.account)),
        ("AWS::NotificationARNs", arns),
        ("AWS::Partition", json!("aws")),
        ("AWS::Region", json!(hub.identity.region)),
        ("AWS::StackId", json!(draft.stack.id)),
        ("AWS::StackName", json!(draft.stack.name)),
        ("AWS::URLSuffix", json!("amazonaws.com")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    names.into_iter().collect()
}

//! A change as `DescribeChangeSet` shows it, with the values of properties or without.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::cloudformation::change::{Action, Change, Detail, Replacement};
use crate::cloudformation::template::scalar_text;

/// The change; with values, none where nothing is certain but that something else changes.
pub(super) fn change_json(change: &Change, values: bool) -> Option<Value> {
    let details = if values { certain(change) } else { change.details.clone() };
    if details.is_empty() && !change.details.is_empty() {
        return None;
    }
    let mut resource = Map::new();
    let action = match change.action {
        Action::Add => "Add",
        Action::Modify => "Modify",
        Action::Remove => "Remove",
    };
    if let Some(policy) = change.policy {
        resource.insert("PolicyAction".into(), json!(policy));
    }
    resource.insert("Action".into(), json!(action));
    resource.insert("LogicalResourceId".into(), json!(change.logical_id));
    if let Some(physical_id) = &change.physical_id {
        resource.insert("PhysicalResourceId".into(), json!(physical_id));
    }
    resource.insert("ResourceType".into(), json!(change.resource_type));
    if let Some(replacement) = change.replacement {
        let text = match replacement {
            Replacement::True => "True",
            Replacement::False => "False",
            Replacement::Conditional => "Conditional",
        };
        resource.insert("Replacement".into(), json!(text));
    }
    let scope: BTreeSet<&str> = details.iter().map(|detail| detail.attribute).collect();
    resource.insert("Scope".into(), json!(scope));
    resource.insert("Details".into(), details.iter().map(|detail| detail_json(detail, change, values)).collect());
    if values {
        for (member, properties) in [("BeforeContext", &change.before), ("AfterContext", &change.after)] {
            if let Some(properties) = properties {
                resource.insert(member.into(), json!(json!({ "Properties": properties }).to_string()));
            }
        }
    }
    Some(json!({ "Type": "Resource", "ResourceChange": resource }))
}

/// The details beside values: one that only another resource's update may cause is left out, and one that another's
/// replacement causes has the place itself beside it.
fn certain(change: &Change) -> Vec<Detail> {
    let of_resource = |detail: &Detail| detail.source.starts_with("Resource");
    let kept: Vec<Detail> =
        change.details.iter().filter(|detail| detail.is_static || !of_resource(detail)).cloned().collect();
    let own =
        |detail: &Detail| Detail { is_static: false, source: "DirectModification", causing: None, ..detail.clone() };
    let mut beside: Vec<Detail> = kept.iter().filter(|detail| of_resource(detail)).map(own).collect();
    beside.retain(|detail| !kept.contains(detail));
    beside.dedup();
    kept.into_iter().chain(beside).collect()
}

fn detail_json(detail: &Detail, change: &Change, values: bool) -> Value {
    let mut target = Map::from_iter([("Attribute".to_owned(), json!(detail.attribute))]);
    if let Some(name) = &detail.name {
        target.insert("Name".into(), json!(name));
    }
    target.insert("RequiresRecreation".into(), json!(if detail.recreates { "Always" } else { "Never" }));
    if values {
        target.extend(values_json(detail, change));
    }
    let mut json = Map::from_iter([("Target".to_owned(), Value::Object(target))]);
    json.insert("Evaluation".into(), json!(if detail.is_static { "Static" } else { "Dynamic" }));
    json.insert("ChangeSource".into(), json!(detail.source));
    if let Some(causing) = &detail.causing {
        json.insert("CausingEntity".into(), json!(causing));
    }
    Value::Object(json)
}

/// The path and the values of a detail. Assumed: of an attribute that is not `Properties`, the path alone.
fn values_json(detail: &Detail, change: &Change) -> Map<String, Value> {
    let Some(name) = &detail.name else {
        return Map::from_iter([("Path".to_owned(), json!(format!("/{}", detail.attribute)))]);
    };
    let value = |properties: &Option<Value>| properties.as_ref().and_then(|all| all.get(name)).cloned();
    let (before, after) = (value(&change.before), value(&change.after));
    let kind = match (&before, &after) {
        (None, _) => "Add",
        (_, None) => "Remove",
        _ => "Modify",
    };
    let mut json = Map::from_iter([
        ("Path".to_owned(), json!(format!("/Properties/{name}"))),
        ("AttributeChangeType".to_owned(), json!(kind)),
    ]);
    for (member, value) in [("BeforeValue", before), ("AfterValue", after)] {
        let text = value.map(|value| scalar_text(&value).unwrap_or_else(|| value.to_string()));
        json.extend(text.map(|text| (member.to_owned(), json!(text))));
    }
    json
}

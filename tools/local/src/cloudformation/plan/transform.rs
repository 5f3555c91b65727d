//! The SAM transform, and the refusal of every other one.

use serde_json::Value;
use slipway_shared::template::{Content, Entry, Node};

use super::draft::Draft;
use super::refusal::Refusal;
use crate::cloudformation::errors::{unsupported, validation};
use crate::cloudformation::parameters::ParameterValue;
use crate::cloudformation::sam;
use crate::cloudformation::template::{Source, insufficient};
use crate::core::ServiceError;

const SAM: &str = "AWS::Serverless-2016-10-31";
const EMBEDDED: &str = "Fn::Transform";

pub(super) fn check(draft: &Draft) -> Result<(), ServiceError> {
    let transforms = draft.source.transforms();
    if let Some(other) = transforms.iter().find(|name| *name != SAM) {
        let line = draft.source.tree.line_of("/Transform");
        return Err(unsupported(format_args!("the transform {other} (line {line})")));
    }
    let loops = draft.source.tree.get("Resources").into_iter().flat_map(|resources| resources.entries());
    if let Some(entry) = loops.into_iter().find(|entry| entry.key.starts_with("Fn::ForEach")) {
        return Err(unsupported(format_args!("{} (line {}), of AWS::LanguageExtensions", entry.key, entry.line)));
    }
    if let Some(entry) = embedded(&draft.source.tree) {
        let name = entry.value.get("Name").map(Node::to_json).unwrap_or_default();
        return Err(unsupported(format_args!("{EMBEDDED} of {name} (line {})", entry.line)));
    }
    let acknowledged = draft.acknowledged.iter().any(|name| name == "CAPABILITY_AUTO_EXPAND");
    if draft.direct && !transforms.is_empty() && !acknowledged {
        return Err(insufficient("CAPABILITY_AUTO_EXPAND"));
    }
    Ok(())
}

/// The first transform of a part of the template.
fn embedded(node: &Node) -> Option<&Entry> {
    match &node.content {
        Content::Map(entries) => {
            entries.iter().find_map(|entry| if entry.key == EMBEDDED { Some(entry) } else { embedded(&entry.value) })
        }
        Content::List(items) => items.iter().find_map(embedded),
        _ => None,
    }
}

/// The template after the SAM transform, when it asks for it.
pub(super) fn run(source: &Source, json: Value, values: &[ParameterValue]) -> Result<Value, Refusal> {
    if source.transforms().is_empty() {
        return Ok(json);
    }
    let texts = values.iter().map(|value| {
        let text = value.resolved.clone().unwrap_or_else(|| value.value.clone());
        (value.key.clone(), text)
    });
    match sam::expand(&json, &texts.collect()) {
        Ok(Value::Object(mut template)) => {
            template.shift_remove("Transform");
            template.shift_remove("Globals");
            Ok(Value::Object(template))
        }
        Ok(other) => Ok(other),
        Err(faults) => {
            let said: Vec<String> = faults
                .iter()
                .map(|fault| format!("Resource with id [{}] is invalid. {}", fault.logical_id, fault.message))
                .collect();
            let count = faults.len();
            let error = validation(format!(
                "Transform {SAM} failed with: Invalid Serverless Application Specification document. Number of errors found: {count}. {}",
                said.join(" ")
            ));
            Err(Refusal { error, transforming: true })
        }
    }
}

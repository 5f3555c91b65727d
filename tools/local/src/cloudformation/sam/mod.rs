//! The SAM transform: `AWS::Serverless-2016-10-31` templates to plain CloudFormation.
//!
//! A pure function, faithful to aws-sam-translator 1.115.0: the same generated logical ids, so that a stack made from
//! the result is the stack that CloudFormation would make. What the plane does not run is refused by name; nothing is
//! dropped. The tests compare with the translator's own output, kept in `golden/`.

mod asynchronous;
mod code;
mod deployment;
mod events;
mod expansion;
mod function;
mod globals;
#[cfg(test)]
mod golden_tests;
mod http_api;
mod http_event;
mod http_link;
mod identity;
mod openapi;
#[cfg(test)]
mod own_templates_tests;
mod policies;
mod references;
mod resource;
mod role;
mod simple_table;
mod target;
mod transform_error;
mod version;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::deployment::Deployments;
use self::references::Links;
use self::resource::{Generated, SamResource, fault};
use expansion::Expansion;
pub use transform_error::TransformError;

/// The transform's name in a template.
const TRANSFORM: &str = "AWS::Serverless-2016-10-31";

/// Expands every `AWS::Serverless::*` resource (and `Globals`) of `template`, whose short forms are already long. A
/// template without the SAM transform comes back as it is. `parameters` are the resolved parameter values (with
/// `AWS::Region`, where the template's code location refers to it), which SAM substitutes before it hashes a version's
/// inputs.
///
/// # Errors
/// Every fault that was found.
pub fn expand(template: &Value, parameters: &BTreeMap<String, String>) -> Result<Value, Vec<TransformError>> {
    if !has_transform(template)? {
        return Ok(template.clone());
    }
    let parameters = references::parameters(template, parameters);
    let mappings = template.get("Mappings").cloned().unwrap_or_default();
    let mut template = template.as_object().cloned().unwrap_or_default();
    template.shift_remove("Transform");
    let managed_apis = http_link::link(&mut template)?;
    globals::merge(&mut template)?;
    let Some(Value::Object(mut resources)) = template.get("Resources").cloned() else {
        return Err(vec![fault("Resources", "the section must be a non-empty map")]);
    };
    let mut expansion = Expansion {
        parameters,
        mappings,
        resources: &mut resources,
        managed_apis,
        deployments: Deployments::default(),
        links: Links::default(),
    };
    let generated = expand_resources(&mut expansion)?;
    let (shared, condition) = expansion.deployments.resources()?;
    let links = expansion.links;
    place(&mut resources, generated, shared)?;
    template.insert("Resources".to_owned(), Value::Object(resources));
    if let Some((name, definition)) = condition
        && let Some(conditions) = template.get_mut("Conditions").and_then(Value::as_object_mut)
    {
        conditions.insert(name, definition);
    }
    let mut template = Value::Object(template);
    links.rewrite(&mut template);
    Ok(template)
}

fn has_transform(template: &Value) -> Result<bool, Vec<TransformError>> {
    let named: Vec<&str> = match template.get("Transform") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(all)) => all.iter().map(|name| name.as_str().unwrap_or("a macro with parameters")).collect(),
        Some(_) => vec!["a macro with parameters"],
    };
    let others: Vec<TransformError> = named
        .iter()
        .filter(|name| **name != TRANSFORM)
        .map(|name| fault("Transform", format!("{name} is not supported by the local plane")))
        .collect();
    if others.is_empty() { Ok(!named.is_empty()) } else { Err(others) }
}

/// The resources that each SAM resource becomes: functions first, for they write into the bodies of the APIs.
fn expand_resources(expansion: &mut Expansion<'_>) -> Result<Vec<(String, Vec<Generated>)>, Vec<TransformError>> {
    let mut serverless: Vec<(String, String)> = expansion
        .resources
        .iter()
        .filter_map(|(id, resource)| Some((id.clone(), resource.get("Type")?.as_str()?.to_owned())))
        .filter(|(_, kind)| kind.starts_with("AWS::Serverless::"))
        .collect();
    serverless.sort_by_key(|(_, kind)| kind != "AWS::Serverless::Function");
    let (mut generated, mut faults) = (Vec::new(), Vec::new());
    for (id, kind) in serverless {
        match expand_resource(expansion, &id, &kind) {
            Ok(made) => generated.push((id, made)),
            Err(error) => faults.push(error),
        }
    }
    if faults.is_empty() { Ok(generated) } else { Err(faults) }
}

fn expand_resource(
    expansion: &mut Expansion<'_>,
    logical_id: &str,
    kind: &str,
) -> Result<Vec<Generated>, TransformError> {
    let written = expansion.resources.get(logical_id).cloned().unwrap_or_default();
    let read = |properties| SamResource::read(logical_id, &written, properties);
    match kind {
        "AWS::Serverless::Function" => function::expand(expansion, &read(function::PROPERTIES)?),
        "AWS::Serverless::HttpApi" => http_api::expand(expansion, &read(http_api::PROPERTIES)?),
        "AWS::Serverless::SimpleTable" => simple_table::expand(&read(simple_table::PROPERTIES)?),
        other => Err(fault(logical_id, format!("type {other} is not supported by the local plane"))),
    }
}

/// Puts what was made in the place of what it was made from; an id that is taken is a fault.
fn place(
    resources: &mut Map<String, Value>,
    generated: Vec<(String, Vec<Generated>)>,
    shared: Vec<Generated>,
) -> Result<(), Vec<TransformError>> {
    for (logical_id, _) in &generated {
        resources.shift_remove(logical_id);
    }
    let mut faults = Vec::new();
    let all = generated.into_iter().flat_map(|(from, made)| made.into_iter().map(move |made| (from.clone(), made)));
    let shared = shared.into_iter().map(|made| (made.logical_id.clone(), made));
    for (from, made) in all.chain(shared) {
        let (logical_id, entry) = made.into_entry();
        if resources.contains_key(&logical_id) {
            let message = format!("it generates the logical id {logical_id}, which the template uses already");
            faults.push(fault(&from, message));
        } else {
            resources.insert(logical_id, entry);
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

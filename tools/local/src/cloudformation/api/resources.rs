//! A stack's resources and events.

use serde_json::{Map, Value, json};

use super::pages;
use super::request::required;
use super::state::{CloudFormation, Declared};
use crate::cloudformation::errors::{no_stack, no_stack_with_id, validation};
use crate::cloudformation::events::StackEvent;
use crate::cloudformation::intrinsics::{Scope, resolve_or_null};
use crate::cloudformation::stack::{Stack, StackResource};
use crate::core::{Input, Reply};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("DescribeStackEvents", "StackName NextToken", |service, request| {
        service.describe_stack_events(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
    Declared::now("DescribeStackResource", "StackName LogicalResourceId", |service, request| {
        service.describe_stack_resource(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
    Declared::now("DescribeStackResources", "StackName LogicalResourceId PhysicalResourceId", |service, request| {
        service.describe_stack_resources(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
    Declared::now("ListStackResources", "StackName NextToken", |service, request| {
        service.list_stack_resources(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
];

impl CloudFormation {
    fn describe_stack_events(&self, input: &Input) -> Reply {
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let events: Vec<Value> = driver.read(|engine| {
            let stack = &engine.stack;
            stack.events.iter().rev().map(|event| event_json(stack, event)).collect()
        });
        pages::answer(input, "StackEvents", &format!("DescribeStackEvents:{name}"), pages::placed(events, true))
    }

    fn describe_stack_resource(&self, input: &Input) -> Reply {
        let (name, id) = (required(input, "StackName")?, required(input, "LogicalResourceId")?);
        let driver = self.find(name).ok_or_else(|| validation(format!("Stack '{name}' does not exist")))?;
        driver.read(|engine| {
            let stack = &engine.stack;
            let Some(resource) = stack.resources.get(id) else {
                return Err(validation(format!("Resource {id} does not exist for stack {name}")));
            };
            let mut json = owner(stack);
            json.extend(resource_json(id, resource, "LastUpdatedTimestamp"));
            let declared = stack.current.as_ref().and_then(|current| current.template.resources.get(id));
            if let Some(metadata) = declared.map(|one| &one.metadata).filter(|metadata| !metadata.is_null()) {
                json.insert("Metadata".into(), json!(shown(stack, metadata).to_string()));
            }
            Ok(json!({ "StackResourceDetail": json }))
        })
    }

    fn describe_stack_resources(&self, input: &Input) -> Reply {
        let logical = input.opt_str("LogicalResourceId");
        let describe = |stack: &Stack| -> Vec<Value> {
            let all = stack.resources.iter().filter(|(id, _)| logical.is_none_or(|logical| logical == *id));
            let one = |(id, resource): (&String, &StackResource)| {
                let mut json = owner(stack);
                json.extend(resource_json(id, resource, "Timestamp"));
                Value::Object(json)
            };
            all.map(one).collect()
        };
        let resources = match (input.opt_str("StackName"), input.opt_str("PhysicalResourceId")) {
            (Some(name), _) => {
                let driver = self.find(name).ok_or_else(|| no_stack_with_id(name))?;
                driver.read(|engine| describe(&engine.stack))
            }
            (None, Some(physical)) => {
                let holds = |stack: &Stack| {
                    let mut live = stack.resources.values().filter_map(|resource| resource.live.as_ref());
                    live.any(|live| live.resource.physical_id == physical)
                };
                let found = self
                    .all()
                    .into_iter()
                    .find_map(|driver| driver.read(|engine| holds(&engine.stack).then(|| describe(&engine.stack))));
                found.ok_or_else(|| validation(format!("Stack for {physical} does not exist")))?
            }
            (None, None) => return Err(validation("StackName or PhysicalResourceId must be specified.")),
        };
        Ok(json!({ "StackResources": resources }))
    }

    fn list_stack_resources(&self, input: &Input) -> Reply {
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack_with_id(name))?;
        let summaries: Vec<Value> = driver.read(|engine| {
            let all = engine.stack.resources.iter();
            all.map(|(id, resource)| Value::Object(resource_json(id, resource, "LastUpdatedTimestamp"))).collect()
        });
        let scope = format!("ListStackResources:{name}");
        pages::answer(input, "StackResourceSummaries", &scope, pages::placed(summaries, false))
    }
}

/// Metadata resolved; as the template has it where a value in it is not known.
fn shown(stack: &Stack, metadata: &Value) -> Value {
    let fixed = stack.current.as_ref().map(|current| &current.fixed);
    let resolved = fixed.and_then(|fixed| resolve_or_null(metadata, Scope { fixed, resources: stack }).ok());
    resolved.unwrap_or_else(|| metadata.clone())
}

fn owner(stack: &Stack) -> Map<String, Value> {
    let mut json = Map::new();
    json.insert("StackName".into(), json!(stack.identity.name));
    json.insert("StackId".into(), json!(stack.identity.id));
    json
}

fn resource_json(id: &str, resource: &StackResource, time_member: &str) -> Map<String, Value> {
    let mut json = Map::new();
    json.insert("LogicalResourceId".into(), json!(id));
    if let Some(physical_id) = &resource.physical_id {
        json.insert("PhysicalResourceId".into(), json!(physical_id));
    }
    json.insert("ResourceType".into(), json!(resource.resource_type));
    json.insert(time_member.into(), json!(resource.updated.epoch_seconds()));
    json.insert("ResourceStatus".into(), json!(resource.status.as_str()));
    if let Some(reason) = &resource.reason {
        json.insert("ResourceStatusReason".into(), json!(reason));
    }
    json.insert("DriftInformation".into(), json!({ "StackResourceDriftStatus": "NOT_CHECKED" }));
    json
}

fn event_json(stack: &Stack, event: &StackEvent) -> Value {
    let mut json = owner(stack);
    json.insert("EventId".into(), json!(event.id));
    json.insert("LogicalResourceId".into(), json!(event.logical_id));
    json.insert("PhysicalResourceId".into(), json!(event.physical_id));
    json.insert("ResourceType".into(), json!(event.resource_type));
    json.insert("Timestamp".into(), json!(event.at.epoch_seconds()));
    json.insert("ResourceStatus".into(), json!(event.status));
    let optional = [
        ("ResourceStatusReason", &event.reason),
        ("ClientRequestToken", &event.token),
        ("ResourceProperties", &event.properties),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            json.insert(name.into(), json!(value));
        }
    }
    Value::Object(json)
}

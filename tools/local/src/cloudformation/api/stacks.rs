//! Describing stacks.

use serde_json::{Map, Value, json};

use super::pages;
use super::state::{CloudFormation, Declared};
use crate::cloudformation::errors::no_stack_with_id;
use crate::cloudformation::parameters::ParameterValue;
use crate::cloudformation::stack::{Output, Stack};
use crate::cloudformation::status::StackStatus;
use crate::core::{Input, Reply};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("DescribeStacks", "StackName NextToken", |service, request| service.describe_stacks(&request.input))
        .on_found(CloudFormation::stack_arn),
    Declared::now("ListStacks", "StackStatusFilter NextToken", |service, request| service.list_stacks(&request.input)),
    Declared::now("DescribeAccountLimits", "NextToken", |_, _| Ok(account_limits())),
];

impl CloudFormation {
    fn describe_stacks(&self, input: &Input) -> Reply {
        let stacks: Vec<Value> = match input.opt_str("StackName") {
            Some(name) => {
                let driver = self.find(name).ok_or_else(|| no_stack_with_id(name))?;
                vec![driver.read(|engine| describe(&engine.stack))]
            }
            None => {
                let living = self.all().into_iter().rev().filter_map(|driver| {
                    driver.read(|engine| {
                        (engine.stack.status != StackStatus::DeleteComplete).then(|| describe(&engine.stack))
                    })
                });
                living.collect()
            }
        };
        pages::answer(input, "Stacks", "DescribeStacks", pages::placed(stacks, true))
    }

    fn list_stacks(&self, input: &Input) -> Reply {
        let wanted = input.strings("StackStatusFilter");
        let summary = |stack: &Stack| {
            let mut json = times(stack);
            if let Some(text) = stack.current.as_ref().and_then(|current| current.template.description.as_ref()) {
                json.insert("TemplateDescription".into(), json!(text));
            }
            Value::Object(json)
        };
        let summaries: Vec<Value> = self
            .all()
            .into_iter()
            .rev()
            .filter_map(|driver| {
                driver.read(|engine| {
                    let status = engine.stack.status.as_str();
                    (wanted.is_empty() || wanted.iter().any(|one| one == status)).then(|| summary(&engine.stack))
                })
            })
            .collect();
        let scope = format!("ListStacks:{}", wanted.join(","));
        pages::answer(input, "StackSummaries", &scope, pages::placed(summaries, true))
    }
}

fn describe(stack: &Stack) -> Value {
    let mut json = times(stack);
    json.insert("DisableRollback".into(), json!(stack.disable_rollback));
    if stack.status != StackStatus::DeleteComplete {
        if let Some(id) = &stack.change_set_id {
            json.insert("ChangeSetId".into(), json!(id));
        }
        json.insert("EnableTerminationProtection".into(), json!(stack.termination_protection));
    }
    if let Some(minutes) = stack.timeout_minutes {
        json.insert("TimeoutInMinutes".into(), json!(minutes));
    }
    json.insert("RollbackConfiguration".into(), json!({}));
    json.insert("NotificationARNs".into(), json!([]));
    json.insert("Tags".into(), json!([]));
    if let Some(current) = &stack.current {
        if let Some(description) = &current.template.description {
            json.insert("Description".into(), json!(description));
        }
        if !current.parameters.is_empty() {
            json.insert("Parameters".into(), parameters_json(&current.parameters));
        }
        if !current.settings.capabilities.is_empty() {
            json.insert("Capabilities".into(), json!(current.settings.capabilities));
        }
        if let Some(role) = &current.settings.role_arn {
            json.insert("RoleARN".into(), json!(role));
        }
        json.insert("NotificationARNs".into(), json!(current.settings.notification_arns));
        json.insert("Tags".into(), tags_json(&current.settings.tags));
    }
    if !stack.outputs.is_empty() {
        json.insert("Outputs".into(), stack.outputs.iter().map(output_json).collect());
    }
    Value::Object(json)
}

/// CloudFormation's quotas of an account, at their defaults.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
fn account_limits() -> Value {
    let limit = |(name, value): (&str, u32)| json!({ "Name": name, "Value": value });
    let limits = [("StackLimit", 2000), ("StackOutputsLimit", 200), ("ConcurrentResourcesLimit", 2500)];
    json!({ "AccountLimits": limits.map(limit) })
}

/// The identity, the status and the times of a stack, as members of its description.
fn times(stack: &Stack) -> Map<String, Value> {
    let mut json = Map::new();
    json.insert("StackId".into(), json!(stack.identity.id));
    json.insert("StackName".into(), json!(stack.identity.name));
    json.insert("CreationTime".into(), json!(stack.created.epoch_seconds()));
    if let Some(at) = stack.updated {
        json.insert("LastUpdatedTime".into(), json!(at.epoch_seconds()));
    }
    if let Some(at) = stack.deleted {
        json.insert("DeletionTime".into(), json!(at.epoch_seconds()));
    }
    json.insert("StackStatus".into(), json!(stack.status.as_str()));
    if let Some(reason) = &stack.status_reason {
        json.insert("StackStatusReason".into(), json!(reason));
    }
    json.insert("DriftInformation".into(), json!({ "StackDriftStatus": "NOT_CHECKED" }));
    json
}

fn output_json(output: &Output) -> Value {
    let mut json = Map::new();
    json.insert("OutputKey".into(), json!(output.key));
    json.insert("OutputValue".into(), json!(output.value));
    if let Some(description) = &output.description {
        json.insert("Description".into(), json!(description));
    }
    if let Some(export) = &output.export {
        json.insert("ExportName".into(), json!(export));
    }
    Value::Object(json)
}

/// The parameters' values; those declared `NoEcho` are asterisks.
pub(super) fn parameters_json(values: &[ParameterValue]) -> Value {
    let one = |value: &ParameterValue| {
        let shown = if value.no_echo { "****" } else { &value.value };
        let mut json = json!({ "ParameterKey": value.key, "ParameterValue": shown });
        if let Some(resolved) = &value.resolved {
            json["ResolvedValue"] = json!(if value.no_echo { "****" } else { resolved });
        }
        json
    };
    values.iter().map(one).collect()
}

/// Tags as lists of `Key` and `Value`.
pub(super) fn tags_json(tags: &[(String, String)]) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

//! Describing and listing change sets.

use serde_json::{Map, Value, json};

use super::change_json::change_json;
use super::pages;
use super::request::required;
use super::stacks::{parameters_json, tags_json};
use super::state::{CloudFormation, Declared};
use crate::cloudformation::changeset::{ChangeSet, ExecutionStatus};
use crate::cloudformation::errors::{no_change_set, no_stack};
use crate::cloudformation::plan::StackIdentity;
use crate::cloudformation::status::OnFailure;
use crate::core::{Input, Reply};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now(
        "DescribeChangeSet",
        "ChangeSetName StackName NextToken IncludePropertyValues",
        |service, request| service.describe_change_set(&request.input),
    )
    .on_found(CloudFormation::stack_arn),
    Declared::now("ListChangeSets", "StackName NextToken", |service, request| service.list_change_sets(&request.input))
        .on_found(CloudFormation::stack_arn),
];

impl CloudFormation {
    fn describe_change_set(&self, input: &Input) -> Reply {
        let (driver, name) = self.find_change_set(input)?;
        let values = input.opt_bool("IncludePropertyValues").unwrap_or(false);
        driver.read(|engine| {
            let stack = &engine.stack;
            let change_set = stack.change_sets.get(&name).ok_or_else(|| no_change_set(&name))?;
            let changes = change_set.changes.iter().filter_map(|change| change_json(change, values));
            let changes = pages::placed(changes.collect(), false);
            let page = pages::answer(input, "Changes", &format!("DescribeChangeSet:{}", change_set.id), changes)?;
            let mut json = describe(change_set, &stack.identity);
            json.extend(page.as_object().cloned().unwrap_or_default());
            Ok(Value::Object(json))
        })
    }

    fn list_change_sets(&self, input: &Input) -> Reply {
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let summaries: Vec<Value> = driver.read(|engine| {
            let identity = &engine.stack.identity;
            // "Each active change set": one that was executed is described still, but not listed.
            let executed =
                |one: &&ChangeSet| matches!(one.execution, ExecutionStatus::Complete | ExecutionStatus::Failed);
            let active = engine.stack.change_sets.values().filter(|one| !executed(one));
            active.map(|change_set| Value::Object(change_set.summary(&identity.id, &identity.name))).collect()
        });
        pages::answer(input, "Summaries", &format!("ListChangeSets:{name}"), pages::placed(summaries, false))
    }
}

fn describe(change_set: &ChangeSet, stack: &StackIdentity) -> Map<String, Value> {
    let mut json = change_set.summary(&stack.id, &stack.name);
    json.insert("RollbackConfiguration".into(), json!({}));
    let settings = &change_set.settings;
    json.insert("Capabilities".into(), json!(settings.capabilities));
    json.insert("NotificationARNs".into(), json!(settings.notification_arns));
    if !change_set.parameters.is_empty() {
        json.insert("Parameters".into(), parameters_json(&change_set.parameters));
    }
    if !settings.tags.is_empty() {
        json.insert("Tags".into(), tags_json(&settings.tags));
    }
    if let Some(on_failure) = change_set.on_failure {
        let name = match on_failure {
            OnFailure::Rollback => "ROLLBACK",
            OnFailure::DoNothing => "DO_NOTHING",
            OnFailure::Delete => "DELETE",
        };
        json.insert("OnStackFailure".into(), json!(name));
    }
    json
}

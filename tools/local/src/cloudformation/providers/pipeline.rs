//! `AWS::CodePipeline::Pipeline`.

use serde_json::{Map, Value, json};

use super::properties::{changed, gone, list, pick, required, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{flags, lower_camel, numbers, text_map};
use super::{naming, not_run, tags};
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};
use crate::core::ServiceError;

/// CodePipeline's limit on a pipeline's name.
const NAME_LENGTH: usize = 100;

const STRUCTURE: &[&str] =
    &["ArtifactStore", "ExecutionMode", "PipelineType", "RoleArn", "Stages", "Triggers", "Variables"];

resource_type!(Pipeline {
    properties: &[
        "ArtifactStore",
        "ArtifactStores",
        "ExecutionMode",
        "Name",
        "PipelineType",
        "RestartExecutionOnUpdate",
        "RoleArn",
        "Stages",
        "Tags",
        "Triggers",
        "Variables",
    ],
    replaced_by: &["Name"],
    attributes: &["Version"],
    objections: objections,
    create: create,
    update: update,
    delete: delete,
});

/// A pipeline's triggers come from connections to other hosts of repositories, which the plane does not reach.
fn objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    not_run::members("codepipeline", "CreatePipeline", new, &["Triggers"])
}

/// The `pipeline` member of `CreatePipeline` and `UpdatePipeline`.
fn structure(name: &str, properties: &Value) -> Result<Value, ServiceError> {
    required(properties, "RoleArn")?;
    let mut pipeline = Value::Object(pick(properties, STRUCTURE));
    for stage in pipeline.get_mut("Stages").and_then(Value::as_array_mut).into_iter().flatten() {
        for action in stage.get_mut("Actions").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(configuration) = action.get("Configuration").and_then(Value::as_object) {
                action["Configuration"] = Value::Object(text_map(configuration));
            }
        }
    }
    let mut pipeline = lower_camel(&pipeline, &["Configuration"]);
    numbers(&mut pipeline, &["runOrder", "timeoutInMinutes"]);
    flags(&mut pipeline, &["isNegated"]);
    let stores = list(properties, "ArtifactStores");
    if !stores.is_empty() {
        let by_region = stores.iter().map(|store| {
            let location = lower_camel(store.get("ArtifactStore").unwrap_or(&Value::Null), &[]);
            Ok((required(store, "Region")?.to_owned(), location))
        });
        pipeline["artifactStores"] = Value::Object(by_region.collect::<Result<Map<_, _>, ServiceError>>()?);
    }
    pipeline["name"] = json!(name);
    Ok(pipeline)
}

fn described(name: &str, reply: &Value) -> Resource {
    let version = reply.pointer("/pipeline/version").cloned().unwrap_or(json!(1));
    resource(name, [("Version", version)])
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "Name"), NAME_LENGTH);
    let mut input = json!({ "pipeline": structure(&name, properties)? });
    if let Some(input) = input.as_object_mut() {
        tags::insert(input, "tags", Value::Array(tags::small_list(&tags::all(context, properties))));
    }
    let made = context.hub.call("codepipeline", "CreatePipeline", input).await?;
    Ok(described(&name, &made))
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let name = &current.physical_id;
    let mut made = current.clone();
    if changed(old, new, STRUCTURE) || changed(old, new, &["ArtifactStores"]) {
        let input = json!({ "pipeline": structure(name, new)? });
        made = described(name, &context.hub.call("codepipeline", "UpdatePipeline", input).await?);
        let restart = new.get("RestartExecutionOnUpdate").is_some_and(|r| *r == json!(true) || *r == json!("true"));
        if restart {
            context.hub.call("codepipeline", "StartPipelineExecution", json!({ "name": name })).await?;
        }
    }
    let change = tags::Change::between(old, new);
    let arn = context.hub.arn("codepipeline", name);
    if !change.removed.is_empty() {
        let input = json!({ "resourceArn": arn, "tagKeys": change.removed });
        context.hub.call("codepipeline", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "resourceArn": arn, "tags": tags::small_list(&change.set) });
        context.hub.call("codepipeline", "TagResource", input).await?;
    }
    Ok(made)
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "name": current.physical_id });
    gone(context.hub.call("codepipeline", "DeletePipeline", input).await, &["PipelineNotFoundException"])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;

    #[tokio::test]
    async fn a_pipeline_has_the_apis_spelling_except_in_configurations() {
        let (fake, asked) = Fake::new("codepipeline", |_, _| Ok(json!({ "pipeline": { "version": 1 } })));
        let stage = Stage::new(vec![fake]);
        let properties = json!({
            "Name": "slipway", "PipelineType": "V2", "RoleArn": "arn:aws:iam::000000000000:role/pipeline",
            "ArtifactStore": { "Type": "S3", "Location": "artifacts" },
            "Stages": [{ "Name": "Source", "Actions": [{
                "Name": "Source", "RunOrder": "1",
                "ActionTypeId": { "Category": "Source", "Owner": "AWS", "Provider": "CodeCommit", "Version": "1" },
                "Configuration": { "RepositoryName": "r", "PollForSourceChanges": false },
                "OutputArtifacts": [{ "Name": "SourceOutput" }],
            }] }],
        });
        let made = testing::create(&Pipeline, &stage.context("P"), properties).await;
        assert_eq!((made.physical_id.as_str(), &made.attributes["Version"]), ("slipway", &json!(1)));
        assert_eq!(
            asked.input("CreatePipeline"),
            json!({ "pipeline": {
                "name": "slipway", "pipelineType": "V2", "roleArn": "arn:aws:iam::000000000000:role/pipeline",
                "artifactStore": { "type": "S3", "location": "artifacts" },
                "stages": [{ "name": "Source", "actions": [{
                    "name": "Source", "runOrder": 1,
                    "actionTypeId": { "category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1" },
                    "configuration": { "RepositoryName": "r", "PollForSourceChanges": "false" },
                    "outputArtifacts": [{ "name": "SourceOutput" }],
                }] }],
            }})
        );
    }
}

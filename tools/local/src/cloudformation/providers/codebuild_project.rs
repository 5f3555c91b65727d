//! `AWS::CodeBuild::Project`. Web hooks, batches, VPCs and file systems are not run by the plane.

use serde_json::{Value, json};

use super::properties::{gone, pick, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::spelling::{flags, lower_camel, numbers};
use super::{naming, not_run, tags};
use crate::cloudformation::provider::{Objection, Resource, ResourceContext};

/// CodeBuild's limit on a project's name.
const NAME_LENGTH: usize = 150;

const SETTINGS: &[&str] = &[
    "Artifacts",
    "BadgeEnabled",
    "Cache",
    "ConcurrentBuildLimit",
    "Description",
    "EncryptionKey",
    "Environment",
    "LogsConfig",
    "QueuedTimeoutInMinutes",
    "SecondaryArtifacts",
    "SecondarySources",
    "ServiceRole",
    "Source",
    "SourceVersion",
    "TimeoutInMinutes",
];

resource_type!(Project {
    properties: &[
        "Artifacts",
        "BadgeEnabled",
        "Cache",
        "ConcurrentBuildLimit",
        "Description",
        "EncryptionKey",
        "Environment",
        "LogsConfig",
        "Name",
        "QueuedTimeoutInMinutes",
        "SecondaryArtifacts",
        "SecondarySources",
        "ServiceRole",
        "Source",
        "SourceVersion",
        "Tags",
        "TimeoutInMinutes",
    ],
    replaced_by: &["Name"],
    attributes: &["Arn"],
    objections: objections,
    create: create,
    update: update,
    delete: delete,
});

fn objections(_old: Option<&Value>, new: &Value) -> Vec<Objection> {
    not_run::members("codebuild", "CreateProject", new, &["BadgeEnabled"])
}

/// The input of `CreateProject` and `UpdateProject`.
fn input(name: &str, properties: &Value, all_tags: &tags::Tags) -> Value {
    let mut input = lower_camel(&Value::Object(pick(properties, SETTINGS)), &[]);
    rename_build_spec(&mut input["source"]);
    if let Some(sources) = input.get_mut("secondarySources").and_then(Value::as_array_mut) {
        sources.iter_mut().for_each(rename_build_spec);
    }
    if input["source"].is_null() {
        input.as_object_mut().map(|input| input.shift_remove("source"));
    }
    let counts = ["concurrentBuildLimit", "gitCloneDepth", "queuedTimeoutInMinutes", "timeoutInMinutes"];
    numbers(&mut input, &counts);
    let truths = [
        "badgeEnabled",
        "encryptionDisabled",
        "fetchSubmodules",
        "insecureSsl",
        "overrideArtifactName",
        "privilegedMode",
        "reportBuildStatus",
    ];
    flags(&mut input, &truths);
    input["name"] = json!(name);
    input["tags"] = Value::Array(tags::small_list(all_tags));
    input
}

/// CloudFormation's `BuildSpec` is `buildspec` to CodeBuild.
fn rename_build_spec(source: &mut Value) {
    if let Some(source) = source.as_object_mut()
        && let Some(spec) = source.shift_remove("buildSpec")
    {
        source.insert("buildspec".to_owned(), spec);
    }
}

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let name = naming::given_or_generated(context, text(properties, "Name"), NAME_LENGTH);
    let input = input(&name, properties, &tags::all(context, properties));
    context.hub.call("codebuild", "CreateProject", input).await?;
    let arn = context.hub.arn("codebuild", &format!("project/{name}"));
    Ok(resource(name, [("Arn", json!(arn))]))
}

async fn update(context: &ResourceContext, current: &Resource, _old: &Value, new: &Value) -> Made {
    let mut input = input(&current.physical_id, new, &tags::all(context, new));
    for (member, nothing) in [
        ("description", json!("")),
        ("sourceVersion", json!("")),
        ("cache", json!({ "type": "NO_CACHE" })),
        ("concurrentBuildLimit", json!(-1)),
        ("encryptionKey", json!(context.hub.arn("kms", "alias/aws/s3"))),
        ("logsConfig", json!({})),
        ("queuedTimeoutInMinutes", json!(480)),
        ("secondaryArtifacts", json!([])),
        ("secondarySources", json!([])),
        ("timeoutInMinutes", json!(60)),
    ] {
        // UpdateProject leaves what it is not given; a template that drops a property means it gone.
        if input.get(member).is_none() {
            input[member] = nothing;
        }
    }
    context.hub.call("codebuild", "UpdateProject", input).await?;
    Ok(current.clone())
}

async fn delete(context: &ResourceContext, current: &Resource, _properties: &Value) -> Removed {
    let input = json!({ "name": current.physical_id });
    gone(context.hub.call("codebuild", "DeleteProject", input).await, &["ResourceNotFoundException"])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Fake, Stage};
    use super::*;

    #[tokio::test]
    async fn a_project_has_the_apis_spelling() {
        let (fake, asked) = Fake::new("codebuild", |_, _| Ok(json!({ "project": {} })));
        let stage = Stage::new(vec![fake]);
        let properties = json!({
            "Name": "build", "ServiceRole": "arn:role", "TimeoutInMinutes": "60",
            "Source": { "Type": "CODEPIPELINE", "BuildSpec": "buildspec.yml" }, "Artifacts": { "Type": "CODEPIPELINE" },
            "Environment": {
                "Type": "ARM_CONTAINER", "Image": "i", "ComputeType": "BUILD_GENERAL1_SMALL",
                "EnvironmentVariables": [{ "Name": "BUILD_PROFILE", "Type": "PLAINTEXT", "Value": "release" }],
            },
            "LogsConfig": { "CloudWatchLogs": { "Status": "ENABLED", "GroupName": "g" } },
        });
        let made = testing::create(&Project, &stage.context("P"), properties).await;
        assert_eq!(made.attributes["Arn"], "arn:aws:codebuild:us-east-1:000000000000:project/build");
        assert_eq!(
            asked.input("CreateProject"),
            json!({
                "name": "build", "serviceRole": "arn:role", "timeoutInMinutes": 60,
                "source": { "type": "CODEPIPELINE", "buildspec": "buildspec.yml" },
                "artifacts": { "type": "CODEPIPELINE" },
                "environment": {
                    "type": "ARM_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL",
                    "environmentVariables": [{ "name": "BUILD_PROFILE", "type": "PLAINTEXT", "value": "release" }],
                },
                "logsConfig": { "cloudWatchLogs": { "status": "ENABLED", "groupName": "g" } },
                "tags": [],
            })
        );
    }
}

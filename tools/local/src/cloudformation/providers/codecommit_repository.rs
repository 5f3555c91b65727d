//! `AWS::CodeCommit::Repository`.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::properties::{answered, changed, gone, required, resource, text};
use super::resource_type::{Made, Removed, resource_type};
use super::tags;
use crate::cloudformation::provider::{Resource, ResourceContext};
use crate::core::ServiceError;

resource_type!(Repository {
    properties: &["Code", "KmsKeyId", "RepositoryDescription", "RepositoryName", "Tags", "Triggers"],
    replaced_by: &[],
    attributes: &["Arn", "CloneUrlHttp", "CloneUrlSsh", "Name"],
    create: create,
    update: update,
    delete: delete,
});

/// The key of a repository that names none.
const MANAGED_KEY: &str = "alias/aws/codecommit";

async fn create(context: &ResourceContext, properties: &Value) -> Made {
    let mut input = json!({ "repositoryName": required(properties, "RepositoryName")? });
    for (property, member) in [("RepositoryDescription", "repositoryDescription"), ("KmsKeyId", "kmsKeyId")] {
        if let Some(value) = text(properties, property) {
            input[member] = json!(value);
        }
    }
    if let Some(input) = input.as_object_mut() {
        tags::insert(input, "tags", Value::Object(tags::map(&tags::all(context, properties))));
    }
    let made = context.hub.call("codecommit", "CreateRepository", input).await?;
    if let Err(error) = complete(context, properties).await {
        let input = json!({ "repositoryName": required(properties, "RepositoryName")? });
        context.hub.call("codecommit", "DeleteRepository", input).await?;
        return Err(error);
    }
    described(&made)
}

/// Puts the parts of a repository beside itself: its first code and its triggers.
async fn complete(context: &ResourceContext, properties: &Value) -> Result<(), ServiceError> {
    if let Some(code) = properties.get("Code").filter(|code| !code.is_null()) {
        seed(context, required(properties, "RepositoryName")?, code).await?;
    }
    match properties.get("Triggers").filter(|triggers| !triggers.is_null()) {
        Some(_) => put_triggers(context, properties).await,
        None => Ok(()),
    }
}

/// The template's triggers, in place of all that there are.
async fn put_triggers(context: &ResourceContext, properties: &Value) -> Result<(), ServiceError> {
    let members = [
        ("Name", "name"),
        ("DestinationArn", "destinationArn"),
        ("CustomData", "customData"),
        ("Branches", "branches"),
        ("Events", "events"),
    ];
    let spelled = |trigger: &Value| {
        let named = |(property, member): &(&str, &str)| Some(((*member).to_owned(), trigger.get(property)?.clone()));
        Value::Object(members.iter().filter_map(named).collect())
    };
    let triggers = properties.get("Triggers").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let triggers: Vec<Value> = triggers.iter().map(spelled).collect();
    let input = json!({ "repositoryName": required(properties, "RepositoryName")?, "triggers": triggers });
    context.hub.call("codecommit", "PutRepositoryTriggers", input).await.map(drop)
}

/// The first commit, from a zip in S3. A later change of `Code` changes nothing, as AWS documents.
async fn seed(context: &ResourceContext, name: &str, code: &Value) -> Result<(), ServiceError> {
    let place = code.get("S3").cloned().unwrap_or_default();
    if text(&place, "ObjectVersion").is_some() {
        return Err(ServiceError::not_implemented("codecommit", "Code with S3.ObjectVersion"));
    }
    let object = context.hub.objects()?.get(required(&place, "Bucket")?, required(&place, "Key")?).await?;
    let branch = text(code, "BranchName").unwrap_or("main");
    let archive = BASE64_STANDARD.encode(&object.body);
    let input = json!({ "repositoryName": name, "branchName": branch, "archive": archive });
    context.hub.open("codecommit", "SeedRepository", input).await.map(drop)
}

async fn update(context: &ResourceContext, current: &Resource, old: &Value, new: &Value) -> Made {
    let (before, name) = (required(old, "RepositoryName")?, required(new, "RepositoryName")?);
    if before != name {
        let input = json!({ "oldName": before, "newName": name });
        context.hub.call("codecommit", "UpdateRepositoryName", input).await?;
    }
    if changed(old, new, &["RepositoryDescription"]) {
        let description = text(new, "RepositoryDescription").unwrap_or_default();
        let input = json!({ "repositoryName": name, "repositoryDescription": description });
        context.hub.call("codecommit", "UpdateRepositoryDescription", input).await?;
    }
    if changed(old, new, &["KmsKeyId"]) {
        let input = json!({ "repositoryName": name, "kmsKeyId": text(new, "KmsKeyId").unwrap_or(MANAGED_KEY) });
        context.hub.call("codecommit", "UpdateRepositoryEncryptionKey", input).await?;
    }
    if changed(old, new, &["Triggers"]) {
        put_triggers(context, new).await?;
    }
    let change = tags::Change::between(old, new);
    let arn = renamed(current, name);
    if !change.removed.is_empty() {
        let input = json!({ "resourceArn": arn, "tagKeys": change.removed });
        context.hub.call("codecommit", "UntagResource", input).await?;
    }
    if !change.set.is_empty() {
        let input = json!({ "resourceArn": arn, "tags": tags::map(&change.set) });
        context.hub.call("codecommit", "TagResource", input).await?;
    }
    described(&context.hub.call("codecommit", "GetRepository", json!({ "repositoryName": name })).await?)
}

/// The repository's ARN, which has its name.
fn renamed(current: &Resource, name: &str) -> String {
    let arn = current.attributes.get("Arn").and_then(Value::as_str).unwrap_or_default();
    arn.rsplit_once(':').map_or_else(String::new, |(before, _)| format!("{before}:{name}"))
}

async fn delete(context: &ResourceContext, _current: &Resource, properties: &Value) -> Removed {
    // Deleting what does not exist is a success to CodeCommit itself.
    let input = json!({ "repositoryName": required(properties, "RepositoryName")? });
    let missing = ["RepositoryDoesNotExistException"];
    gone(context.hub.call("codecommit", "DeleteRepository", input).await, &missing)
}

fn described(reply: &Value) -> Made {
    let at = |member: &str| answered(reply, &format!("/repositoryMetadata/{member}"));
    Ok(resource(
        at("repositoryId")?,
        [
            ("Arn", json!(at("Arn")?)),
            ("CloneUrlHttp", json!(at("cloneUrlHttp")?)),
            // The plane has no SSH; the URL is what AWS's would be.
            ("CloneUrlSsh", json!(at("cloneUrlSsh").unwrap_or_default())),
            ("Name", json!(at("repositoryName")?)),
        ],
    ))
}

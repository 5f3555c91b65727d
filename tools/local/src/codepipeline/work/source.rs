//! Sources: the tip of a branch, or an object, becomes the source artifact.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::super::engine::Outcome;
use super::super::execution::{Failure, Order, Revision};
use super::outcome::{found, refused};
use crate::core::{Caller, Hub, Question, ServiceError, StoredObject};

/// CodeCommit: the tree of the branch's tip, or of the commit that the request named, as a zip.
pub async fn branch(hub: &Hub, caller: &Caller, order: &Order) -> Result<Outcome, Failure> {
    let setting = |member: &str| order.configuration.get(member).cloned().unwrap_or_default();
    let (repository, branch) = (setting("RepositoryName"), setting("BranchName"));
    if setting("OutputArtifactFormat") == "CODEBUILD_CLONE_REF" {
        let message = "OutputArtifactFormat CODEBUILD_CLONE_REF is not run by the local plane".to_owned();
        return Err(Failure { code: "ConfigurationError".to_owned(), message });
    }
    let ask = async |operation: &str, mut input: Value| {
        input["repositoryName"] = json!(repository);
        let what = format!("the branch {branch} of the repository {repository}");
        hub.call_as(caller, "codecommit", operation, input).await.map_err(|error| refused(&what, &error))
    };
    let id = match &order.revision {
        Some(commit) => commit.clone(),
        None => {
            let tip = ask("GetBranch", json!({ "branchName": branch })).await?;
            tip["branch"]["commitId"].as_str().unwrap_or_default().to_owned()
        }
    };
    let commit = ask("GetCommit", json!({ "commitId": id })).await?["commit"].clone();
    let archive = archive(hub, caller, &repository, &id).await;
    let archive =
        archive.map_err(|error| refused(&format!("the commit {id} of the repository {repository}"), &error))?;
    let broken = |error: String| Failure { code: "SystemUnavailable".to_owned(), message: error };
    let body = BASE64_STANDARD.decode(archive["archive"].as_str().unwrap_or_default());
    let body = body.map_err(|error| broken(error.to_string()))?;
    store(hub, caller, order, StoredObject { body: body.into(), ..StoredObject::default() }).await?;
    let message = commit["message"].as_str().unwrap_or_default().trim_end().to_owned();
    let variables = [
        ("RepositoryName", repository),
        ("BranchName", branch),
        ("CommitId", id.clone()),
        ("CommitMessage", message.clone()),
        ("AuthorDate", date(&commit["author"]["date"])),
        ("CommitterDate", date(&commit["committer"]["date"])),
    ];
    Ok(found(revision(order, id, message), &variables))
}

/// The tree of a commit as a zip. On AWS, CodePipeline has CodeCommit upload it to the artifacts' bucket, which only IAM knows by
/// name (`codecommit:UploadArchive`); here the plane reads it when the role may.
async fn archive(hub: &Hub, caller: &Caller, repository: &str, commit: &str) -> Result<Value, ServiceError> {
    if let Some(authority) = hub.authority() {
        let resources = [hub.arn("codecommit", repository)];
        for action in ["codecommit:UploadArchive", "codecommit:GetUploadArchiveStatus"] {
            authority.decide(&Question { caller, action, resources: &resources, context: Vec::new() })?;
        }
    }
    hub.call("codecommit", "GetArchive", json!({ "repositoryName": repository, "commitSpecifier": commit })).await
}

/// S3: a copy of the object.
pub async fn object(hub: &Hub, caller: &Caller, order: &Order) -> Result<Outcome, Failure> {
    let setting = |member: &str| order.configuration.get(member).cloned().unwrap_or_default();
    let (bucket, key) = (setting("S3Bucket"), setting("S3ObjectKey"));
    let what = format!("the object {key} of the bucket {bucket}");
    let objects = hub.objects_as(caller).map_err(|error| refused(&what, &error))?;
    let object = objects.get(&bucket, &key).await.map_err(|error| refused(&what, &error))?;
    store(hub, caller, order, object).await?;
    // The plane's buckets keep no versions, which S3 calls the version `null`.
    let variables = [("BucketName", bucket), ("ObjectKey", key.clone()), ("VersionId", "null".to_owned())];
    Ok(found(revision(order, "null".to_owned(), format!("Amazon S3 version id of {key}")), &variables))
}

async fn store(hub: &Hub, caller: &Caller, order: &Order, object: StoredObject) -> Result<(), Failure> {
    for output in &order.outputs {
        let what = format!("the artifact {} cannot be written to {}", output.name, output.bucket);
        let objects = hub.objects_as(caller).map_err(|error| refused(&what, &error))?;
        let stored = objects.put(&output.bucket, &output.key, object.clone()).await;
        stored.map_err(|error| refused(&what, &error))?;
    }
    Ok(())
}

fn revision(order: &Order, id: String, summary: String) -> Revision {
    let artifact = order.outputs.first().map(|output| output.name.clone()).unwrap_or_default();
    Revision { action: order.action.clone(), artifact, id, summary }
}

/// `1700000000 +0100` as `2023-11-14T22:13:20Z`.
fn date(written: &Value) -> String {
    let seconds = written.as_str().and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or_default();
    jiff::Timestamp::from_second(seconds).map(|time| time.to_string()).unwrap_or_default()
}

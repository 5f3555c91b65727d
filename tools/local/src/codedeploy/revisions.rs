//! Application revisions: AppSpecs as CodeDeploy keeps them.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::core::{Hub, Input, Reply, ServiceError, Timestamp};

use super::catalog::{Catalog, Revision};
use super::names;

/// A `String` revision of this content.
pub(super) fn string_revision(content: &str) -> Value {
    json!({ "revisionType": "String", "string": { "content": content, "sha256": digest(content) } })
}

/// The AppSpec's text and the revision with its digest filled in.
///
/// # Errors
/// `RevisionRequiredException` when there is none, `InvalidRevisionException` when it is of another platform, cannot
/// be read or does not have the digest that it names.
pub(super) async fn resolve(hub: &Hub, revision: Option<&Value>) -> Result<(String, Value), ServiceError> {
    let Some(revision) = revision else {
        return Err(ServiceError::new("RevisionRequiredException", "A revision is required"));
    };
    let member = match revision["revisionType"].as_str() {
        Some("AppSpecContent") => "appSpecContent",
        Some("String") => "string",
        Some("S3") => return from_s3(hub, revision).await,
        _ => return Err(invalid("a Lambda deployment needs a revision of type AppSpecContent, String or S3")),
    };
    let content = revision[member]["content"].as_str().ok_or_else(|| invalid("it has no content"))?.to_owned();
    let sha256 = digest(&content);
    if revision[member]["sha256"].as_str().is_some_and(|given| !given.eq_ignore_ascii_case(&sha256)) {
        return Err(invalid("its content does not have the sha256 that it names"));
    }
    let mut revision = revision.clone();
    revision[member]["sha256"] = json!(sha256);
    Ok((content, revision))
}

async fn from_s3(hub: &Hub, revision: &Value) -> Result<(String, Value), ServiceError> {
    let location = &revision["s3Location"];
    if !matches!(location["bundleType"].as_str(), Some("JSON" | "YAML")) {
        return Err(invalid("an S3 revision of a Lambda deployment must have the bundle type JSON or YAML"));
    }
    let (Some(bucket), Some(key)) = (location["bucket"].as_str(), location["key"].as_str()) else {
        return Err(invalid("an S3 revision needs a bucket and a key"));
    };
    let object = hub
        .objects()?
        .get(bucket, key)
        .await
        .map_err(|error| ServiceError::new("RevisionDoesNotExistException", format!("{bucket}/{key}: {error}")))?;
    let content = String::from_utf8(object.body.to_vec()).map_err(|_| invalid("it is not UTF-8 text"))?;
    Ok((content, revision.clone()))
}

/// Keeps a revision that a deployment uses, or that is registered.
pub(super) fn record(
    catalog: &mut Catalog,
    application: &str,
    location: &Value,
    group: Option<&str>,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let application = catalog.application_mut(application)?;
    let index = match application.revisions.iter().position(|known| same(&known.location, location)) {
        Some(index) => index,
        None => {
            application.revisions.push(Revision {
                location: location.clone(),
                description: None,
                groups: Vec::new(),
                registered: now,
                first_used: None,
                last_used: None,
            });
            application.revisions.len() - 1
        }
    };
    let revision = &mut application.revisions[index];
    if let Some(group) = group {
        revision.first_used.get_or_insert(now);
        revision.last_used = Some(now);
        if !revision.groups.iter().any(|known| known == group) {
            revision.groups.push(group.to_owned());
        }
    }
    Ok(())
}

/// `RegisterApplicationRevision`; the revision is already resolved.
pub(super) fn register(catalog: &mut Catalog, input: &Input, location: &Value, now: Timestamp) -> Reply {
    let application = names::name(input, "applicationName", "ApplicationName")?;
    record(catalog, &application, location, None, now)?;
    let description = input.opt_str("description").map(str::to_owned);
    for revision in &mut catalog.application_mut(&application)?.revisions {
        if same(&revision.location, location) {
            revision.description.clone_from(&description);
        }
    }
    Ok(json!({}))
}

/// `GetApplicationRevision`: the revision may be named by its content or by its digest alone.
pub(super) fn get(catalog: &Catalog, input: &Input) -> Reply {
    let name = names::name(input, "applicationName", "ApplicationName")?;
    let application = catalog.application(&name)?;
    let wanted = input
        .get("revision")
        .ok_or_else(|| ServiceError::new("RevisionRequiredException", "A revision is required"))?;
    let revision =
        application.revisions.iter().find(|known| same(&known.location, wanted)).ok_or_else(|| {
            ServiceError::new("RevisionDoesNotExistException", "The application has no such revision")
        })?;
    Ok(json!({ "applicationName": name, "revision": revision.location, "revisionInfo": info(revision) }))
}

/// `ListApplicationRevisions`.
pub(super) fn list(catalog: &Catalog, input: &Input) -> Reply {
    let name = names::name(input, "applicationName", "ApplicationName")?;
    let mut revisions: Vec<&Revision> = catalog.application(&name)?.revisions.iter().collect();
    match input.opt_str("deployed") {
        Some("include") => revisions.retain(|revision| revision.first_used.is_some()),
        Some("exclude") => revisions.retain(|revision| revision.first_used.is_none()),
        None | Some("ignore") => {}
        Some(_) => {
            let message = "deployed must be include, exclude or ignore";
            return Err(ServiceError::new("InvalidDeployedStateFilterException", message));
        }
    }
    match input.opt_str("sortBy") {
        None | Some("registerTime") => revisions.sort_by_key(|revision| revision.registered),
        Some("firstUsedTime") => revisions.sort_by_key(|revision| revision.first_used),
        Some("lastUsedTime") => revisions.sort_by_key(|revision| revision.last_used),
        Some(_) => return Err(ServiceError::new("InvalidSortByException", "sortBy is not a time of a revision")),
    }
    if input.opt_str("sortOrder") == Some("descending") {
        revisions.reverse();
    }
    let locations = revisions.into_iter().map(|revision| revision.location.clone()).collect();
    let (page, next) = names::page(input, locations, 100)?;
    Ok(json!({ "revisions": page, "nextToken": next }))
}

/// `BatchGetApplicationRevisions`.
pub(super) fn batch_get(catalog: &Catalog, input: &Input) -> Reply {
    let name = names::name(input, "applicationName", "ApplicationName")?;
    let application = catalog.application(&name)?;
    let found: Vec<Value> = input
        .list("revisions")
        .iter()
        .filter_map(|wanted| application.revisions.iter().find(|known| same(&known.location, wanted)))
        .map(|revision| json!({ "revisionLocation": revision.location, "genericRevisionInfo": info(revision) }))
        .collect();
    Ok(json!({ "applicationName": name, "revisions": found }))
}

fn info(revision: &Revision) -> Value {
    json!({
        "description": revision.description,
        "deploymentGroups": revision.groups,
        "firstUsedTime": revision.first_used.map(Timestamp::epoch_seconds),
        "lastUsedTime": revision.last_used.map(Timestamp::epoch_seconds),
        "registerTime": revision.registered.epoch_seconds(),
    })
}

/// Whether two locations name the same revision. Content and digest are the same thing.
fn same(a: &Value, b: &Value) -> bool {
    match (identity(a), identity(b)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

fn identity(location: &Value) -> Option<String> {
    for member in ["string", "appSpecContent"] {
        let inline = &location[member];
        if let Some(content) = inline["content"].as_str() {
            return Some(digest(content));
        }
        if let Some(sha256) = inline["sha256"].as_str() {
            return Some(sha256.to_ascii_lowercase());
        }
    }
    let s3 = &location["s3Location"];
    Some(format!("s3://{}/{}?{}", s3["bucket"].as_str()?, s3["key"].as_str()?, s3["version"].as_str().unwrap_or("")))
}

fn digest(content: &str) -> String {
    hex::encode(Sha256::digest(content.as_bytes()))
}

fn invalid(detail: &str) -> ServiceError {
    ServiceError::new("InvalidRevisionException", format!("The revision is not valid: {detail}"))
}

//! Application revisions: where the content of a deployment is, and when it was used.

use serde_json::{Value, json};

use super::catalog::{Application, Catalog, Revision};
use super::names;
use super::platform::Platform;
use super::service::CodeDeploy;
use super::string_revision::digest;
use crate::core::{Input, Reply, ServiceError, Timestamp};
use crate::operations::Operation;

/// The most revisions that one batch asks for.
const BATCH: usize = 25;

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("RegisterApplicationRevision", "*", |service, request| {
        service.catalog(|catalog| register(catalog, &request.input, service.hub.now()))
    })
    .on("application:{applicationName}"),
    Declared::now("GetApplicationRevision", "*", |service, request| {
        service.catalog(|catalog| get(catalog, &request.input))
    })
    .on("application:{applicationName}"),
    Declared::now("BatchGetApplicationRevisions", "*", |service, request| {
        service.catalog(|catalog| batch_get(catalog, &request.input))
    })
    .on("application:{applicationName}"),
    Declared::now("ListApplicationRevisions", "*", |service, request| {
        service.catalog(|catalog| list(catalog, &request.input))
    })
    .on("application:{applicationName}"),
];

/// The revision that a request names, with the digest of its content filled in.
///
/// # Errors
/// `RevisionRequiredException` when there is none, `InvalidRevisionException` when it is of another platform, says not where
/// it is, or does not have the digest that it names.
pub(super) fn location(platform: Platform, input: &Input) -> Result<Value, ServiceError> {
    let Some(revision) = input.get("revision") else {
        return Err(ServiceError::new("RevisionRequiredException", "RevisionLocation must be specified"));
    };
    match (revision["revisionType"].as_str(), platform) {
        (Some("AppSpecContent"), Platform::Lambda | Platform::Ecs) => inline(revision, "appSpecContent"),
        (Some("String"), Platform::Lambda | Platform::Ecs) => inline(revision, "string"),
        (Some("S3"), _) => s3(platform, revision),
        (Some("GitHub"), Platform::Server) => {
            let named = |member: &str| revision["gitHubLocation"][member].as_str().is_some_and(|text| !text.is_empty());
            if named("repository") && named("commitId") {
                return Ok(revision.clone());
            }
            Err(invalid("GitHubLocation must have a repository and a commit ID"))
        }
        (None, _) => Err(invalid("RevisionType must be specified")),
        (Some(other), _) => {
            Err(invalid(&format!("RevisionType {other} is not supported on the {} platform", platform.as_str())))
        }
    }
}

fn inline(revision: &Value, member: &str) -> Result<Value, ServiceError> {
    let content = revision[member]["content"].as_str().filter(|content| !content.is_empty());
    let sha256 = digest(content.ok_or_else(|| invalid("The revision must have content"))?);
    if revision[member]["sha256"].as_str().is_some_and(|given| !given.eq_ignore_ascii_case(&sha256)) {
        return Err(invalid("The SHA256 of the content is not the one that was specified"));
    }
    let mut revision = revision.clone();
    revision[member]["sha256"] = json!(sha256);
    Ok(revision)
}

fn s3(platform: Platform, revision: &Value) -> Result<Value, ServiceError> {
    let location = &revision["s3Location"];
    let named = |member: &str| location[member].as_str().is_some_and(|text| !text.is_empty());
    if !named("bucket") || !named("key") {
        return Err(invalid("S3Location must have a bucket and a key"));
    }
    match (platform, location["bundleType"].as_str()) {
        (Platform::Server, Some("tar" | "tgz" | "zip")) => Ok(revision.clone()),
        (Platform::Server, _) => Err(invalid("BundleType must be either tar, tgz or zip")),
        (_, Some("YAML" | "JSON")) => Ok(revision.clone()),
        _ => Err(invalid("BundleType must be either YAML or JSON")),
    }
}

/// Keeps a revision that a deployment uses, or that is registered.
pub(super) fn record<'a>(
    application: &'a mut Application,
    location: &Value,
    group: Option<&str>,
    now: Timestamp,
) -> &'a mut Revision {
    let known = application.revisions.iter().position(|known| same(&known.location, location));
    let index = known.unwrap_or_else(|| {
        application.revisions.push(Revision {
            location: location.clone(),
            description: None,
            groups: Vec::new(),
            registered: now,
            first_used: None,
            last_used: None,
        });
        application.revisions.len() - 1
    });
    let revision = &mut application.revisions[index];
    if let Some(group) = group {
        revision.first_used.get_or_insert(now);
        revision.last_used = Some(now);
        if !revision.groups.iter().any(|known| known == group) {
            revision.groups.push(group.to_owned());
        }
    }
    revision
}

fn register(catalog: &mut Catalog, input: &Input, now: Timestamp) -> Reply {
    let application = catalog.application_mut(input.str("applicationName")?)?;
    let location = location(application.platform, input)?;
    let description = names::description(input)?;
    record(application, &location, None, now).description = description;
    Ok(json!({}))
}

/// The revision may be named by its content or by its digest alone.
fn get(catalog: &Catalog, input: &Input) -> Reply {
    let name = input.str("applicationName")?;
    let application = catalog.application(name)?;
    let wanted = input.get("revision").unwrap_or(&Value::Null);
    let revision = application.revisions.iter().find(|known| same(&known.location, wanted)).ok_or_else(|| {
        ServiceError::new("RevisionDoesNotExistException", "The named revision does not exist with the application")
    })?;
    Ok(json!({ "applicationName": name, "revision": revision.location, "revisionInfo": info(revision) }))
}

fn list(catalog: &Catalog, input: &Input) -> Reply {
    let mut revisions: Vec<&Revision> = catalog.application(input.str("applicationName")?)?.revisions.iter().collect();
    match input.opt_str("deployed") {
        Some("include") => revisions.retain(|revision| revision.first_used.is_some()),
        Some("exclude") => revisions.retain(|revision| revision.first_used.is_none()),
        _ => {}
    }
    let (bucket, prefix) = (input.opt_str("s3Bucket"), input.opt_str("s3KeyPrefix"));
    if bucket.is_none() && prefix.is_some() {
        let message = "A bucket name is required with a key prefix, but it was not provided.";
        return Err(ServiceError::new("BucketNameFilterRequiredException", message));
    }
    if let Some(bucket) = bucket {
        revisions.retain(|revision| {
            let s3 = &revision.location["s3Location"];
            let key = s3["key"].as_str().unwrap_or_default();
            s3["bucket"] == bucket && prefix.is_none_or(|prefix| key.starts_with(prefix))
        });
    }
    match input.opt_str("sortBy") {
        Some("firstUsedTime") => revisions.sort_by_key(|revision| revision.first_used),
        Some("lastUsedTime") => revisions.sort_by_key(|revision| revision.last_used),
        _ => revisions.sort_by_key(|revision| revision.registered),
    }
    if input.opt_str("sortOrder") == Some("descending") {
        revisions.reverse();
    }
    let locations = revisions.into_iter().map(|revision| revision.location.clone()).collect();
    let page = names::page_in_order("ListApplicationRevisions", input, locations)?;
    Ok(json!({ "revisions": page.items, "nextToken": page.next }))
}

fn batch_get(catalog: &Catalog, input: &Input) -> Reply {
    let name = input.str("applicationName")?;
    let application = catalog.application(name)?;
    let wanted = input.list("revisions");
    if wanted.is_empty() {
        return Err(ServiceError::new("RevisionRequiredException", "RevisionLocation must be specified"));
    }
    if wanted.len() > BATCH {
        return Err(names::too_many(BATCH));
    }
    let found: Vec<Value> = wanted
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

/// True if two locations name the same revision. Content and digest are the same thing.
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
    let text = |structure: &str, member: &str| location[structure][member].as_str().map(str::to_owned);
    if let (Some(repository), Some(commit)) = (text("gitHubLocation", "repository"), text("gitHubLocation", "commitId"))
    {
        return Some(format!("github:{repository}@{commit}"));
    }
    let (bucket, key) = (text("s3Location", "bucket")?, text("s3Location", "key")?);
    let (version, tag) = (text("s3Location", "version"), text("s3Location", "eTag"));
    Some(format!("s3://{bucket}/{key}?{}#{}", version.unwrap_or_default(), tag.unwrap_or_default()))
}

fn invalid(message: &str) -> ServiceError {
    ServiceError::new("InvalidRevisionException", message)
}

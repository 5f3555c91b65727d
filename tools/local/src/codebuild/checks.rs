//! The refusals of CodeBuild for a project or a build: pure checks of the request.
//!
//! The words are AWS's where they are known: CodeBuild has words of its own for what its model constrains.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::core::{Hub, Input, ServiceError};

/// The sources that the plane can fetch; the others may be kept in a project, but no build of it starts.
const FETCHED: [&str; 4] = ["CODEPIPELINE", "CODECOMMIT", "S3", "NO_SOURCE"];
const SOURCES: [&str; 9] = [
    "CODECOMMIT",
    "CODEPIPELINE",
    "GITHUB",
    "GITLAB",
    "GITLAB_SELF_MANAGED",
    "S3",
    "BITBUCKET",
    "GITHUB_ENTERPRISE",
    "NO_SOURCE",
];
const ENVIRONMENTS: [&str; 12] = [
    "WINDOWS_CONTAINER",
    "LINUX_CONTAINER",
    "LINUX_GPU_CONTAINER",
    "ARM_CONTAINER",
    "WINDOWS_SERVER_2019_CONTAINER",
    "WINDOWS_SERVER_2022_CONTAINER",
    "LINUX_LAMBDA_CONTAINER",
    "ARM_LAMBDA_CONTAINER",
    "LINUX_EC2",
    "ARM_EC2",
    "WINDOWS_EC2",
    "MAC_ARM",
];
const COMPUTE_TYPES: [&str; 12] = [
    "BUILD_GENERAL1_SMALL",
    "BUILD_GENERAL1_MEDIUM",
    "BUILD_GENERAL1_LARGE",
    "BUILD_GENERAL1_XLARGE",
    "BUILD_GENERAL1_2XLARGE",
    "BUILD_LAMBDA_1GB",
    "BUILD_LAMBDA_2GB",
    "BUILD_LAMBDA_4GB",
    "BUILD_LAMBDA_8GB",
    "BUILD_LAMBDA_10GB",
    "ATTRIBUTE_BASED_COMPUTE",
    "CUSTOM_INSTANCE_TYPE",
];

/// The most further sources, their versions, and further artifacts.
const SECONDARY_LIMIT: usize = 12;

/// The most tags of a project.
const TAG_LIMIT: usize = 50;

/// The most names or ids of a batch.
const BATCH_LIMIT: usize = 100;

/// The error of CodeBuild for whatever is wrong with a request.
pub fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidInputException", message)
}

/// The error for a request that AWS would run and the plane does not.
pub fn not_run(what: &str) -> ServiceError {
    ServiceError::not_implemented("codebuild", &format!("StartBuild with {what}"))
}

/// The names or ids of a batch.
///
/// # Errors
/// `InvalidInputException` when there is none, or more than a hundred.
pub fn batch(input: &Input, member: &str) -> Result<Vec<String>, ServiceError> {
    let given = input.strings(member);
    if (1..=BATCH_LIMIT).contains(&given.len()) {
        return Ok(given);
    }
    Err(invalid(format!("Invalid input: {member} must have between 1 and {BATCH_LIMIT} items")))
}

/// Checks a whole project.
///
/// # Errors
/// `InvalidInputException`.
pub fn project(members: &Input, hub: &Hub) -> Result<(), ServiceError> {
    name(members.opt_str("name").unwrap_or_default())?;
    if members.opt_str("description").is_some_and(|text| text.chars().count() > 255) {
        return Err(invalid("Invalid input: description must be at most 255 characters long"));
    }
    let (given, made) = (members.object("source"), members.object("artifacts"));
    source(&given)?;
    artifacts(&made)?;
    pipeline_on_both_sides(&given, &made)?;
    secondary_sources(members.list("secondarySources"), members.list("secondarySourceVersions"))?;
    secondary_artifacts(members.list("secondaryArtifacts"))?;
    environment(&members.object("environment"))?;
    service_role(members.opt_str("serviceRole").unwrap_or_default(), hub)?;
    minutes(members, "timeoutInMinutes", 2160)?;
    minutes(members, "queuedTimeoutInMinutes", 480)?;
    cache(&members.object("cache"))?;
    tags(members.list("tags"))?;
    match members.opt_i64("concurrentBuildLimit") {
        Some(limit) if limit < 1 => Err(invalid("Invalid input: concurrentBuildLimit must be greater than 0")),
        _ => Ok(()),
    }
}

/// Checks a name, which also keeps the project's directory inside the service's own.
fn name(name: &str) -> Result<(), ServiceError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.chars().all(allowed) || name.starts_with(['-', '_']) {
        return Err(invalid("Only alphanumeric characters, dash, and underscore are supported"));
    }
    if !(2..=150).contains(&name.len()) {
        return Err(invalid("Invalid project name: the length must be between 2 and 150 characters"));
    }
    Ok(())
}

/// Checks a source.
///
/// # Errors
/// `InvalidInputException`.
pub fn source(source: &Input) -> Result<(), ServiceError> {
    let kind = source.opt_str("type").unwrap_or_default();
    if !SOURCES.contains(&kind) {
        return Err(invalid("Invalid type provided: Project source type"));
    }
    let located = source.opt_str("location").is_some_and(|location| !location.is_empty());
    if !located && !matches!(kind, "CODEPIPELINE" | "NO_SOURCE") {
        return Err(invalid("Project source location is required"));
    }
    let specified = source.opt_str("buildspec").is_some_and(|text| !text.trim().is_empty());
    if kind == "NO_SOURCE" && !specified {
        return Err(invalid("Invalid project source: a buildspec is required for source type NO_SOURCE"));
    }
    Ok(())
}

/// Checks that the plane can fetch such a source.
///
/// # Errors
/// `NotImplemented`, naming the type.
pub fn fetchable(kind: &str) -> Result<(), ServiceError> {
    if FETCHED.contains(&kind) { Ok(()) } else { Err(not_run(&format!("a source of type {kind}"))) }
}

/// Checks where an artifact goes.
///
/// # Errors
/// `InvalidInputException`.
pub fn artifacts(artifacts: &Input) -> Result<(), ServiceError> {
    let filled = |member: &&&str| artifacts.opt_str(member).is_some_and(|text| !text.is_empty());
    match artifacts.opt_str("type") {
        Some("NO_ARTIFACTS") => {
            let members = ["location", "path", "namespaceType", "name", "packaging"];
            match members.iter().find(filled) {
                Some(member) => {
                    Err(invalid(format!("Invalid artifacts: artifact type NO_ARTIFACTS should have null {member}")))
                }
                None => Ok(()),
            }
        }
        Some("S3") if !filled(&&"location") => Err(invalid("Invalid artifacts: location is required for type S3")),
        Some("S3") => {
            if artifacts.opt_str("namespaceType").is_some_and(|kind| !matches!(kind, "NONE" | "BUILD_ID")) {
                return Err(invalid("Invalid type provided: Artifact namespace type"));
            }
            if artifacts.opt_str("packaging").is_some_and(|kind| !matches!(kind, "NONE" | "ZIP")) {
                return Err(invalid("Invalid type provided: Artifact packaging"));
            }
            Ok(())
        }
        Some("CODEPIPELINE") => Ok(()),
        _ => Err(invalid("Invalid type provided: Artifact type")),
    }
}

/// A pipeline hands over the source and takes the artifacts, or does neither.
fn pipeline_on_both_sides(source: &Input, artifacts: &Input) -> Result<(), ServiceError> {
    let of_pipeline = |side: &Input| side.opt_str("type") == Some("CODEPIPELINE");
    if of_pipeline(source) == of_pipeline(artifacts) {
        return Ok(());
    }
    Err(invalid("Invalid input: source and artifacts must both be of type CODEPIPELINE, or neither"))
}

fn secondary_sources(sources: &[Value], versions: &[Value]) -> Result<(), ServiceError> {
    if sources.len() > SECONDARY_LIMIT || versions.len() > SECONDARY_LIMIT {
        return Err(invalid(format!("Invalid input: a project has at most {SECONDARY_LIMIT} secondary sources")));
    }
    for given in sources {
        source(&Input::from(given.clone()))?;
    }
    let known = identifiers(sources, "sourceIdentifier")?;
    match identifiers(versions, "sourceIdentifier")?.into_iter().find(|version| !known.contains(version)) {
        Some(unknown) => Err(invalid(format!("Invalid input: there is no secondary source {unknown}"))),
        None => Ok(()),
    }
}

fn secondary_artifacts(given: &[Value]) -> Result<(), ServiceError> {
    if given.len() > SECONDARY_LIMIT {
        return Err(invalid(format!("Invalid input: a project has at most {SECONDARY_LIMIT} secondary artifacts")));
    }
    for one in given {
        if one["type"] != "S3" {
            return Err(invalid("Invalid artifacts: secondary artifacts must be of type S3"));
        }
        artifacts(&Input::from(one.clone()))?;
    }
    identifiers(given, "artifactIdentifier").map(drop)
}

/// Identifiers, of which each one is there once.
fn identifiers<'a>(given: &'a [Value], member: &str) -> Result<BTreeSet<&'a str>, ServiceError> {
    let mut seen = BTreeSet::new();
    for one in given {
        let identifier = one[member].as_str().unwrap_or_default();
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if identifier.is_empty() || identifier.len() > 128 || !identifier.chars().all(allowed) {
            return Err(invalid(format!(
                "Invalid input: {member} must contain only alphanumeric characters and underscores and be less than \
                 128 characters in length"
            )));
        }
        if !seen.insert(identifier) {
            return Err(invalid(format!("Invalid input: {member} {identifier} is not unique")));
        }
    }
    Ok(seen)
}

/// Checks an environment.
///
/// # Errors
/// `InvalidInputException`.
pub fn environment(environment: &Input) -> Result<(), ServiceError> {
    let kind = environment.opt_str("type").unwrap_or_default();
    if !ENVIRONMENTS.contains(&kind) {
        return Err(invalid(format!("Invalid type provided: {kind}")));
    }
    let compute = environment.opt_str("computeType").unwrap_or_default();
    let of_lambda = |name: &str| name.contains("_LAMBDA_");
    if !COMPUTE_TYPES.contains(&compute) || of_lambda(kind) != of_lambda(compute) {
        return Err(invalid(format!("Invalid compute type provided: {compute}")));
    }
    if environment.opt_str("image").unwrap_or_default().is_empty() {
        return Err(invalid("Invalid input: environment image is required"));
    }
    variables(environment.list("environmentVariables"))
}

/// Checks variables of an environment.
///
/// # Errors
/// `InvalidInputException`.
pub fn variables(given: &[Value]) -> Result<(), ServiceError> {
    for variable in given {
        let (name, kind) = (&variable["name"], &variable["type"]);
        if name.as_str().unwrap_or_default().is_empty() {
            return Err(invalid("Invalid input: environment variable name is required"));
        }
        let known = ["PLAINTEXT", "PARAMETER_STORE", "SECRETS_MANAGER"];
        if !kind.is_null() && !kind.as_str().is_some_and(|kind| known.contains(&kind)) {
            return Err(invalid(format!("Invalid type provided: {}", kind.as_str().unwrap_or_default())));
        }
    }
    Ok(())
}

/// Checks that the plane can stand in for such a machine.
///
/// # Errors
/// `NotImplemented`, naming the type.
pub fn runnable(environment: &Input) -> Result<(), ServiceError> {
    let kind = environment.opt_str("type").unwrap_or_default();
    if kind.starts_with("WINDOWS") || kind == "MAC_ARM" {
        return Err(not_run(&format!("an environment of type {kind}")));
    }
    Ok(())
}

/// Checks the form of a service role's ARN and that it is one of this account.
///
/// # Errors
/// `InvalidInputException`.
pub fn service_role(arn: &str, hub: &Hub) -> Result<(), ServiceError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts[..] else {
        return Err(invalid("Invalid service role"));
    };
    let named = resource.strip_prefix("role/").is_some_and(|path| !path.is_empty() && !path.ends_with('/'));
    let numbered = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
    if !partition.starts_with("aws") || !named || !numbered {
        return Err(invalid("Invalid service role"));
    }
    if account != hub.identity.account {
        return Err(invalid("Invalid service role: Service role account ID does not match caller's account"));
    }
    Ok(())
}

/// Checks a time limit.
///
/// # Errors
/// `InvalidInputException`.
pub fn minutes(members: &Input, member: &str, most: i64) -> Result<(), ServiceError> {
    match members.opt_i64(member) {
        Some(given) if !(5..=most).contains(&given) => {
            Err(invalid(format!("Invalid input: {member} must be between 5 and {most}")))
        }
        _ => Ok(()),
    }
}

/// Checks a cache.
///
/// # Errors
/// `InvalidInputException`.
pub fn cache(cache: &Input) -> Result<(), ServiceError> {
    let modes = cache.strings("modes");
    let known = ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE"];
    match cache.opt_str("type") {
        Some("NO_CACHE") => Ok(()),
        Some("S3") if cache.opt_str("location").unwrap_or_default().is_empty() => {
            Err(invalid("Invalid cache: location is a required field for cache type S3"))
        }
        Some("S3") => Ok(()),
        Some("LOCAL") if modes.is_empty() => {
            Err(invalid("Invalid cache: modes is a required field for cache type LOCAL"))
        }
        Some("LOCAL") if modes.iter().any(|mode| !known.contains(&mode.as_str())) => {
            Err(invalid("Invalid cache: unknown mode"))
        }
        Some("LOCAL") => Ok(()),
        _ => Err(invalid("Invalid type provided: Cache type")),
    }
}

fn tags(tags: &[Value]) -> Result<(), ServiceError> {
    if tags.len() > TAG_LIMIT {
        return Err(invalid(format!("Invalid input: a project has at most {TAG_LIMIT} tags")));
    }
    let mut seen = BTreeSet::new();
    for tag in tags {
        let key = tag["key"].as_str().unwrap_or_default();
        if key.is_empty() || key.chars().count() > 127 || key.starts_with("aws:") {
            return Err(invalid(format!("Invalid input: {key} is no key of a tag")));
        }
        if tag["value"].as_str().unwrap_or_default().chars().count() > 255 {
            return Err(invalid(format!("Invalid input: the value of the tag {key} is too long")));
        }
        if !seen.insert(key) {
            return Err(invalid(format!("Invalid input: the tag {key} is not unique")));
        }
    }
    Ok(())
}

//! Build projects: what is stored, checked and shown.

use serde_json::{Map, Value, json};

use crate::core::{Hub, Input, ServiceError, Timestamp};

/// The members of a project that clients set.
const MEMBERS: [&str; 19] = [
    "name",
    "description",
    "source",
    "secondarySources",
    "sourceVersion",
    "secondarySourceVersions",
    "artifacts",
    "secondaryArtifacts",
    "cache",
    "environment",
    "serviceRole",
    "timeoutInMinutes",
    "queuedTimeoutInMinutes",
    "encryptionKey",
    "tags",
    "logsConfig",
    "concurrentBuildLimit",
    "autoRetryLimit",
    "badgeEnabled",
];

/// Members whose work the plane does not do.
const REFUSED: [&str; 3] = ["vpcConfig", "fileSystemLocations", "buildBatchConfig"];

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    members: Map<String, Value>,
    created: Timestamp,
    modified: Timestamp,
    /// How many builds it has had: the last one's `buildNumber`.
    pub builds: u64,
}

impl Project {
    /// A project from `CreateProject`'s input.
    ///
    /// # Errors
    /// What is missing, or not run by the plane.
    pub fn create(input: &Input, now: Timestamp) -> Result<Self, ServiceError> {
        let mut project = Self { members: Map::new(), created: now, modified: now, builds: 0 };
        project.members.insert("timeoutInMinutes".to_owned(), json!(60));
        project.members.insert("queuedTimeoutInMinutes".to_owned(), json!(480));
        project.members.insert("cache".to_owned(), json!({ "type": "NO_CACHE" }));
        for required in ["name", "source", "artifacts", "environment", "serviceRole"] {
            if input.get(required).is_none() {
                return Err(invalid(format!("{required} is required")));
            }
        }
        project.update(input, now)?;
        Ok(project)
    }

    /// Sets the members that came.
    ///
    /// # Errors
    /// What is not valid, or not run by the plane; nothing is changed then.
    pub fn update(&mut self, input: &Input, now: Timestamp) -> Result<(), ServiceError> {
        if let Some(refused) = REFUSED.iter().find(|member| input.get(member).is_some_and(has_content)) {
            return Err(invalid(format!("{refused} is not supported by the local plane")));
        }
        let mut members = self.members.clone();
        for member in MEMBERS {
            if let Some(value) = input.get(member) {
                members.insert(member.to_owned(), value.clone());
            }
        }
        check(&Input::from(Value::Object(members.clone())))?;
        (self.members, self.modified) = (members, now);
        Ok(())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.members.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Its members, to read from.
    pub fn input(&self) -> Input {
        Input::from(Value::Object(self.members.clone()))
    }

    /// `project` of the API.
    pub fn describe(&self, hub: &Hub) -> Value {
        let mut shown = self.members.clone();
        shown.insert("arn".to_owned(), json!(hub.arn("codebuild", &format!("project/{}", self.name()))));
        shown.insert("created".to_owned(), json!(self.created.epoch_seconds()));
        shown.insert("lastModified".to_owned(), json!(self.modified.epoch_seconds()));
        shown.insert("badge".to_owned(), json!({ "badgeEnabled": false }));
        shown.remove("badgeEnabled");
        Value::Object(shown)
    }
}

/// The error of CodeBuild for whatever is wrong with a request.
pub fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidInputException", message)
}

fn has_content(value: &Value) -> bool {
    match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

fn check(members: &Input) -> Result<(), ServiceError> {
    let name = members.opt_str("name").unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    // Also keeps the project's directory inside the service's own.
    if name.len() < 2 || name.len() > 150 || !name.chars().all(allowed) || name.starts_with(['-', '_']) {
        return Err(invalid(format!("{name} is no project name: 2 to 150 letters, digits, '-' and '_'")));
    }
    check_source_type(members.object("source").opt_str("type").unwrap_or_default())?;
    let artifacts = members.object("artifacts");
    if !matches!(artifacts.opt_str("type"), Some("CODEPIPELINE" | "S3" | "NO_ARTIFACTS")) {
        return Err(invalid("artifacts.type must be CODEPIPELINE, S3 or NO_ARTIFACTS"));
    }
    if artifacts.opt_str("type") == Some("S3") && artifacts.opt_str("location").is_none() {
        return Err(invalid("artifacts.location, a bucket, is required for artifacts of type S3"));
    }
    if let Some(minutes) = members.opt_i64("timeoutInMinutes")
        && !(5..=2160).contains(&minutes)
    {
        return Err(invalid("timeoutInMinutes must be between 5 and 2160"));
    }
    Ok(())
}

/// Whether the plane can fetch such a source.
///
/// # Errors
/// When it cannot: naming the type.
pub fn check_source_type(kind: &str) -> Result<(), ServiceError> {
    if matches!(kind, "CODEPIPELINE" | "CODECOMMIT" | "S3" | "NO_SOURCE") {
        return Ok(());
    }
    Err(invalid(format!(
        "the local plane cannot fetch a source of type {kind}, only CODEPIPELINE, CODECOMMIT, S3 and NO_SOURCE"
    )))
}

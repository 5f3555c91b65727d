//! Build projects, as they are stored and shown. [`super::checks`] says which may be stored.

use serde_json::{Map, Value, json};

use crate::core::{Hub, Input, ServiceError, Timestamp};

use super::checks;

/// The members of a project that clients set and the plane honours or shows.
const MEMBERS: [&str; 17] = [
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
];

/// A project: the members of its request, its times and the count of its builds.
#[derive(Clone, Debug)]
pub struct Project {
    members: Map<String, Value>,
    /// The time of its creation.
    pub created: Timestamp,
    /// The time of its last change.
    pub modified: Timestamp,
    /// The number of builds that it has had: the last one's `buildNumber`.
    pub builds: u64,
    /// True if the next build begins without the cache of the one before.
    pub cache_is_invalid: bool,
}

impl Project {
    /// A project from `CreateProject`'s input.
    ///
    /// # Errors
    /// Fails on a member that is missing or wrong, or that the plane does not run.
    pub fn create(input: &Input, hub: &Hub) -> Result<Self, ServiceError> {
        let now = hub.now();
        let mut project = Self { members: Map::new(), created: now, modified: now, builds: 0, cache_is_invalid: false };
        project.members.insert("timeoutInMinutes".to_owned(), json!(60));
        project.members.insert("queuedTimeoutInMinutes".to_owned(), json!(480));
        project.members.insert("cache".to_owned(), json!({ "type": "NO_CACHE" }));
        project.members.insert("encryptionKey".to_owned(), json!(hub.arn("kms", "alias/aws/s3")));
        project.members.insert("tags".to_owned(), json!([]));
        for required in ["name", "source", "artifacts", "environment", "serviceRole"] {
            if input.get(required).is_none() {
                return Err(checks::invalid(format!("Invalid input: {required} is required")));
            }
        }
        project.set(input, hub)?;
        Ok(project)
    }

    /// Sets the members that came; a `concurrentBuildLimit` of -1 takes the limit away.
    ///
    /// # Errors
    /// Fails on a member that is wrong, or that the plane does not run; nothing is changed then.
    pub fn update(&mut self, input: &Input, hub: &Hub) -> Result<(), ServiceError> {
        if input.opt_i64("concurrentBuildLimit") != Some(-1) {
            return self.set(input, hub);
        }
        let mut rest = input.clone().into_value();
        rest.as_object_mut().map(|members| members.shift_remove("concurrentBuildLimit"));
        self.set(&rest.into(), hub)?;
        self.members.shift_remove("concurrentBuildLimit");
        Ok(())
    }

    fn set(&mut self, input: &Input, hub: &Hub) -> Result<(), ServiceError> {
        let mut members = self.members.clone();
        for member in MEMBERS {
            if let Some(value) = input.get(member) {
                members.insert(member.to_owned(), value.clone());
            }
        }
        checks::project(&Input::from(Value::Object(members.clone())), hub)?;
        (self.members, self.modified) = (members, hub.now());
        Ok(())
    }

    /// Its name, unique in the account and region.
    pub fn name(&self) -> &str {
        self.members.get("name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Its members, to read from.
    pub fn input(&self) -> Input {
        Input::from(Value::Object(self.members.clone()))
    }

    /// `project` of the API, with the defaults that AWS fills in.
    pub fn describe(&self, hub: &Hub) -> Value {
        let mut shown = self.members.clone();
        shown.insert("arn".to_owned(), json!(hub.arn("codebuild", &format!("project/{}", self.name()))));
        shown.insert("created".to_owned(), json!(self.created.epoch_seconds()));
        shown.insert("lastModified".to_owned(), json!(self.modified.epoch_seconds()));
        shown.insert("badge".to_owned(), json!({ "badgeEnabled": false }));
        shown.insert("projectVisibility".to_owned(), json!("PRIVATE"));
        if shown.get("sourceVersion") == Some(&json!("")) {
            shown.remove("sourceVersion");
        }
        fill(&mut shown, "source", with_source_defaults);
        fill(&mut shown, "environment", with_environment_defaults);
        let name = self.name().to_owned();
        fill(&mut shown, "artifacts", |artifacts| with_artifacts_defaults(artifacts, &name));
        Value::Object(shown)
    }
}

fn fill(shown: &mut Map<String, Value>, member: &str, with_defaults: impl FnOnce(Value) -> Value) {
    if let Some(value) = shown.remove(member) {
        shown.insert(member.to_owned(), with_defaults(value));
    }
}

fn with_defaults(mut value: Value, defaults: Value) -> Value {
    if let (Some(members), Value::Object(defaults)) = (value.as_object_mut(), defaults) {
        for (member, default) in defaults {
            members.entry(member).or_insert(default);
        }
    }
    value
}

/// A source as AWS shows it.
pub fn with_source_defaults(source: Value) -> Value {
    with_defaults(source, json!({ "insecureSsl": false }))
}

/// An environment as AWS shows it.
pub fn with_environment_defaults(environment: Value) -> Value {
    let mut shown = with_defaults(
        environment,
        json!({ "environmentVariables": [], "privilegedMode": false, "imagePullCredentialsType": "CODEBUILD" }),
    );
    for variable in shown["environmentVariables"].as_array_mut().into_iter().flatten() {
        *variable = with_defaults(variable.take(), json!({ "type": "PLAINTEXT" }));
    }
    shown
}

fn with_artifacts_defaults(artifacts: Value, project: &str) -> Value {
    match artifacts["type"].as_str() {
        Some("S3") => with_defaults(
            artifacts,
            json!({
                "namespaceType": "NONE", "packaging": "NONE", "name": project, "overrideArtifactName": false,
                "encryptionDisabled": false,
            }),
        ),
        Some("CODEPIPELINE") => {
            with_defaults(artifacts, json!({ "name": project, "packaging": "NONE", "encryptionDisabled": false }))
        }
        _ => artifacts,
    }
}

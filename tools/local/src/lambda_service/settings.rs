//! A function's settings: everything that a version freezes besides its code.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::{constraint, invalid, not_run};
use crate::core::{Arn, Input, ServiceError};

/// Variables that Lambda sets itself and refuses to take.
const RESERVED: [&str; 17] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// The log group of a function, and the format of its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Logging {
    /// True if the format is `JSON`, false if it is `Text`.
    pub(super) json: bool,
    pub(super) application_level: Option<String>,
    pub(super) system_level: Option<String>,
    pub(super) group: String,
}

/// The settings of one version. Limits are those of the Lambda quotas page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) runtime: String,
    pub(super) role: String,
    pub(super) handler: String,
    pub(super) description: String,
    /// The timeout, in seconds of real time.
    pub(super) timeout: u64,
    /// The memory, in megabytes.
    pub(super) memory: u64,
    /// None where none was ever given: then none is shown.
    pub(super) environment: Option<BTreeMap<String, String>>,
    pub(super) architectures: Vec<String>,
    pub(super) ephemeral_storage: u64,
    pub(super) tracing: String,
    pub(super) dead_letter: Option<String>,
    pub(super) logging: Logging,
}

impl Settings {
    /// The settings of a new function.
    pub(super) fn create(name: &str, input: &Input) -> Result<Self, ServiceError> {
        let mut settings = Self {
            runtime: String::new(),
            role: String::new(),
            handler: String::new(),
            description: String::new(),
            timeout: 3,
            memory: 128,
            environment: None,
            architectures: vec!["x86_64".to_owned()],
            ephemeral_storage: 512,
            tracing: "PassThrough".to_owned(),
            dead_letter: None,
            logging: Logging {
                json: false,
                application_level: None,
                system_level: None,
                group: format!("/aws/lambda/{name}"),
            },
        };
        settings.apply(input)?;
        if settings.runtime.is_empty() || settings.handler.is_empty() {
            return Err(invalid(
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
            ));
        }
        Ok(settings)
    }

    /// Takes over the members that came.
    pub(super) fn apply(&mut self, input: &Input) -> Result<(), ServiceError> {
        if let Some(runtime) = input.opt_str("Runtime") {
            self.runtime = supported_runtime(runtime)?;
        }
        if let Some(role) = input.opt_str("Role") {
            self.role = role.to_owned();
        }
        for (member, slot) in [("Handler", &mut self.handler), ("Description", &mut self.description)] {
            if let Some(text) = input.opt_str(member) {
                slot.clear();
                slot.push_str(text);
            }
        }
        // The model's bounds are wider: they hold for what functions of other kinds may have.
        number(input, "Timeout", 900, &mut self.timeout)?;
        number(input, "MemorySize", 10_240, &mut self.memory)?;
        number(&input.object("EphemeralStorage"), "Size", 10_240, &mut self.ephemeral_storage)?;
        if input.get("Environment").is_some() {
            self.environment = Some(variables(&input.object("Environment"))?);
        }
        // The plane runs whatever the machine can run: the architecture is kept and reported, not enforced.
        if input.get("Architectures").is_some() {
            self.architectures = input.strings("Architectures");
        }
        if let Some(mode) = input.object("TracingConfig").opt_str("Mode") {
            mode.clone_into(&mut self.tracing);
        }
        if input.get("DeadLetterConfig").is_some() {
            self.dead_letter = dead_letter(&input.object("DeadLetterConfig"))?;
        }
        if input.get("LoggingConfig").is_some() {
            self.logging.apply(&input.object("LoggingConfig"))?;
        }
        Ok(())
    }

    /// The members of a `FunctionConfiguration` that are settings.
    pub(super) fn describe(&self) -> Value {
        let mut described = json!({
            "Runtime": self.runtime,
            "Role": self.role,
            "Handler": self.handler,
            "Description": self.description,
            "Timeout": self.timeout,
            "MemorySize": self.memory,
            "TracingConfig": { "Mode": self.tracing },
            "PackageType": "Zip",
            "Architectures": self.architectures,
            "EphemeralStorage": { "Size": self.ephemeral_storage },
            "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
            "LoggingConfig": self.logging.describe(),
        });
        if let Some(variables) = &self.environment {
            described["Environment"] = json!({ "Variables": variables });
        }
        if let Some(target) = &self.dead_letter {
            described["DeadLetterConfig"] = json!({ "TargetArn": target });
        }
        described
    }
}

impl Logging {
    fn apply(&mut self, input: &Input) -> Result<(), ServiceError> {
        match input.opt_str("LogFormat") {
            Some("JSON") => self.json = true,
            Some("Text") => {
                *self = Self { json: false, application_level: None, system_level: None, group: self.group.clone() };
            }
            _ => {}
        }
        for (member, slot) in
            [("ApplicationLogLevel", &mut self.application_level), ("SystemLogLevel", &mut self.system_level)]
        {
            if let Some(level) = input.opt_str(member) {
                *slot = Some(level.to_owned());
            }
        }
        if !self.json && (self.application_level.is_some() || self.system_level.is_some()) {
            return Err(invalid(
                "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the LogFormat to \"JSON\" and try again.",
            ));
        }
        if let Some(group) = input.opt_str("LogGroup") {
            group.clone_into(&mut self.group);
        }
        Ok(())
    }

    fn describe(&self) -> Value {
        let mut described = json!({ "LogFormat": if self.json { "JSON" } else { "Text" }, "LogGroup": self.group });
        if self.json {
            described["ApplicationLogLevel"] = self.application_level.as_deref().unwrap_or("INFO").into();
            described["SystemLogLevel"] = self.system_level.as_deref().unwrap_or("INFO").into();
        }
        described
    }
}

/// Runtimes for which AWS creates and updates nothing any more, of those that the model still has.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-deprecated>
const DEPRECATED: [&str; 20] = [
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "java8",
    "python2.7",
    "python3.6",
    "python3.7",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "provided",
];

/// The runtimes that functions can have, as AWS lists them when it knows none of the name.
const KNOWN: &str = "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2";

/// Runtimes that the model has and that list does not have yet.
const NEWER: [&str; 6] = ["nodejs26.x", "python3.15", "ruby4.0", "java8.al2023", "java11.al2023", "java17.al2023"];

fn supported_runtime(runtime: &str) -> Result<String, ServiceError> {
    match runtime {
        "provided.al2" | "provided.al2023" => Ok(runtime.to_owned()),
        old if DEPRECATED.contains(&old) => Err(invalid(format!(
            "The runtime parameter of {old} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions."
        ))),
        known if KNOWN.split(", ").chain(NEWER).any(|name| name == known) => {
            Err(not_run(&format!("the runtime {known} (only provided.al2 and provided.al2023)")))
        }
        other => Err(invalid(format!(
            "Value {other} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{KNOWN}] or be a valid ARN"
        ))),
    }
}

fn number(input: &Input, member: &str, most: u64, slot: &mut u64) -> Result<(), ServiceError> {
    let Some(value) = input.opt_i64(member).and_then(|number| u64::try_from(number).ok()) else { return Ok(()) };
    if value > most {
        let rule = format!("Member must have value less than or equal to {most}");
        let path = format!("{}{}", member[..1].to_ascii_lowercase(), &member[1..]);
        return Err(constraint(&value.to_string(), &path, &rule));
    }
    *slot = value;
    Ok(())
}

fn variables(environment: &Input) -> Result<BTreeMap<String, String>, ServiceError> {
    let given = environment.get("Variables").and_then(Value::as_object);
    let mut variables = BTreeMap::new();
    for (key, value) in given.into_iter().flatten() {
        let text = value.as_str().unwrap_or_default();
        if RESERVED.contains(&key.as_str()) {
            return Err(invalid(format!(
                "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {key}"
            )));
        }
        variables.insert(key.clone(), text.to_owned());
    }
    // AWS measures the variables as one JSON text.
    let measured = json!(variables).to_string();
    if measured.len() > 4096 {
        return Err(invalid(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(variables)
}

fn dead_letter(input: &Input) -> Result<Option<String>, ServiceError> {
    match input.opt_str("TargetArn") {
        None | Some("") => Ok(None),
        Some(arn) if Arn::parse(arn).is_some_and(|arn| arn.service == "sns") => Ok(Some(arn.to_owned())),
        Some(arn) => Err(not_run(&format!("the dead-letter queue {arn} (only SNS topics)"))),
    }
}

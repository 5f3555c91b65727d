//! Lambda behind the ports of hooks, and of whoever looks for one.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture, InvocationType, LogType};
use serde_json::Value;

use super::translate;
use crate::call::CallError;
use crate::hook::{Answer, Configuration, HookFunction, HookLimits, InvokeVersion, ReadConfiguration, ReadHook};
use crate::identity::{FunctionName, FunctionVersion};

/// Lambda over its SDK client.
#[derive(Debug, Clone)]
pub struct AwsFunctions {
    client: Client,
}

impl AwsFunctions {
    /// Over a client of [`super::lambda()`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Invokes a function by its name or ARN, with the version or alias of it, and waits for the answer.
    ///
    /// # Errors
    /// Fails if Lambda does not answer, or refuses. A function that fails answers.
    pub async fn invoke(&self, function: &str, qualifier: Option<&str>, event: &Value) -> Result<Answer, CallError> {
        let request = self
            .client
            .invoke()
            .function_name(function)
            .set_qualifier(qualifier.map(str::to_owned))
            .invocation_type(InvocationType::RequestResponse)
            .log_type(LogType::Tail)
            .payload(Blob::new(event.to_string()));
        let output = request.send().await.map_err(|error| translate("Invoke", error))?;
        Ok(Answer {
            payload: output.payload.map(Blob::into_inner).unwrap_or_default(),
            function_error: output.function_error,
            executed_version: output.executed_version,
            log_tail: output.log_result.map(|tail| decoded(&tail)).unwrap_or_default(),
        })
    }
}

impl InvokeVersion for AwsFunctions {
    async fn invoke_version(
        &self,
        function: &FunctionName,
        version: &FunctionVersion,
        event: &Value,
    ) -> Result<Answer, CallError> {
        self.invoke(function.as_str(), Some(version.as_str()), event).await
    }
}

/// A log is text; what of it is not is replaced.
fn decoded(tail: &str) -> String {
    let bytes = aws_smithy_types::base64::decode(tail).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

impl ReadConfiguration for AwsFunctions {
    async fn read_configuration(
        &self,
        function: &FunctionName,
        version: &FunctionVersion,
    ) -> Result<Configuration, CallError> {
        let request = self.client.get_function_configuration().function_name(function.as_str());
        let read = request.qualifier(version.as_str()).send().await;
        let read = read.map_err(|error| translate("GetFunctionConfiguration", error))?;
        let architectures = read.architectures.unwrap_or_default();
        let architectures: Vec<&str> = architectures.iter().map(Architecture::as_str).collect();
        Ok(Configuration {
            memory: read.memory_size.map(|size| format!("{size} MB")),
            timeout: read.timeout.map(|seconds| format!("{seconds} s")),
            runtime: read.runtime.map(|runtime| runtime.as_str().to_owned()),
            architecture: Some(architectures.join(", ")).filter(|text| !text.is_empty()),
            variables: read.environment.and_then(|all| all.variables).unwrap_or_default().into_keys().collect(),
            log_group: read.logging_config.and_then(|config| config.log_group),
        })
    }
}

/// What Lambda does with events of a function that has no settings for them
/// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>).
const USUAL_RETRIES: u32 = 2;
const USUAL_AGE: Duration = Duration::from_secs(6 * 60 * 60);
/// The longest that a function may run.
const LONGEST: Duration = Duration::from_secs(15 * 60);

impl ReadHook for AwsFunctions {
    async fn read_hook(&self, name: &str) -> Result<Option<HookFunction>, CallError> {
        let configuration = self.client.get_function_configuration().function_name(name).send().await;
        let configuration = match configuration.map_err(|error| translate("GetFunctionConfiguration", error)) {
            Err(error) if error.is_not_found() => return Ok(None),
            other => other?,
        };
        let invoke = self.client.get_function_event_invoke_config().function_name(name).send().await;
        let invoke = match invoke.map_err(|error| translate("GetFunctionEventInvokeConfig", error)) {
            Err(error) if error.is_not_found() => None,
            other => Some(other?),
        };
        let seconds = |seconds: i32| Duration::from_secs(u64::try_from(seconds).unwrap_or_default());
        let retries = invoke.as_ref().and_then(|invoke| invoke.maximum_retry_attempts);
        let limits = HookLimits {
            timeout: configuration.timeout.map_or(LONGEST, seconds),
            retries: retries.and_then(|retries| u32::try_from(retries).ok()).unwrap_or(USUAL_RETRIES),
            age: invoke.and_then(|invoke| invoke.maximum_event_age_in_seconds).map_or(USUAL_AGE, seconds),
        };
        let log_group = configuration.logging_config.and_then(|config| config.log_group);
        Ok(Some(HookFunction { limits, log_group: log_group.unwrap_or_else(|| format!("/aws/lambda/{name}")) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Connection, settings};
    use super::*;

    #[tokio::test]
    async fn invokes_exactly_the_version() {
        let connection = Connection::answering(200, &json!({"statusCode": 200}))
            .with_header("X-Amz-Executed-Version", "7")
            .with_header("X-Amz-Function-Error", "Unhandled")
            .with_header("X-Amz-Log-Result", "UkVQT1JU");
        let functions = AwsFunctions::new(super::super::lambda(&settings(&connection)));
        let (function, version) = ("fn".parse().unwrap(), "7".parse().unwrap());
        let answer = functions.invoke_version(&function, &version, &json!({"rawPath": "/health"})).await.unwrap();
        let request = connection.only_request();
        assert!(request.uri.ends_with("/2015-03-31/functions/fn/invocations?Qualifier=7"), "{}", request.uri);
        assert_eq!(request.json(), json!({"rawPath": "/health"}));
        assert_eq!(answer.executed_version.as_deref(), Some("7"));
        assert_eq!(answer.function_error.as_deref(), Some("Unhandled"));
        assert_eq!(answer.payload, br#"{"statusCode":200}"#);
        assert_eq!(answer.log_tail, "REPORT");
    }

    #[tokio::test]
    async fn of_the_environment_only_names_leave_here() {
        let told = json!({
            "MemorySize": 256, "Timeout": 10, "Runtime": "provided.al2023", "Architectures": ["arm64"],
            "Environment": {"Variables": {"SECRET": "sesame"}}, "LoggingConfig": {"LogGroup": "/aws/lambda/fn"},
        });
        let connection = Connection::answering(200, &told);
        let functions = AwsFunctions::new(super::super::lambda(&settings(&connection)));
        let read = functions.read_configuration(&"fn".parse().unwrap(), &"7".parse().unwrap()).await.unwrap();
        assert!(connection.only_request().uri.contains("/functions/fn/configuration?Qualifier=7"));
        assert!(!format!("{read:?}").contains("sesame"));
        assert_eq!((read.memory.as_deref(), read.architecture.as_deref()), (Some("256 MB"), Some("arm64")));
        assert!(read.variables.contains("SECRET"));
    }

    #[tokio::test]
    async fn a_hook_is_read_with_the_limits_of_its_calls() {
        let told = json!({"Timeout": 60, "LoggingConfig": {"LogGroup": "/hooks"}});
        let connection = Connection::answering(200, &told)
            .then(200, &json!({"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 300}));
        let functions = AwsFunctions::new(super::super::lambda(&settings(&connection)));
        let hook = functions.read_hook("hook").await.unwrap().unwrap();
        let seconds = Duration::from_secs;
        assert_eq!(hook.limits, HookLimits { timeout: seconds(60), retries: 1, age: seconds(300) });
        assert_eq!(hook.log_group, "/hooks");
    }

    #[tokio::test]
    async fn a_hook_without_settings_of_its_calls_has_lambdas() {
        let missing = json!({"__type": "ResourceNotFoundException"});
        let connection = Connection::answering(200, &json!({"Timeout": 3})).then(404, &missing);
        let functions = AwsFunctions::new(super::super::lambda(&settings(&connection)));
        let hook = functions.read_hook("hook").await.unwrap().unwrap();
        assert_eq!((hook.limits.retries, hook.limits.age.as_secs()), (2, 21_600));
        assert_eq!(hook.log_group, "/aws/lambda/hook");
    }

    #[tokio::test]
    async fn a_hook_that_does_not_exist_is_none() {
        let connection = Connection::answering(404, &json!({"__type": "ResourceNotFoundException"}))
            .with_header("x-amzn-ErrorType", "ResourceNotFoundException");
        let functions = AwsFunctions::new(super::super::lambda(&settings(&connection)));
        assert_eq!(functions.read_hook("hook").await.unwrap(), None);
    }
}

//! Lambda behind the hooks' port.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Architecture, InvocationType, LogType};
use serde_json::Value;

use super::translate;
use crate::call::CallError;
use crate::hook::{Answer, Configuration, InvokeVersion, ReadConfiguration};
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
}

impl InvokeVersion for AwsFunctions {
    async fn invoke_version(
        &self,
        function: &FunctionName,
        version: &FunctionVersion,
        event: &Value,
    ) -> Result<Answer, CallError> {
        let request = self
            .client
            .invoke()
            .function_name(function.as_str())
            .qualifier(version.as_str())
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
}

//! Lambda behind the hooks' port.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::Value;

use super::translate;
use crate::call::CallError;
use crate::hook::{Answer, InvokeVersion};
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
            .payload(Blob::new(event.to_string()));
        let output = request.send().await.map_err(|error| translate("Invoke", error))?;
        Ok(Answer {
            payload: output.payload.map(Blob::into_inner).unwrap_or_default(),
            function_error: output.function_error,
            executed_version: output.executed_version,
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
            .with_header("X-Amz-Function-Error", "Unhandled");
        let functions = AwsFunctions::new(super::super::lambda(&settings(&connection)));
        let (function, version) = ("fn".parse().unwrap(), "7".parse().unwrap());
        let answer = functions.invoke_version(&function, &version, &json!({"rawPath": "/health"})).await.unwrap();
        let request = connection.only_request();
        assert!(request.uri.ends_with("/2015-03-31/functions/fn/invocations?Qualifier=7"), "{}", request.uri);
        assert_eq!(request.json(), json!({"rawPath": "/health"}));
        assert_eq!(answer.executed_version.as_deref(), Some("7"));
        assert_eq!(answer.function_error.as_deref(), Some("Unhandled"));
        assert_eq!(answer.payload, br#"{"statusCode":200}"#);
    }
}

//! Parameter Store behind its ports.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::ParameterType;

use super::translate;
use crate::call::CallError;
use crate::parameters::{Parameter, PutParameter, ReadParameter};

/// Parameter Store over Systems Manager's SDK client.
#[derive(Debug, Clone)]
pub struct AwsParameters {
    client: Client,
}

impl AwsParameters {
    /// Over a client of [`super::ssm()`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

impl ReadParameter for AwsParameters {
    async fn read_parameter(&self, name: &str) -> Result<Parameter, CallError> {
        let output = self.client.get_parameter().name(name).send().await;
        let output = output.map_err(|error| translate("GetParameter", error))?;
        output.parameter.map(from_sdk).ok_or_else(|| CallError::Unexpected {
            operation: "GetParameter",
            source: "the answer holds no parameter".into(),
        })
    }
}

impl PutParameter for AwsParameters {
    async fn put_parameter(&self, name: &str, value: &str) -> Result<i64, CallError> {
        let request = self.client.put_parameter().name(name).value(value).overwrite(true);
        let output = request.r#type(ParameterType::String).send().await;
        output.map(|output| output.version).map_err(|error| translate("PutParameter", error))
    }
}

fn from_sdk(parameter: aws_sdk_ssm::types::Parameter) -> Parameter {
    Parameter {
        name: parameter.name.unwrap_or_default(),
        value: parameter.value.unwrap_or_default(),
        version: parameter.version,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Connection, serve_once, settings};
    use super::*;

    fn parameters(connection: &Connection) -> AwsParameters {
        AwsParameters::new(super::super::ssm(&settings(connection)))
    }

    #[tokio::test]
    async fn puts_with_overwriting() {
        let connection = Connection::answering(200, &json!({"Version": 3, "Tier": "Standard"}));
        assert_eq!(parameters(&connection).put_parameter("/slipway/a", "v").await.unwrap(), 3);
        assert_eq!(connection.only_request().json()["Overwrite"], true);
    }

    #[tokio::test]
    async fn a_missing_parameter_is_not_found() {
        let connection = Connection::answering(400, &json!({"__type": "ParameterNotFound"}));
        assert!(parameters(&connection).read_parameter("/slipway/a").await.unwrap_err().is_not_found());
    }

    #[tokio::test]
    async fn reaches_a_plain_http_endpoint_with_the_connector_of_production() {
        let (url, server) = serve_once(
            "HTTP/1.1 200 OK\r\ncontent-length: 51\r\n\r\n{\"Parameter\":{\"Name\":\"/a\",\"Value\":\"v\",\"Version\":2}}",
        );
        let environment = [
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_ENDPOINT_URL", url.as_str()),
        ];
        let settings = crate::aws::AwsSettings::from_env(&environment).unwrap();
        let parameter = AwsParameters::new(super::super::ssm(&settings)).read_parameter("/a").await.unwrap();
        assert_eq!(parameter, Parameter { name: "/a".into(), value: "v".into(), version: 2 });
        let sent = server.join().unwrap();
        assert!(sent.contains("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{sent}");
    }
}

//! An integration, to which a route leads: a function, or an HTTP endpoint.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::{bad_request, not_run};
use super::members::{Members, kept, lengths, refuse, required};
use crate::core::{Input, ServiceError};

/// The longest time that an integration may take to answer a request, in milliseconds.
const LONGEST: u64 = 30_000;

/// Members that AWS has for WebSocket APIs, private integrations, roles and parameter mapping.
const NOT_RUN: &[&str] = &[
    "ConnectionId",
    "ContentHandlingStrategy",
    "CredentialsArn",
    "IntegrationSubtype",
    "PassthroughBehavior",
    "RequestParameters",
    "RequestTemplates",
    "ResponseParameters",
    "TemplateSelectionExpression",
    "TlsConfig",
];

/// The version of the event and of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    /// The format `1.0`.
    V1,
    /// The format `2.0`, the only one in which a function may answer without a status.
    V2,
}

impl Payload {
    /// Reads `1.0` or `2.0`; a definition may write a number.
    pub(super) fn parse(value: &Value) -> Option<Self> {
        match value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str() {
            "1.0" => Some(Self::V1),
            "2.0" => Some(Self::V2),
            _ => None,
        }
    }

    /// The version as the model writes it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }
}

/// The callee of an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A function, by its ARN or by the URI that API Gateway has for invoking it.
    Lambda(String),
    /// An HTTP endpoint, by its URL.
    Http {
        /// The URL, with path variables and stage variables.
        url: String,
        /// `ANY` takes over the method of the request.
        method: String,
    },
}

/// A proxy integration, to a function or to an HTTP endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Integration {
    pub(super) target: Target,
    pub(super) payload: Payload,
    pub(super) timeout_millis: u64,
    /// True if quick creation made it.
    pub(super) managed: bool,
    /// The members that are kept and answered as they came.
    members: Members,
}

impl Integration {
    /// The integration that quick creation makes of a function's ARN or a URL.
    pub(super) fn quick(target: &str) -> Result<Self, ServiceError> {
        let input = match target.starts_with("http") {
            true => json!({ "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "ANY", "PayloadFormatVersion": "1.0",
                "IntegrationUri": target }),
            false => json!({ "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "IntegrationUri": target }),
        };
        Ok(Self { managed: true, ..Self::read(&input.into())? })
    }

    /// Reads `CreateIntegration`, or `x-amazon-apigateway-integration` with the same names.
    pub(super) fn read(input: &Input) -> Result<Self, ServiceError> {
        refuse(input, "an integration", NOT_RUN)?;
        lengths(input, &[("Description", 0, 1024), ("IntegrationUri", 1, 2048), ("IntegrationMethod", 1, 64)])?;
        if input.opt_str("ConnectionType").is_some_and(|kind| kind != "INTERNET") {
            return Err(not_run("an integration through a VPC link"));
        }
        let target = target(input)?;
        let payload = input.get("PayloadFormatVersion");
        let payload =
            payload.ok_or_else(|| bad_request("PayloadFormatVersion is a required parameter for integration"))?;
        let payload = Payload::parse(payload).filter(|payload| target.takes(*payload)).ok_or_else(|| {
            bad_request(format!("Unsupported payload format version {}", payload.as_str().unwrap_or_default()))
        })?;
        let millis = input.opt_i64("TimeoutInMillis").map_or(Some(LONGEST), |millis| u64::try_from(millis).ok());
        let timeout_millis = millis
            .filter(|millis| (50..=LONGEST).contains(millis))
            .ok_or_else(|| bad_request("Timeout should be between 50 ms and 30000 ms"))?;
        Ok(Self { target, payload, timeout_millis, managed: false, members: kept(input, &["Description"]) })
    }

    /// The integration after `UpdateIntegration`, which names only what changes.
    pub(super) fn updated(&self, changes: &Input) -> Result<Self, ServiceError> {
        let mut whole = self.describe("");
        if let (Some(whole), Value::Object(changes)) = (whole.as_object_mut(), changes.clone().into_value()) {
            whole.extend(changes);
        }
        Ok(Self { managed: self.managed, ..Self::read(&whole.into())? })
    }

    pub(super) fn describe(&self, id: &str) -> Value {
        let (kind, method, uri) = match &self.target {
            Target::Lambda(uri) => ("AWS_PROXY", "POST", uri),
            Target::Http { url, method } => ("HTTP_PROXY", method.as_str(), url),
        };
        let mut described = json!({
            "IntegrationId": id, "IntegrationType": kind, "IntegrationMethod": method, "ConnectionType": "INTERNET",
            "IntegrationUri": uri, "PayloadFormatVersion": self.payload.text(), "TimeoutInMillis": self.timeout_millis,
        });
        if let Some(described) = described.as_object_mut() {
            described.extend(self.members.clone());
            if self.managed {
                described.insert("ApiGatewayManaged".to_owned(), json!(true));
            }
        }
        described
    }
}

impl Target {
    fn takes(&self, payload: Payload) -> bool {
        matches!((self, payload), (Self::Lambda(_), _) | (Self::Http { .. }, Payload::V1))
    }
}

fn target(input: &Input) -> Result<Target, ServiceError> {
    let kind = required(input, "IntegrationType")?.to_ascii_uppercase();
    let uri = input.opt_str("IntegrationUri").unwrap_or_default().to_owned();
    match kind.as_str() {
        "AWS_PROXY" => match function_of(&uri) {
            Some(_) => Ok(Target::Lambda(uri)),
            None => Err(bad_request("IntegrationUri must be a valid Lambda function ARN for AWS_PROXY integrations")),
        },
        "HTTP_PROXY" => {
            let method = required(input, "IntegrationMethod")?.to_ascii_uppercase();
            if uri.starts_with("https://") {
                return Err(not_run("an integration with an HTTPS endpoint (HTTP endpoints are run)"));
            }
            if !uri.starts_with("http://") {
                return Err(bad_request("Invalid HTTP endpoint specified for URI"));
            }
            Ok(Target::Http { url: uri, method })
        }
        "AWS" | "HTTP" | "MOCK" => Err(bad_request(
            "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, \
             HTTP_PROXY)",
        )),
        other => Err(bad_request(format!("Invalid IntegrationType specified: {other}"))),
    }
}

/// The ARN of the function, with its alias or version, in an ARN or an invocation URI.
pub(super) fn function_of(uri: &str) -> Option<&str> {
    let arn = match uri.split_once("/functions/") {
        Some((_, rest)) => rest.strip_suffix("/invocations")?,
        None => uri,
    };
    let mut parts = arn.split(':');
    let is_function = parts.next() == Some("arn") && parts.nth(1) == Some("lambda") && arn.contains(":function:");
    is_function.then_some(arn)
}

/// A text with the values of a stage's variables for `${stageVariables.name}`.
pub(super) fn with_stage_variables(text: &str, variables: &BTreeMap<String, String>) -> String {
    variables
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{stageVariables.{name}}}"), value))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f:live";

    fn read(change: Value) -> Result<Integration, ServiceError> {
        let mut input =
            json!({ "IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "PayloadFormatVersion": "2.0" });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Integration::read(&input.into())
    }

    #[test_case(json!({ "PayloadFormatVersion": null }), "BadRequestException"; "no payload format version")]
    #[test_case(json!({ "PayloadFormatVersion": "3.0" }), "BadRequestException"; "another payload format version")]
    #[test_case(json!({ "TimeoutInMillis": 49 }), "BadRequestException"; "too short a timeout")]
    #[test_case(json!({ "TimeoutInMillis": 30001 }), "BadRequestException"; "too long a timeout")]
    #[test_case(json!({ "IntegrationType": "AWS" }), "BadRequestException"; "not a proxy")]
    #[test_case(json!({ "IntegrationUri": "arn:aws:sqs:us-east-1:0:q" }), "BadRequestException"; "no function")]
    #[test_case(json!({ "IntegrationSubtype": "SQS-SendMessage" }), "NotImplemented"; "an AWS service")]
    #[test_case(json!({ "ConnectionType": "VPC_LINK" }), "NotImplemented"; "a private integration")]
    #[test_case(json!({ "RequestParameters": { "append:header.a": "b" } }), "NotImplemented"; "parameter mapping")]
    #[test_case(json!({ "IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://x" }), "BadRequestException"; "no method")]
    fn refuses(change: Value, code: &str) {
        assert_eq!(read(change).unwrap_err().code, code);
    }

    #[test]
    fn an_update_names_only_what_changes() {
        let first = read(json!({ "Description": "d", "TimeoutInMillis": 50 })).unwrap();
        let second = first.updated(&json!({ "Description": "e" }).into()).unwrap();
        let described = second.describe("i");
        assert_eq!((&described["Description"], &described["TimeoutInMillis"]), (&json!("e"), &json!(50)));
        assert_eq!(described["IntegrationUri"], FUNCTION);
        assert!(first.updated(&json!({ "TimeoutInMillis": 1 }).into()).is_err());
    }

    #[test]
    fn a_function_is_found_in_its_invocation_uri() {
        let uri = format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations");
        assert_eq!((function_of(&uri), function_of(FUNCTION)), (Some(FUNCTION), Some(FUNCTION)));
        let variables = BTreeMap::from([("fn".to_owned(), "f".to_owned())]);
        assert_eq!(with_stage_variables("a:${stageVariables.fn}:b", &variables), "a:f:b");
    }
}

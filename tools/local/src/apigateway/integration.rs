//! Where a route leads: a Lambda proxy integration.

use serde_json::{Value, json};

use crate::core::{Input, ServiceError};

/// How long a function may take to answer a request, in milliseconds.
const LONGEST: u64 = 30_000;

/// A Lambda proxy integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Integration {
    /// The function's ARN, with its alias or version if it has one.
    pub(super) function: String,
    /// `1.0` or `2.0`.
    pub(super) payload: String,
    /// At most 30,000 milliseconds.
    pub(super) timeout_millis: u64,
}

impl Integration {
    /// A proxy to a function, named by its ARN or by the invocation URI that API Gateway uses for it.
    pub(super) fn to_lambda(uri: &str, payload: &str) -> Self {
        let function = match uri.split_once("/functions/") {
            Some((_, rest)) => rest.trim_end_matches("/invocations"),
            None => uri,
        };
        Self { function: function.to_owned(), payload: payload.to_owned(), timeout_millis: LONGEST }
    }

    /// Reads `CreateIntegration`, or `x-amazon-apigateway-integration` with the same names.
    pub(super) fn read(input: &Input) -> Result<Self, ServiceError> {
        let kind = input.opt_str("IntegrationType").unwrap_or_default().to_ascii_uppercase();
        if kind != "AWS_PROXY" {
            return Err(ServiceError::not_implemented("apigateway", &format!("an integration of type {kind}")));
        }
        let payload = input.opt_str("PayloadFormatVersion").unwrap_or("1.0");
        if payload != "1.0" && payload != "2.0" {
            return Err(ServiceError::new(
                "BadRequestException",
                format!("Unsupported payload format version {payload}"),
            ));
        }
        let uri = input.str("IntegrationUri")?;
        if !uri.contains(":lambda:") {
            return Err(ServiceError::not_implemented("apigateway", &format!("an integration with {uri}")));
        }
        let mut integration = Self::to_lambda(uri, payload);
        if let Some(millis) = input.opt_i64("TimeoutInMillis").and_then(|millis| u64::try_from(millis).ok()) {
            if !(50..=LONGEST).contains(&millis) {
                return Err(ServiceError::new("BadRequestException", "Timeout should be between 50 ms and 30000 ms"));
            }
            integration.timeout_millis = millis;
        }
        Ok(integration)
    }

    pub(super) fn describe(&self, id: &str) -> Value {
        json!({
            "IntegrationId": id, "IntegrationType": "AWS_PROXY", "IntegrationMethod": "POST", "ConnectionType": "INTERNET",
            "IntegrationUri": self.function, "PayloadFormatVersion": self.payload, "TimeoutInMillis": self.timeout_millis,
        })
    }
}

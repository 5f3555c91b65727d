//! AWS as the operator of the command reaches it.

use slipway_shared::aws::AwsSettings;
use slipway_shared::env::{Lookup, ProcessEnvironment};
use slipway_shared::telemetry::Chain;

use crate::failure::Failure;

/// The settings of the operator's own environment, or of an endpoint that stands for AWS.
///
/// # Errors
/// Fails if the environment names no region or no credentials.
pub fn settings(endpoint: Option<&str>) -> Result<AwsSettings, Failure> {
    AwsSettings::from_env(&Operator { endpoint })
        .map_err(|error| Failure::environment("AWS cannot be asked", Chain(&error)))
}

/// The settings for requests that are no calls of AWS: only the certificates that are trusted are the operator's.
///
/// # Errors
/// Fails if these cannot be used.
pub fn anonymous() -> Result<AwsSettings, Failure> {
    AwsSettings::from_env(&Anonymous).map_err(|error| Failure::environment("requests cannot be sent", Chain(&error)))
}

/// An environment without anybody's credentials.
struct Anonymous;

impl Lookup for Anonymous {
    fn get(&self, name: &str) -> Option<String> {
        match name {
            "SLIPWAY_CA_BUNDLE" => ProcessEnvironment.get(name).filter(|value| !value.trim().is_empty()),
            "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("nobody".to_owned()),
            _ => None,
        }
    }
}

/// The operator's environment. An endpoint that is given stands for AWS, takes any credentials and is in any region.
struct Operator<'a> {
    endpoint: Option<&'a str>,
}

impl Lookup for Operator<'_> {
    fn get(&self, name: &str) -> Option<String> {
        let own = || ProcessEnvironment.get(name).filter(|value| !value.trim().is_empty());
        let any = |value: &str| self.endpoint.map(|_| value.to_owned());
        match name {
            "AWS_ENDPOINT_URL" => self.endpoint.map(str::to_owned).or_else(own),
            "AWS_REGION" => own().or_else(|| ProcessEnvironment.get("AWS_DEFAULT_REGION")).or_else(|| any("us-east-1")),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => own().or_else(|| any("slipway")),
            _ => own(),
        }
    }
}

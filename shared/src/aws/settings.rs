//! The settings that all clients share: region, credentials, endpoint, connector.

use std::fmt;
use std::path::{Path, PathBuf};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector, http_client_fn};

use super::connector::Connector;
use super::roots;
use crate::env::{self, Lookup, Reader, SettingsError};

/// Made once in `main`; every client is made from it and shares its connections.
#[derive(Clone)]
pub struct AwsSettings {
    pub(super) region: String,
    pub(super) credentials: Credentials,
    pub(super) endpoint_url: Option<String>,
    pub(super) http_client: SharedHttpClient,
    /// The connector for calls outside the AWS clients: only a hook makes them.
    #[cfg(feature = "hook")]
    pub(super) connector: SharedHttpConnector,
    /// The certificates in place of the pinned ones, for connections with demands of their own.
    #[cfg(feature = "hook")]
    pub(super) bundle: Option<PathBuf>,
}

impl AwsSettings {
    /// Reads region, credentials, endpoint override and certificate bundle from the environment.
    ///
    /// # Errors
    /// Every variable that is missing or cannot be used.
    pub fn from_env(lookup: &impl Lookup) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let region = reader.required::<String>(env::AWS_REGION);
        let access_key_id = reader.required::<String>(env::AWS_ACCESS_KEY_ID);
        let secret = reader.required::<String>(env::AWS_SECRET_ACCESS_KEY);
        let session_token = reader.optional::<String>(env::AWS_SESSION_TOKEN);
        let endpoint_url = reader.optional::<String>(env::AWS_ENDPOINT_URL);
        if let Some(Some(url)) = &endpoint_url
            && !is_url(url)
        {
            reader.fault(env::AWS_ENDPOINT_URL, "must begin with http:// or https://");
        }
        let bundle = reader.optional::<PathBuf>(env::SLIPWAY_CA_BUNDLE).flatten();
        let connector = connector(bundle.as_deref(), &mut reader);
        reader.finish(|| {
            let connector = connector?;
            Some(Self {
                region: region?,
                credentials: Credentials::from_keys(access_key_id?, secret?, session_token?),
                endpoint_url: endpoint_url?,
                #[cfg(feature = "hook")]
                connector: connector.clone(),
                #[cfg(feature = "hook")]
                bundle,
                http_client: http_client_fn(move |_, _| connector.clone()),
            })
        })
    }

    /// The settings with which a function may at least say that its own cannot be used: `region` stands in for a missing one, and an
    /// endpoint or certificates that cannot be used are left out.
    ///
    /// # Errors
    /// What is missing all the same: without credentials nothing can be called.
    #[cfg(feature = "hook")]
    pub(crate) fn last_resort(lookup: &impl Lookup, region: Option<&str>) -> Result<Self, SettingsError> {
        Self::from_env(&LastResort { lookup, region })
    }

    /// The region of every call, e.g. `eu-west-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The one endpoint that stands for all of AWS, if overridden.
    #[must_use]
    pub fn endpoint_url(&self) -> Option<&str> {
        self.endpoint_url.as_deref()
    }
}

/// Never shows the credentials.
impl fmt::Debug for AwsSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AwsSettings")
            .field("region", &self.region)
            .field("endpoint_url", &self.endpoint_url)
            .finish_non_exhaustive()
    }
}

fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// An environment without what cannot be used.
#[cfg(feature = "hook")]
struct LastResort<'a, L> {
    lookup: &'a L,
    region: Option<&'a str>,
}

#[cfg(feature = "hook")]
impl<L: Lookup> Lookup for LastResort<'_, L> {
    fn get(&self, name: &str) -> Option<String> {
        let value = self.lookup.get(name);
        if name == env::AWS_REGION.name {
            value.filter(|region| !region.trim().is_empty()).or_else(|| self.region.map(str::to_owned))
        } else if name == env::AWS_ENDPOINT_URL.name {
            value.filter(|url| is_url(url))
        } else if name == env::SLIPWAY_CA_BUNDLE.name {
            value.filter(|bundle| roots::trust_store(Some(bundle.as_ref())).is_ok())
        } else {
            value
        }
    }
}

fn connector<L: Lookup>(bundle: Option<&Path>, reader: &mut Reader<'_, L>) -> Option<SharedHttpConnector> {
    let roots = roots::trust_store(bundle).map_err(|error| reader.fault(env::SLIPWAY_CA_BUNDLE, error)).ok()?;
    let connector = Connector::new(roots).map_err(|error| reader.fault(env::SLIPWAY_CA_BUNDLE, error)).ok()?;
    Some(SharedHttpConnector::new(connector))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENVIRONMENT: [(&str, &str); 5] = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "sesame-open"),
        ("AWS_SESSION_TOKEN", "token-of-a-session"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
    ];

    #[test]
    fn reads_the_environment_of_a_function() {
        let settings = AwsSettings::from_env(&ENVIRONMENT).unwrap();
        assert_eq!(settings.region(), "eu-west-1");
        assert_eq!(settings.endpoint_url(), Some("http://127.0.0.1:4566"));
        assert_eq!(settings.credentials.session_token(), Some("token-of-a-session"));
    }

    #[test]
    fn never_shows_the_credentials() {
        let shown = format!("{:?}", AwsSettings::from_env(&ENVIRONMENT).unwrap());
        assert!(!shown.contains("sesame") && !shown.contains("token-of"), "{shown}");
    }

    #[test]
    fn names_everything_that_is_missing() {
        let error = AwsSettings::from_env(&[("AWS_ENDPOINT_URL", "localhost:1"), ("SLIPWAY_CA_BUNDLE", "/nowhere")]);
        assert_eq!(error.unwrap_err().faults.len(), 5);
    }
}

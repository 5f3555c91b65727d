//! The keys of the issuers: found through discovery, kept for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

/// "API Gateway can cache the public key for two hours."
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
const KEPT: Duration = Duration::from_secs(2 * 60 * 60);
/// A key that is not among the kept ones may be new: they are read again, but not for every token that somebody makes up.
const READ_AGAIN_AFTER: Duration = Duration::from_secs(10);
/// The longest time that an issuer may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The reason why an issuer's keys are not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum IssuerError {
    /// The issuer is on a network that the plane does not speak.
    #[error("the local plane reaches issuers over plain HTTP only, and {0} is not")]
    Scheme(String),
    /// The issuer cannot be reached, or does not answer what it should.
    #[error("{url} did not answer a document")]
    Request {
        /// The URL that was asked for.
        url: String,
        /// The failure of the request, or of reading its answer.
        #[source]
        source: reqwest::Error,
    },
}

/// <https://openid.net/specs/openid-connect-discovery-1_0.html>, as far as it is needed.
#[derive(Deserialize)]
struct Discovery {
    jwks_uri: String,
}

struct Kept {
    keys: Arc<JwkSet>,
    at: Instant,
}

/// The key sets of issuers, by the issuer's URL.
#[derive(Default)]
pub(super) struct IssuerKeys {
    client: reqwest::Client,
    kept: Mutex<HashMap<String, Kept>>,
}

impl IssuerKeys {
    /// The keys of an issuer, read again when `key_id` is not among those that are kept.
    ///
    /// # Errors
    /// Fails if they are not kept and the issuer cannot be asked.
    pub(super) async fn of(&self, issuer: &str, key_id: &str) -> Result<Arc<JwkSet>, IssuerError> {
        match self.kept(issuer, key_id, Instant::now()) {
            Some(keys) => Ok(keys),
            None => self.read(issuer).await,
        }
    }

    /// Asks the issuer for its keys, whatever is kept.
    ///
    /// # Errors
    /// Fails if it cannot be asked, or answers something else.
    pub(super) async fn read(&self, issuer: &str) -> Result<Arc<JwkSet>, IssuerError> {
        check_scheme(issuer)?;
        let discovery: Discovery = self.get(discovery_url(issuer)).await?;
        let keys = Arc::new(self.get(discovery.jwks_uri).await?);
        let kept = Kept { keys: Arc::clone(&keys), at: Instant::now() };
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(issuer.to_owned(), kept);
        Ok(keys)
    }

    fn kept(&self, issuer: &str, key_id: &str, now: Instant) -> Option<Arc<JwkSet>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get(issuer)?;
        let age = now.saturating_duration_since(kept.at);
        let good_for = if kept.keys.find(key_id).is_some() { KEPT } else { READ_AGAIN_AFTER };
        (age < good_for).then(|| Arc::clone(&kept.keys))
    }

    async fn get<T: DeserializeOwned>(&self, url: String) -> Result<T, IssuerError> {
        let answer = async {
            let response = self.client.get(&url).timeout(PATIENCE).send().await?.error_for_status()?;
            response.json().await
        };
        answer.await.map_err(|source| IssuerError::Request { url, source })
    }
}

/// Refuses an issuer that the plane never can reach.
pub(super) fn check_scheme(issuer: &str) -> Result<(), IssuerError> {
    if issuer.starts_with("http://") { Ok(()) } else { Err(IssuerError::Scheme(issuer.to_owned())) }
}

/// The URL at which an issuer describes itself.
pub(super) fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

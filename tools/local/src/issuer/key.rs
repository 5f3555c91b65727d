//! The key that tokens are signed with: made once in the life of a plane, when it is first needed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::token::Claims;

/// The least that ring takes, and what identity providers use.
const BITS: usize = 2048;

/// An RSA key and its public half as a JSON Web Key.
pub(super) struct SigningKey {
    id: String,
    private: EncodingKey,
    public: Value,
}

/// The reason for which there is no key, or no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyError {
    /// The key could not be made.
    #[error("the issuer's key could not be made")]
    Make(#[from] rsa::Error),
    /// The key could not be written down.
    #[error("the issuer's key could not be encoded")]
    Encode(#[from] rsa::pkcs1::Error),
    /// The token could not be signed.
    #[error("the token could not be signed")]
    Sign(#[from] jsonwebtoken::errors::Error),
    /// The plane is ending.
    #[error("the plane is ending")]
    Ending(#[from] tokio::task::JoinError),
}

impl SigningKey {
    /// Makes a key, off the threads that serve requests: it takes a good part of a second.
    ///
    /// # Errors
    /// Fails if there is no randomness.
    pub(super) async fn make() -> Result<Self, KeyError> {
        tokio::task::spawn_blocking(|| {
            let private = RsaPrivateKey::new(&mut OsRng, BITS)?;
            Self::of(&private)
        })
        .await?
    }

    fn of(private: &RsaPrivateKey) -> Result<Self, KeyError> {
        let public = RsaPublicKey::from(private);
        let (n, e) = (public.n().to_bytes_be(), public.e().to_bytes_be());
        let id = hex::encode(&Sha256::digest(&n)[..8]);
        let public = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": id,
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e),
        });
        Ok(Self { id, private: EncodingKey::from_rsa_der(private.to_pkcs1_der()?.as_bytes()), public })
    }

    /// The key set that tokens are verified with (RFC 7517).
    pub(super) fn key_set(&self) -> Value {
        json!({ "keys": [self.public] })
    }

    /// The signed token of the claims: header, claims and signature, with dots between them.
    ///
    /// # Errors
    /// Fails if the key cannot sign.
    pub(super) fn sign(&self, claims: &Claims) -> Result<String, KeyError> {
        let header = Header { kid: Some(self.id.clone()), ..Header::new(Algorithm::RS256) };
        Ok(jsonwebtoken::encode(&header, claims, &self.private)?)
    }
}

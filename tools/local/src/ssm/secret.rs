//! Values of `SecureString` parameters, sealed by AES-256-GCM with a key of the plane's own in place of KMS's.
//!
//! Parameters live as long as the plane, and so does the key: it is in memory and nowhere else. A reader gets
//! the ciphertext without `WithDecryption`. The parameter's ARN is sealed with the value, as Parameter Store's
//! encryption context has it: one parameter's ciphertext opens no other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::core::{PlaneIdentity, ServiceError};

/// The key that Parameter Store uses unless a request names one.
pub(super) const DEFAULT_KEY: &str = "alias/aws/ssm";

/// The plane's key, with the randomness for nonces.
#[derive(Debug)]
pub(super) struct Vault {
    key: LessSafeKey,
    random: SystemRandom,
}

impl Vault {
    /// A vault with a new key.
    ///
    /// # Errors
    /// Fails if the system has no randomness.
    pub(super) fn new() -> Result<Self, ServiceError> {
        let random = SystemRandom::new();
        let mut bytes = [0; 32];
        random.fill(&mut bytes).map_err(|_| broken())?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| broken())?;
        Ok(Self { key: LessSafeKey::new(key), random })
    }

    /// The ciphertext of `value` as base 64: a nonce, then the sealed text.
    pub(super) fn seal(&self, arn: &str, value: &str) -> Result<String, ServiceError> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| broken())?;
        let mut sealed = value.as_bytes().to_vec();
        let aad = Aad::from(arn.as_bytes());
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| broken())?;
        Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// The value that was sealed for the parameter `arn`.
    pub(super) fn open(&self, arn: &str, sealed: &str) -> Result<String, ServiceError> {
        let bytes = STANDARD.decode(sealed).map_err(|_| broken())?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or_else(broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| broken())?;
        let mut text = sealed.to_vec();
        let opened = self.key.open_in_place(nonce, Aad::from(arn.as_bytes()), &mut text).map_err(|_| broken())?;
        String::from_utf8(opened.to_vec()).map_err(|_| broken())
    }
}

fn broken() -> ServiceError {
    ServiceError::internal("a SecureString was not sealed or opened")
}

/// Checks a `KeyId`. The plane has AWS's own key for Parameter Store and no customer's, so every other is not found.
pub(super) fn known_key(identity: &PlaneIdentity, key: &str) -> Result<(), ServiceError> {
    let arn = |resource: &str| format!("arn:aws:kms:{}:{}:{resource}", identity.region, identity.account);
    if key == DEFAULT_KEY || key == arn(DEFAULT_KEY) {
        return Ok(());
    }
    let message = match key.strip_prefix("alias/") {
        Some(alias) => format!("Alias {} is not found.", arn(&format!("alias/{alias}"))),
        None if key.starts_with("arn:") => format!("Key '{key}' does not exist"),
        None => format!("Key '{}' does not exist", arn(&format!("key/{key}"))),
    };
    Err(ServiceError::new("InvalidKeyId", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_own_parameter_only() {
        let vault = Vault::new().unwrap();
        let sealed = vault.seal("arn:a", "s3cret").unwrap();
        assert!(!sealed.contains("s3cret"));
        assert_ne!(sealed, vault.seal("arn:a", "s3cret").unwrap(), "every sealing has a nonce of its own");
        assert_eq!(vault.open("arn:a", &sealed).unwrap(), "s3cret");
        assert!(vault.open("arn:b", &sealed).is_err());
        assert!(Vault::new().unwrap().open("arn:a", &sealed).is_err());
    }
}

//! `Idempotency-Key`, as the draft of the IETF's HTTP API working group describes it
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>): a creation that is sent again happens once.

use http::{HeaderMap, Method};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::error::ApiError;
use crate::store::Once;

/// The time for which a key is remembered: longer than any client keeps trying.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
pub(crate) const LONGEST_KEY: usize = 255;
const NAME: &str = "idempotency-key";

/// The key and the digest that tell a repeated request from another one.
pub(super) struct Repeat {
    key: String,
    fingerprint: String,
}

impl Repeat {
    /// The request's key, if it has one, with the digest of what is asked under it.
    pub(super) fn of(headers: &HeaderMap, method: &Method, path: &str, body: &[u8]) -> Result<Option<Self>, ApiError> {
        let mut values = headers.get_all(NAME).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let key = value.to_str().ok().and_then(key).filter(|_| values.next().is_none());
        let key = key.ok_or(ApiError::BadHeader { name: NAME, reason: "must be one text of 1 to 255 characters" })?;
        let mut digest = Sha256::new();
        for part in [method.as_str().as_bytes(), path.as_bytes(), body] {
            digest.update(part);
            digest.update(b"\n");
        }
        Ok(Some(Self { key, fingerprint: hex::encode(digest.finalize()) }))
    }

    /// The record for the store to remember.
    pub(super) fn remembered_from(self, now: Timestamp) -> Once {
        Once { key: self.key, fingerprint: self.fingerprint, expires_at: now + REMEMBERED }
    }

    /// The record for the store of the part of the request that begins on this line: each has a key of its own, so that a
    /// request that was not finished is finished when it is sent again.
    pub(super) fn remembered_of(&self, line: u64, now: Timestamp) -> Once {
        Once {
            key: format!("{}/{line}", self.key),
            fingerprint: self.fingerprint.clone(),
            expires_at: now + REMEMBERED,
        }
    }
}

/// The draft's key is a string of RFC 9651, in quotes; many clients send it bare, and mean the same.
fn key(text: &str) -> Option<String> {
    let key = match text.strip_prefix('"') {
        Some(rest) => unquoted(rest.strip_suffix('"')?)?,
        None => text.to_owned(),
    };
    let fits = (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    fits.then_some(key)
}

fn unquoted(text: &str) -> Option<String> {
    let mut key = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => key.push(characters.next().filter(|next| matches!(next, '"' | '\\'))?),
            '"' => return None,
            other => key.push(other),
        }
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(r#""8e03978e-40d5""# => Some("8e03978e-40d5".to_owned()); "a string")]
    #[test_case("8e03978e-40d5" => Some("8e03978e-40d5".to_owned()); "a bare key")]
    #[test_case(r#""a\"b\\c""# => Some(r#"a"b\c"#.to_owned()); "escapes")]
    #[test_case(r#""a"# => None; "no end")]
    #[test_case(r#""a"b""# => None; "a quote within")]
    #[test_case(r#""a\n""# => None; "an unknown escape")]
    #[test_case(r#""""# => None; "an empty string")]
    #[test_case("" => None; "nothing")]
    #[test_case(&"k".repeat(255) => Some("k".repeat(255)); "the longest")]
    #[test_case(&"k".repeat(256) => None; "too long")]
    fn reads_keys(text: &str) -> Option<String> {
        key(text)
    }
}

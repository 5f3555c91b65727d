//! A revision whose content is in the request.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A `String` revision of this content.
pub(super) fn string_revision(content: &str) -> Value {
    json!({ "revisionType": "String", "string": { "content": content, "sha256": digest(content) } })
}

pub(super) fn digest(content: &str) -> String {
    hex::encode(Sha256::digest(content.as_bytes()))
}

//! Logical ids that carry a hash of what they stand for.
//!
//! CloudFormation tells resources apart by these ids, so they must be exactly the translator's: the first ten digits of
//! the SHA-1 of the data as Python's `json.dumps(data, separators=(",", ":"), sort_keys=True)` writes it.

use std::fmt::Write as _;

use serde_json::Value;
use sha1::{Digest, Sha1};

/// The number of a hash's hexadecimal digits in a logical id.
const HASH_LENGTH: usize = 10;

/// The ten digits for some data.
pub(super) fn hash_of(data: &Value) -> String {
    let text = match data {
        Value::String(text) => text.clone(),
        other => {
            let mut text = String::new();
            write_canonical(other, &mut text);
            text
        }
    };
    let mut digits = hex::encode(Sha1::digest(text.as_bytes()));
    digits.truncate(HASH_LENGTH);
    digits
}

/// The ten digits of a hash that was given.
pub(super) fn shortened(hash: &str) -> String {
    hash.chars().take(HASH_LENGTH).collect()
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            out.push('{');
            for (index, name) in names.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(name, out);
                out.push(':');
                write_canonical(&members[name], out);
            }
            out.push('}');
        }
        Value::String(text) => write_text(text, out),
        other => out.push_str(&other.to_string()),
    }
}

/// Python escapes everything outside printable ASCII, as UTF-16 units.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_is_hashed_as_python_writes_it() {
        // hashlib.sha1(json.dumps(data, separators=(",", ":"), sort_keys=True).encode()).hexdigest()[:10]
        let data =
            json!({ "S3Key": "functions/ü😀\u{7f}.zip", "S3Bucket": "b", "MemorySize": 128, "x": [true, null, 1.5] });
        assert_eq!(hash_of(&data), "de05026419");
        assert_eq!(hash_of(&json!("text is hashed as it is")), "118b712607");
    }
}

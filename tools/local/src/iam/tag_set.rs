//! Tags as a request gives them.

use super::errors::invalid;
use super::state::Tags;
use crate::core::{Input, ServiceError};

/// The tags of a request. Their number, lengths and characters are the model's to check.
pub(super) fn read(input: &Input) -> Result<Tags, ServiceError> {
    let mut tags = Tags::new();
    for tag in input.list("Tags") {
        let text = |member: &str| tag[member].as_str().unwrap_or_default().to_owned();
        let (key, value) = (text("Key"), text("Value"));
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("aws: prefixed tag key names are not allowed for external use."));
        }
        if tags.keys().any(|known| known.eq_ignore_ascii_case(&key)) {
            return Err(invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive."));
        }
        tags.insert(key, value);
    }
    Ok(tags)
}

//! The tags of a parameter, as a request sets them.

use serde_json::Value;

use crate::core::ServiceError;

/// The most tags of a parameter.
const TAGS: usize = 50;
/// The tags with others set on them.
pub(super) fn checked(mut tags: Vec<Value>, set: &[Value]) -> Result<Vec<Value>, ServiceError> {
    for tag in set {
        let key = tag["Key"].as_str().unwrap_or_default();
        if key.to_ascii_lowercase().starts_with("aws:") {
            // Assumed: the text.
            return Err(ServiceError::validation("aws: prefixed tag key names are not allowed for external use."));
        }
        tags.retain(|known| known["Key"] != tag["Key"]);
        tags.push(tag.clone());
    }
    if tags.len() > TAGS {
        return Err(ServiceError::new("TooManyTagsError", format!("A resource can have at most {TAGS} tags.")));
    }
    Ok(tags)
}

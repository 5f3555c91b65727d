//! Tags of resources as most services have them: a list of `Key` and `Value`.

use serde_json::Value;

/// `tags` with `new` ones set over those of the same keys.
pub fn merged(tags: &[Value], new: &[Value]) -> Vec<Value> {
    let mut merged = tags.to_vec();
    for tag in new {
        match merged.iter_mut().find(|known| known["Key"] == tag["Key"]) {
            Some(known) => known.clone_from(tag),
            None => merged.push(tag.clone()),
        }
    }
    merged
}

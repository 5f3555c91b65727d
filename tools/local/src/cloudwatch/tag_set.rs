//! The tags of a plane's alarms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::values;
use crate::core::ServiceError;

/// The most tags of a resource.
pub(super) const MOST_TAGS: usize = 50;

/// Tags by the ARN of what they are on.
#[derive(Debug, Default)]
pub(super) struct Tags(pub(super) BTreeMap<String, BTreeMap<String, String>>);

impl Tags {
    /// Puts tags on an ARN.
    ///
    /// # Errors
    /// `InvalidParameterValue` for more than a resource can have.
    pub(super) fn put(&mut self, arn: &str, tags: BTreeMap<String, String>) -> Result<(), ServiceError> {
        let held = self.0.entry(arn.to_owned()).or_default();
        let new = tags.keys().filter(|key| !held.contains_key(*key)).count();
        if held.len() + new > MOST_TAGS {
            return Err(values::invalid(format!("A resource can have no more than {MOST_TAGS} tags.")));
        }
        held.extend(tags);
        Ok(())
    }

    /// Forgets the tags of an ARN.
    pub(super) fn forget(&mut self, arn: &str) {
        self.0.remove(arn);
    }

    /// `UntagResource`.
    pub(super) fn remove(&mut self, arn: &str, keys: &[String]) {
        if let Some(tags) = self.0.get_mut(arn) {
            tags.retain(|key, _| !keys.contains(key));
        }
    }

    /// `ListTagsForResource`.
    pub(super) fn list(&self, arn: &str) -> Value {
        let tags: Vec<Value> =
            self.0.get(arn).into_iter().flatten().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
        json!({ "Tags": tags })
    }
}

//! The policy of a function, a version or an alias.

use serde_json::{Value, json};

/// The statements of one policy, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Policy {
    pub(super) statements: Vec<Value>,
    pub(super) revision: String,
}

impl Policy {
    pub(super) fn document(&self) -> String {
        json!({ "Version": "2012-10-17", "Id": "default", "Statement": self.statements }).to_string()
    }
}

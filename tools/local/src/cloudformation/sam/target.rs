//! The target of a function's event sources, and the alias that it publishes.

use serde_json::{Map, Value, json};

/// The target of a function's event sources: its alias when it has one, so that every event goes through it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The logical id of the function or alias.
    pub(super) logical_id: String,
    pub(super) is_alias: bool,
    pub(super) attributes: Map<String, Value>,
}

impl Target {
    /// `!GetAtt Function.Arn`, or `!Ref Alias`, which is an ARN.
    pub(super) fn arn(&self) -> Value {
        if self.is_alias { self.name() } else { json!({ "Fn::GetAtt": [self.logical_id, "Arn"] }) }
    }

    /// The name in a permission: the function, or the alias's ARN.
    pub(super) fn name(&self) -> Value {
        json!({ "Ref": self.logical_id })
    }

    /// The ARN as `Fn::Sub` writes it.
    pub(super) fn arn_shorthand(&self) -> String {
        let id = &self.logical_id;
        if self.is_alias { format!("${{{id}}}") } else { format!("${{{id}.Arn}}") }
    }
}

/// The alias that `AutoPublishAlias` made.
#[derive(Debug)]
pub(super) struct PublishedAlias {
    pub(super) logical_id: String,
    pub(super) name: String,
}

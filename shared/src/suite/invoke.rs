//! A check that invokes the target version.

use serde::Serialize;
use serde_json::Value;

use super::placeholder;
use super::wants::Wants;

/// Invokes exactly the target version with an event.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invoke {
    /// Any Lambda event. `${name}` in a text is what an earlier check captured under that name; `$${` stands for `${`.
    pub event: Value,
    /// A subset of the answer (`statusCode`, `headers`, `body`, or whatever the function answers), with captured values as in the
    /// event. Where an object is expected and the answer has a text, the text is read as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Value>,
    /// Further demands on the answer.
    #[serde(flatten)]
    pub wants: Wants,
}

impl Invoke {
    pub(super) fn edit(&mut self, change: &mut impl FnMut(&mut String)) {
        placeholder::each_text(&mut self.event, change);
        if let Some(expect) = &mut self.expect {
            placeholder::each_text(expect, change);
        }
        self.wants.edit(change);
    }
}

//! What an answer must be beyond its subset: JMESPath expressions and a JSON Schema.

use jsonschema::Validator;
use serde::Serialize;
use serde_json::Value;

use super::expression;

/// Demands on an answer that a subset cannot express.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Wants {
    /// JMESPath expressions that must be true of the answer: an empty list, map or text, `false` and `null` are not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(with = "Expressions"))]
    pub jmespath: Vec<String>,
    /// The JSON Schema of the body; of the whole answer if it has no body. In a file, the name of another file may stand for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

/// The forms in which expressions are written.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used: the reader is another")]
enum Expressions {
    /// One expression.
    One(String),
    /// Several, each of which must be true.
    Several(Vec<String>),
}

impl Wants {
    /// True if nothing is demanded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jmespath.is_empty() && self.schema.is_none()
    }

    pub(super) fn edit(&mut self, change: &mut impl FnMut(&mut String)) {
        self.jmespath.iter_mut().for_each(change);
    }

    /// Compiles one of the expressions.
    ///
    /// # Errors
    /// The fault in the expression, in words.
    pub fn expression(text: &str) -> Result<jmespath::Expression<'static>, String> {
        expression::compile(text)
    }

    /// Compiles the schema.
    ///
    /// # Errors
    /// The fault in the schema, in words.
    pub fn validator(schema: &Value) -> Result<Validator, String> {
        jsonschema::validator_for(schema).map_err(|error| match error.instance_path().as_str() {
            "" => error.to_string(),
            place => format!("{place}: {error}"),
        })
    }
}

//! Reading an operation's input, whichever protocol carried it.
//!
//! The query protocol carries every scalar as text, JSON carries types: the accessors accept both.

use serde_json::{Map, Value};

use super::ServiceError;

/// The members of one request structure, by the names of the service's model.
#[derive(Clone, Debug, Default)]
pub struct Input(Map<String, Value>);

impl From<Value> for Input {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
    }
}

impl Input {
    /// The member as it came, if it came and is not null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Takes the whole input back as JSON.
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// `ValidationException` naming the member.
    pub fn str(&self, name: &str) -> Result<&str, ServiceError> {
        self.opt_str(name).ok_or_else(|| ServiceError::validation(format!("missing required parameter {name}")))
    }

    /// A text that may be there.
    pub fn opt_str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// A whole number, also from text.
    pub fn opt_i64(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(|v| v.as_i64().or_else(|| v.as_str()?.parse().ok()))
    }

    /// A number, also from text.
    pub fn opt_f64(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(|v| v.as_f64().or_else(|| v.as_str()?.parse().ok()))
    }

    /// A truth value, also from text.
    pub fn opt_bool(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(|v| v.as_bool().or_else(|| v.as_str()?.parse().ok()))
    }

    /// A list; empty when it did not come.
    pub fn list(&self, name: &str) -> &[Value] {
        self.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// A list of texts; empty when it did not come.
    pub fn strings(&self, name: &str) -> Vec<String> {
        self.list(name).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A nested structure; empty when it did not come.
    pub fn object(&self, name: &str) -> Self {
        self.get(name).cloned().map(Self::from).unwrap_or_default()
    }
}

//! The check suite of one function: what an application says its answers must be.
//!
//! It is parsed strictly. A member that is not known is refused, because a misspelt `expect` would silently expect nothing.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::Value;

/// `{"checks": [...], "public": [...]}`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// For the target version, before any user reaches it.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// For the public URL, after all users reach it.
    #[serde(default)]
    pub public: Vec<PublicCheck>,
}

/// One invocation of the target version.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Unique among the checks.
    pub name: String,
    /// Any Lambda event.
    pub event: Value,
    /// A subset of the answer.
    pub expect: Value,
}

/// One request to the public URL.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicCheck {
    /// Unique among the public checks.
    pub name: String,
    /// `GET` unless said.
    #[serde(default)]
    pub method: Method,
    /// Appended to the public URL; begins with a slash, may have a query.
    pub path: String,
    /// Sent as they are.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Sent as JSON.
    #[serde(default)]
    pub body: Option<Value>,
    /// What must come back.
    pub expect: PublicExpectation,
}

/// What must come back from the public URL.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicExpectation {
    /// The HTTP status.
    pub status: u16,
    /// A subset of the body; the body is not looked at if absent.
    #[serde(default)]
    pub body: Option<Value>,
}

impl PublicExpectation {
    /// As one value, to be compared with an answer in the same form.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = serde_json::Map::new();
        value.insert("status".into(), self.status.into());
        if let Some(body) = &self.body {
            value.insert("body".into(), body.clone());
        }
        Value::Object(value)
    }
}

/// The methods a public check may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// `GET`
    #[default]
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// Whether a request may be sent again when its answer was lost
    /// (<https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods>).
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        !matches!(self, Self::Post | Self::Patch)
    }

    /// As HTTP spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A suite that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// Not JSON, or not of the suite's form.
    #[error("the suite is not of the expected form")]
    Form(#[source] serde_json::Error),
    /// A check without a name.
    #[error("check {position} of the suite has no name")]
    Nameless {
        /// From 1, within its list.
        position: usize,
    },
    /// Two checks of one list have the same name.
    #[error("two checks of the suite are called {name:?}")]
    Twice {
        /// The name.
        name: String,
    },
    /// The path of a public check is not absolute.
    #[error("the path of check {name:?} does not begin with a slash")]
    Path {
        /// The check.
        name: String,
    },
}

impl Suite {
    /// Parses and validates.
    ///
    /// # Errors
    /// The first thing that is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, SuiteError> {
        // By way of a map, because serde also takes a list for a struct.
        let members: serde_json::Map<String, Value> = serde_json::from_str(text).map_err(SuiteError::Form)?;
        let suite = Self::deserialize(Value::Object(members)).map_err(SuiteError::Form)?;
        unique(suite.checks.iter().map(|check| check.name.as_str()))?;
        unique(suite.public.iter().map(|check| check.name.as_str()))?;
        match suite.public.iter().find(|check| !check.path.starts_with('/')) {
            Some(check) => Err(SuiteError::Path { name: check.name.clone() }),
            None => Ok(suite),
        }
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), SuiteError> {
    let mut seen = HashSet::new();
    for (index, name) in names.enumerate() {
        if name.trim().is_empty() {
            return Err(SuiteError::Nameless { position: index + 1 });
        }
        if !seen.insert(name) {
            return Err(SuiteError::Twice { name: name.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test]
    fn reads_the_documented_form() {
        let suite = Suite::parse(
            r#"{"checks":[{"name":"health answers ok","event":{"rawPath":"/health"},"expect":{"statusCode":200,"body":{"status":"ok"}}}],
                "public":[{"name":"health","method":"GET","path":"/health","expect":{"status":200,"body":{"status":"ok"}}}]}"#,
        )
        .unwrap();
        assert_eq!(suite.checks[0].expect["body"]["status"], "ok");
        assert_eq!(suite.public[0].expect.to_value(), json!({"status": 200, "body": {"status": "ok"}}));
    }

    #[test_case("" ; "nothing")]
    #[test_case("[]"; "not an object")]
    #[test_case(r#"{"check":[]}"#; "an unknown member")]
    #[test_case(r#"{"checks":[{"name":"a","event":{}}]}"#; "no expectation")]
    #[test_case(r#"{"checks":[{"name":"a","event":{},"expects":{},"expect":{}}]}"#; "a misspelt member")]
    #[test_case(r#"{"checks":[{"name":" ","event":{},"expect":{}}]}"#; "a nameless check")]
    #[test_case(r#"{"checks":[{"name":"a","event":{},"expect":{}},{"name":"a","event":{},"expect":{}}]}"#; "a name twice")]
    #[test_case(r#"{"public":[{"name":"a","path":"health","expect":{"status":200}}]}"#; "a relative path")]
    #[test_case(r#"{"public":[{"name":"a","path":"/","method":"TRACE","expect":{"status":200}}]}"#; "an unknown method")]
    #[test_case(r#"{"public":[{"name":"a","path":"/","expect":{}}]}"#; "no status expected")]
    fn refuses(text: &str) {
        assert!(Suite::parse(text).is_err());
    }
}

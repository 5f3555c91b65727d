//! One check of the public URL, and what it expects.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

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
    /// The answer that must come back.
    pub expect: PublicExpectation,
}

/// The answer that must come back from the public URL.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicExpectation {
    /// The HTTP status, or several of which one must come.
    pub status: Statuses,
    /// A subset of the body; the body is not looked at if absent.
    #[serde(default)]
    pub body: Option<Value>,
}

/// One HTTP status or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Statuses(Vec<u16>);

impl TryFrom<Value> for Statuses {
    type Error = &'static str;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let listed = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
        let status = |value: &Value| value.as_u64().and_then(|status| u16::try_from(status).ok());
        let statuses: Option<Vec<u16>> = listed.iter().map(status).collect();
        statuses.filter(|all| !all.is_empty()).map(Self).ok_or("status is an HTTP status, or a list of them")
    }
}

impl Statuses {
    /// The value to compare `answered` with: itself if it is one of them.
    fn against(&self, answered: u16) -> Value {
        match self.0.as_slice() {
            statuses if statuses.contains(&answered) => answered.into(),
            [status] => (*status).into(),
            statuses => format!("one of {}", statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")).into(),
        }
    }
}

impl PublicExpectation {
    /// As one value, to be compared with an answer of the status `answered` in the same form.
    #[must_use]
    pub fn to_value(&self, answered: u16) -> Value {
        let mut value = serde_json::Map::new();
        value.insert("status".into(), self.status.against(answered));
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
    /// True if a request may be sent again after its answer was lost
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn expectation(status: Value) -> Result<PublicExpectation, serde_json::Error> {
        serde_json::from_value(json!({ "status": status }))
    }

    #[test]
    fn a_status_may_be_one_of_several() {
        let closed = expectation(json!([401, 403])).unwrap();
        assert_eq!(closed.to_value(403), json!({ "status": 403 }));
        assert_eq!(closed.to_value(200), json!({ "status": "one of 401, 403" }));
        assert_eq!(expectation(json!(200)).unwrap().to_value(500), json!({ "status": 200 }));
    }

    #[test_case(json!([]); "none")]
    #[test_case(json!("200"); "a text")]
    #[test_case(json!([200, 70_000]); "a number that is no status")]
    fn refuses_a_status(status: Value) {
        assert!(expectation(status).is_err());
    }
}

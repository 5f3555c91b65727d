//! A check that sends a request through the public URL.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::placeholder;
use super::wants::Wants;

/// One request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Http {
    /// `GET` unless said.
    #[serde(default, skip_serializing_if = "Method::is_default")]
    pub method: Method,
    /// Appended to the application's public URL, or a whole URL (`https://…`). A path begins with a slash and may have a query.
    pub path: String,
    /// Sent as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Sent as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// What is done with a redirect. Unless said, it is the answer.
    #[serde(default, skip_serializing_if = "Redirects::is_default")]
    pub redirects: Redirects,
    /// Demands on the connection.
    #[serde(default, skip_serializing_if = "Tls::is_default")]
    pub tls: Tls,
    /// The answer that must come back.
    pub expect: HttpExpectation,
    /// Further demands on the answer, `{"status", "headers", "body"}`.
    #[serde(flatten)]
    pub wants: Wants,
}

/// The answer that must come back.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct HttpExpectation {
    /// The HTTP status, or several of which one must come.
    pub status: Statuses,
    /// Headers that must be there with these values; their names in any case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// A subset of the body; the body is not looked at if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// What is done with a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Redirects {
    /// It is the answer, and may be expected: its status, and where it leads by the header `location`.
    #[default]
    Answer,
    /// It is followed, ten times at most, and what is there is the answer.
    Follow,
}

/// Demands on the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(rename_all = "camelCase")]
pub struct Tls {
    /// True unless said: the certificate must be of the host and of a known authority.
    #[cfg_attr(feature = "schema", schemars(default = "verified"))]
    pub verify: bool,
    /// The number of days for which the certificate must still be good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 825)))]
    pub minimum_days: Option<u16>,
}

#[cfg(feature = "schema")]
const fn verified() -> bool {
    true
}

impl Default for Tls {
    fn default() -> Self {
        Self { verify: true, minimum_days: None }
    }
}

/// One HTTP status or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses(pub(super) Vec<u16>);

impl Serialize for Statuses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [status] => status.serialize(serializer),
            statuses => statuses.serialize(serializer),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Statuses {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Statuses".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "One HTTP status or several.",
            "anyOf": [
                {"type": "integer", "minimum": 100, "maximum": 599},
                {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 100, "maximum": 599}},
            ],
        })
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

impl HttpExpectation {
    /// What stands for an expectation that could not be read.
    pub(super) const fn nothing() -> Self {
        Self { status: Statuses(Vec::new()), headers: BTreeMap::new(), body: None }
    }

    /// As one value, to be compared with an answer of the status `answered` in the same form. Names of headers are in lower case.
    #[must_use]
    pub fn to_value(&self, answered: u16) -> Value {
        let mut value = serde_json::Map::new();
        value.insert("status".into(), self.status.against(answered));
        if !self.headers.is_empty() {
            let header = |(name, value): (&String, &String)| (name.to_ascii_lowercase(), Value::from(value.as_str()));
            value.insert("headers".into(), Value::Object(self.headers.iter().map(header).collect()));
        }
        if let Some(body) = &self.body {
            value.insert("body".into(), body.clone());
        }
        Value::Object(value)
    }
}

/// The fault of a URL that [`has_bad_port`].
pub(crate) const BAD_PORT: &str = "a port is a number up to 65535";

/// True if what stands where a port does is none: whoever sends the request would ask at the usual one.
pub(crate) fn has_bad_port(url: &::http::Uri) -> bool {
    let host = url.authority().map(|authority| authority.as_str().rsplit('@').next().unwrap_or_default());
    host.and_then(|host| host.rsplit_once(':'))
        .is_some_and(|(_, port)| !port.ends_with(']') && port.parse::<u16>().is_err())
}

impl Http {
    /// The URL of the request, given the application's public URL.
    #[must_use]
    pub fn url(&self, public: &str) -> String {
        match self.path.starts_with('/') {
            true => format!("{}{}", public.trim().trim_end_matches('/'), self.path),
            false => self.path.clone(),
        }
    }

    pub(super) fn edit(&mut self, change: &mut impl FnMut(&mut String)) {
        change(&mut self.path);
        self.headers.values_mut().for_each(&mut *change);
        self.expect.headers.values_mut().for_each(&mut *change);
        for body in [&mut self.body, &mut self.expect.body].into_iter().flatten() {
            placeholder::each_text(body, change);
        }
        self.wants.edit(change);
    }
}

impl Redirects {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Tls {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The methods of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// `OPTIONS`
    Options,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 7] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options];

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
            Self::Options => "OPTIONS",
        }
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

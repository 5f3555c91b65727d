//! The places in a request at which an authorizer finds the identity of its caller.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.identity-sources>

use std::collections::BTreeMap;

use http::request::Parts;
use serde_json::Value;

use super::errors::bad_request;
use crate::core::ServiceError;

/// A selection expression, with the name that it selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IdentitySource {
    /// `$request.header.name`
    Header(String),
    /// `$request.querystring.name`
    Query(String),
    /// `$context.name`
    Context(String),
    /// `$stageVariables.name`
    StageVariable(String),
}

impl IdentitySource {
    /// Reads an expression; another form is a `BadRequestException`.
    pub(super) fn parse(text: &str) -> Result<Self, ServiceError> {
        type Make = fn(String) -> IdentitySource;
        const KINDS: [(&str, Make); 4] = [
            ("$request.header.", IdentitySource::Header),
            ("$request.querystring.", IdentitySource::Query),
            ("$context.", IdentitySource::Context),
            ("$stageVariables.", IdentitySource::StageVariable),
        ];
        KINDS
            .iter()
            .find_map(|(prefix, make)| text.strip_prefix(prefix).map(|name| make(name.to_owned())))
            .filter(|source| !source.name().is_empty())
            .ok_or_else(|| bad_request(format!("Invalid identity source: {text}")))
    }

    /// The expression as it was written.
    pub(super) fn text(&self) -> String {
        let prefix = match self {
            Self::Header(_) => "$request.header.",
            Self::Query(_) => "$request.querystring.",
            Self::Context(_) => "$context.",
            Self::StageVariable(_) => "$stageVariables.",
        };
        format!("{prefix}{}", self.name())
    }

    /// True if a client can put a token there.
    pub(super) fn holds_a_token(&self) -> bool {
        matches!(self, Self::Header(_) | Self::Query(_))
    }

    /// The value there; nothing where the request has nothing. `context` are the values of `$context`.
    pub(super) fn value(
        &self,
        parts: &Parts,
        context: impl Fn(&str) -> Option<String>,
        stage_variables: &BTreeMap<String, String>,
    ) -> Option<String> {
        let found = match self {
            Self::Header(name) => joined(parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())),
            Self::Query(name) => {
                let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
                let values: Vec<_> = query.filter(|(parameter, _)| parameter == name).map(|(_, value)| value).collect();
                joined(values.iter().map(AsRef::as_ref))
            }
            Self::Context(name) => context(name),
            Self::StageVariable(name) => stage_variables.get(name).cloned(),
        };
        found.filter(|value| !value.is_empty())
    }

    /// The token in a request: by itself, or after `Bearer`.
    pub(super) fn token(&self, parts: &Parts) -> Option<String> {
        let text = self.value(parts, |_| None, &BTreeMap::new())?;
        let text = text.trim();
        let (scheme, rest) = text.split_once(' ').unwrap_or(("", text));
        let token = if scheme.eq_ignore_ascii_case("bearer") { rest.trim() } else { text };
        (!token.is_empty()).then(|| token.to_owned())
    }

    fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Query(name) | Self::Context(name) | Self::StageVariable(name) => name,
        }
    }
}

/// Several values as API Gateway writes them into one.
fn joined<'a>(values: impl Iterator<Item = &'a str>) -> Option<String> {
    let values: Vec<&str> = values.collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// A value at a dotted path, as text.
pub(super) fn at_path(value: &Value, path: &str) -> Option<String> {
    let found = path.split('.').try_fold(value, |value, name| value.get(name))?;
    match found {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn parts(uri: &str, authorization: &str) -> Parts {
        let request = Request::builder().uri(uri).header("authorization", authorization);
        request.header("x-twice", "1").header("x-twice", "2").body(()).unwrap().into_parts().0
    }

    #[test_case("Bearer x.y.z", Some("x.y.z"); "after its scheme")]
    #[test_case("bearer x.y.z", Some("x.y.z"); "in any case")]
    #[test_case("x.y.z", Some("x.y.z"); "by itself")]
    #[test_case("Basic eA==", Some("Basic eA=="); "another scheme is no token, and is refused as one")]
    #[test_case("", None; "nothing")]
    fn a_token_is_read_from_a_header(header: &str, expected: Option<&str>) {
        let source = IdentitySource::parse("$request.header.Authorization").unwrap();
        assert_eq!(source.token(&parts("/", header)).as_deref(), expected);
    }

    #[test]
    fn a_token_is_read_from_the_query() {
        let source = IdentitySource::parse("$request.querystring.t").unwrap();
        assert_eq!(source.token(&parts("/?a=b&t=x", "")).as_deref(), Some("x"));
        assert_eq!(source.token(&parts("/?T=x", "")), None);
    }

    #[test_case("$request.header.X-Twice", Some("1,2"))]
    #[test_case("$request.querystring.q", Some("a b,c"))]
    #[test_case("$request.querystring.Q", None; "query names are case sensitive")]
    #[test_case("$context.routeKey", Some("GET /x"))]
    #[test_case("$context.identity.sourceIp", Some("127.0.0.1"))]
    #[test_case("$context.nothing", None)]
    #[test_case("$stageVariables.v", Some("w"))]
    #[test_case("$stageVariables.w", None)]
    fn values(text: &str, expected: Option<&str>) {
        let context = json!({ "routeKey": "GET /x", "identity": { "sourceIp": "127.0.0.1" } });
        let variables = BTreeMap::from([("v".to_owned(), "w".to_owned())]);
        let source = IdentitySource::parse(text).unwrap();
        let found = source.value(&parts("/?q=a+b&q=c", ""), |name| at_path(&context, name), &variables);
        assert_eq!((found.as_deref(), source.text().as_str()), (expected, text));
    }

    #[test_case("Authorization")]
    #[test_case("$request.header.")]
    #[test_case("$request.body.x")]
    fn refuses(text: &str) {
        assert!(IdentitySource::parse(text).is_err());
    }
}

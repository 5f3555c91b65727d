//! A JWT authorizer: whose tokens, for whom, and where in a request they are.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>

use http::request::Parts;
use serde_json::{Value, json};

use crate::core::{Input, ServiceError};

/// A JWT authorizer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authorizer {
    /// The `iss` that tokens must have; its keys are found through it.
    pub(super) issuer: String,
    /// One of these must be the token's `aud`, or its `client_id` when it has no `aud`.
    pub(super) audience: Vec<String>,
    name: String,
    source: IdentitySource,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum IdentitySource {
    Header(String),
    Query(String),
}

fn bad(message: impl Into<String>) -> ServiceError {
    ServiceError::new("BadRequestException", message)
}

impl IdentitySource {
    fn parse(text: &str) -> Result<Self, ServiceError> {
        if let Some(name) = text.strip_prefix("$request.header.") {
            return Ok(Self::Header(name.to_owned()));
        }
        let name = text.strip_prefix("$request.querystring.");
        name.map(|name| Self::Query(name.to_owned())).ok_or_else(|| bad(format!("Invalid identity source: {text}")))
    }

    fn text(&self) -> String {
        match self {
            Self::Header(name) => format!("$request.header.{name}"),
            Self::Query(name) => format!("$request.querystring.{name}"),
        }
    }
}

impl Authorizer {
    /// Reads `CreateAuthorizer`, or `UpdateAuthorizer`, where what is not named stays as it is.
    pub(super) fn read(input: &Input, current: Option<&Self>) -> Result<Self, ServiceError> {
        let kind = input.opt_str("AuthorizerType").or(current.map(|_| "JWT")).unwrap_or_default();
        if kind != "JWT" {
            return Err(ServiceError::not_implemented("apigateway", &format!("an authorizer of type {kind}")));
        }
        let jwt = input.object("JwtConfiguration");
        let required = |found: Option<String>, what: &str| {
            found.filter(|text| !text.is_empty()).ok_or_else(|| bad(format!("{what} is required for JWT authorizers")))
        };
        let issuer = jwt.opt_str("Issuer").map(str::to_owned).or_else(|| current.map(|known| known.issuer.clone()));
        let name = input.opt_str("Name").map(str::to_owned).or_else(|| current.map(|known| known.name.clone()));
        let audience = match (jwt.get("Audience"), current) {
            (None, Some(known)) => known.audience.clone(),
            _ => jwt.strings("Audience"),
        };
        let source = match (input.get("IdentitySource"), current) {
            (None, Some(known)) => known.source.clone(),
            // A definition has one text, the operation a list of one.
            (Some(Value::String(text)), _) => IdentitySource::parse(text)?,
            _ => match input.strings("IdentitySource").as_slice() {
                [one] => IdentitySource::parse(one)?,
                _ => return Err(bad("A JWT authorizer has exactly one identity source")),
            },
        };
        if audience.is_empty() {
            return Err(bad("Audience is required for JWT authorizers"));
        }
        Ok(Self { issuer: required(issuer, "Issuer")?, audience, name: required(name, "Name")?, source })
    }

    pub(super) fn describe(&self, id: &str) -> Value {
        json!({
            "AuthorizerId": id, "AuthorizerType": "JWT", "Name": self.name, "IdentitySource": [self.source.text()],
            "JwtConfiguration": { "Issuer": self.issuer, "Audience": self.audience },
        })
    }

    /// The token in a request: by itself, or after `Bearer`.
    pub(super) fn token(&self, parts: &Parts) -> Option<String> {
        let text = match &self.source {
            IdentitySource::Header(name) => parts.headers.get(name)?.to_str().ok()?.to_owned(),
            IdentitySource::Query(name) => form_urlencoded::parse(parts.uri.query()?.as_bytes())
                .find(|(parameter, _)| parameter == name)
                .map(|(_, value)| value.into_owned())?,
        };
        let text = text.trim();
        let (scheme, rest) = text.split_once(' ').unwrap_or(("", text));
        let token = if scheme.eq_ignore_ascii_case("bearer") { rest.trim() } else { text };
        (!token.is_empty()).then(|| token.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use test_case::test_case;

    use super::*;

    fn configuration(source: &str) -> Value {
        json!({
            "Name": "n", "AuthorizerType": "JWT", "IdentitySource": [source],
            "JwtConfiguration": { "Issuer": "http://i", "Audience": ["a", "b"] },
        })
    }

    fn token(source: &str, authorization: &str, uri: &str) -> Option<String> {
        let authorizer = Authorizer::read(&configuration(source).into(), None).unwrap();
        let request = Request::builder().uri(uri).header("authorization", authorization).body(()).unwrap();
        authorizer.token(&request.into_parts().0)
    }

    #[test_case("Bearer x.y.z", Some("x.y.z"); "after its scheme")]
    #[test_case("bearer x.y.z", Some("x.y.z"); "in any case")]
    #[test_case("x.y.z", Some("x.y.z"); "by itself")]
    #[test_case("Basic eA==", Some("Basic eA=="); "another scheme is no token, and is refused as one")]
    #[test_case("", None; "nothing")]
    fn a_token_is_read_from_a_header(header: &str, expected: Option<&str>) {
        assert_eq!(token("$request.header.Authorization", header, "/").as_deref(), expected);
    }

    #[test]
    fn a_token_is_read_from_the_query() {
        assert_eq!(token("$request.querystring.t", "", "/?a=b&t=x").as_deref(), Some("x"));
        assert_eq!(token("$request.querystring.t", "", "/"), None);
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let first = Authorizer::read(&configuration("$request.header.A").into(), None).unwrap();
        let change = json!({ "JwtConfiguration": { "Audience": ["c"] } });
        let second = Authorizer::read(&change.into(), Some(&first)).unwrap();
        assert_eq!(second, Authorizer { audience: vec!["c".into()], ..first });
    }

    #[test_case(json!({ "AuthorizerType": "REQUEST" }), "NotImplemented"; "a Lambda authorizer")]
    #[test_case(json!({ "IdentitySource": [] }), "BadRequestException"; "no source")]
    #[test_case(json!({ "IdentitySource": ["$context.x"] }), "BadRequestException"; "another source")]
    #[test_case(json!({ "JwtConfiguration": { "Audience": ["a"] } }), "BadRequestException"; "no issuer")]
    #[test_case(json!({ "JwtConfiguration": { "Issuer": "http://i" } }), "BadRequestException"; "no audience")]
    fn refuses(change: Value, code: &str) {
        let mut input = configuration("$request.header.A");
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(Authorizer::read(&input.into(), None).unwrap_err().code, code);
    }
}

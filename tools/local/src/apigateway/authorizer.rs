//! An authorizer: a JWT authorizer's issuer and audience, or the function that a Lambda authorizer asks.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html>

use serde_json::{Value, json};

use super::errors::{bad_request, not_run};
use super::identity_source::IdentitySource;
use super::integration::{Payload, function_of};
use super::members::{lengths, required};
use crate::core::{Input, ServiceError};

/// The quota of audiences of one authorizer.
const AUDIENCES: usize = 50;
/// Assumed: the seconds for which results are kept when the authorizer has identity sources and does not say.
const DEFAULT_TTL: u64 = 300;
const LONGEST_TTL: u64 = 3600;

/// An authorizer: its name, and the settings of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authorizer {
    name: String,
    pub(super) kind: Kind,
}

/// The kind of an authorizer: `JWT` or `REQUEST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An authorizer that checks tokens.
    Jwt(JwtAuthorizer),
    /// An authorizer that asks a function.
    Request(LambdaAuthorizer),
}

/// A JWT authorizer: whose tokens, for whom, and where in a request they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct JwtAuthorizer {
    /// The `iss` that tokens must have; its keys are found through it.
    pub(super) issuer: String,
    /// One of these must be the token's `aud`, or its `client_id` when it has no `aud`.
    pub(super) audience: Vec<String>,
    pub(super) source: IdentitySource,
}

/// A Lambda authorizer: its function, and the form and lifetime of the answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LambdaAuthorizer {
    /// The invocation URI of the function.
    pub(super) uri: String,
    pub(super) payload: Payload,
    /// True if the answer is `isAuthorized` instead of a policy.
    pub(super) simple: bool,
    /// The time for which an answer is kept, in seconds.
    pub(super) ttl: u64,
    /// The identity sources. All of them have to be in the request.
    pub(super) sources: Vec<IdentitySource>,
}

impl Authorizer {
    /// Reads `CreateAuthorizer`, or `UpdateAuthorizer`, where what is not named stays as it is.
    pub(super) fn read(input: &Input, current: Option<&Self>) -> Result<Self, ServiceError> {
        lengths(input, &[("Name", 1, 128), ("AuthorizerUri", 1, 2048)])?;
        for member in ["AuthorizerCredentialsArn", "IdentityValidationExpression"] {
            if input.opt_str(member).is_some_and(|text| !text.is_empty()) {
                return Err(not_run(&format!("an authorizer with {member}")));
            }
        }
        // An update is read as the whole authorizer that it makes.
        let mut whole = current.map_or_else(|| json!({}), |known| known.describe(""));
        if let (Some(whole), Value::Object(mut changes)) = (whole.as_object_mut(), input.clone().into_value()) {
            if let (Some(known), Some(change)) = (whole.get("JwtConfiguration"), changes.get_mut("JwtConfiguration")) {
                let mut jwt = known.as_object().cloned().unwrap_or_default();
                jwt.extend(change.as_object().cloned().unwrap_or_default());
                *change = Value::Object(jwt);
            }
            whole.extend(changes);
        }
        let whole = Input::from(whole);
        let kind = match required(&whole, "AuthorizerType")? {
            "JWT" => Kind::Jwt(JwtAuthorizer::read(&whole)?),
            "REQUEST" => Kind::Request(LambdaAuthorizer::read(&whole)?),
            other => return Err(bad_request(format!("Invalid AuthorizerType specified: {other}"))),
        };
        Ok(Self { name: required(&whole, "Name")?.to_owned(), kind })
    }

    pub(super) fn describe(&self, id: &str) -> Value {
        let mut described = match &self.kind {
            Kind::Jwt(jwt) => json!({
                "AuthorizerType": "JWT", "IdentitySource": [jwt.source.text()],
                "JwtConfiguration": { "Issuer": jwt.issuer, "Audience": jwt.audience },
            }),
            Kind::Request(lambda) => json!({
                "AuthorizerType": "REQUEST", "AuthorizerUri": lambda.uri,
                "AuthorizerPayloadFormatVersion": lambda.payload.text(), "EnableSimpleResponses": lambda.simple,
                "AuthorizerResultTtlInSeconds": lambda.ttl,
                "IdentitySource": lambda.sources.iter().map(IdentitySource::text).collect::<Vec<_>>(),
            }),
        };
        described["AuthorizerId"] = json!(id);
        described["Name"] = json!(self.name);
        described
    }

    /// The issuer whose tokens are accepted.
    pub(super) fn issuer(&self) -> Option<&str> {
        match &self.kind {
            Kind::Jwt(jwt) => Some(&jwt.issuer),
            Kind::Request(_) => None,
        }
    }
}

/// The identity sources of a request: the operation has a list, a definition one text.
fn sources(input: &Input) -> Result<Vec<IdentitySource>, ServiceError> {
    let texts = match input.opt_str("IdentitySource") {
        Some(text) => text.split(',').map(|text| text.trim().to_owned()).collect(),
        None => input.strings("IdentitySource"),
    };
    texts.iter().map(|text| IdentitySource::parse(text)).collect()
}

impl JwtAuthorizer {
    fn read(input: &Input) -> Result<Self, ServiceError> {
        let jwt = input.object("JwtConfiguration");
        let issuer = jwt.opt_str("Issuer").filter(|issuer| !issuer.is_empty());
        let issuer = issuer.ok_or_else(|| bad_request("Issuer is required for JWT authorizers"))?.to_owned();
        let audience = jwt.strings("Audience");
        if audience.is_empty() {
            return Err(bad_request("Audience is required for JWT authorizers"));
        }
        if audience.len() > AUDIENCES {
            return Err(bad_request(format!("A JWT authorizer may have at most {AUDIENCES} audiences")));
        }
        match <[IdentitySource; 1]>::try_from(sources(input)?) {
            Ok([source]) if source.holds_a_token() => Ok(Self { issuer, audience, source }),
            _ => Err(bad_request("A JWT authorizer has exactly one identity source, a header or a query parameter")),
        }
    }
}

impl LambdaAuthorizer {
    fn read(input: &Input) -> Result<Self, ServiceError> {
        let of_request = |what: &str| bad_request(format!("{what} is a required parameter for REQUEST authorizer"));
        let payload = input.get("AuthorizerPayloadFormatVersion");
        let payload = payload.ok_or_else(|| of_request("AuthorizerPayloadFormatVersion"))?;
        let payload = Payload::parse(payload)
            .ok_or_else(|| bad_request("AuthorizerPayloadFormatVersion must be one of [1.0, 2.0]"))?;
        let uri = input.opt_str("AuthorizerUri").ok_or_else(|| of_request("AuthorizerUri"))?;
        if !uri.contains("/functions/") || function_of(uri).is_none() {
            return Err(bad_request(format!(
                "Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway \
                                            ARN that represents a Lambda function invocation."
            )));
        }
        let sources = sources(input)?;
        let ttl = input.opt_i64("AuthorizerResultTtlInSeconds").map_or_else(
            || Some(if sources.is_empty() { 0 } else { DEFAULT_TTL }),
            |ttl| u64::try_from(ttl).ok().filter(|ttl| *ttl <= LONGEST_TTL),
        );
        let ttl = ttl.ok_or_else(|| bad_request("Authorizer result TTL should be between 0 and 3600 seconds"))?;
        if ttl > 0 && sources.is_empty() {
            return Err(bad_request("Identity source is required when authorizer caching is enabled"));
        }
        let simple = input.opt_bool("EnableSimpleResponses").unwrap_or_default();
        if simple && payload == Payload::V1 {
            return Err(bad_request("Simple responses are only supported for payload format version 2.0"));
        }
        Ok(Self { uri: uri.to_owned(), payload, simple, ttl, sources })
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn jwt() -> Value {
        json!({
            "Name": "n", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.A"],
            "JwtConfiguration": { "Issuer": "http://i", "Audience": ["a", "b"] },
        })
    }

    fn lambda() -> Value {
        json!({
            "Name": "n", "AuthorizerType": "REQUEST", "IdentitySource": ["$request.header.A"],
            "AuthorizerPayloadFormatVersion": "2.0", "EnableSimpleResponses": true,
            "AuthorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations",
        })
    }

    fn read(mut whole: Value, change: &Value) -> Result<Authorizer, ServiceError> {
        whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Authorizer::read(&whole.into(), None)
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let first = read(jwt(), &json!({})).unwrap();
        let change = json!({ "JwtConfiguration": { "Audience": ["c"] } });
        let second = Authorizer::read(&change.into(), Some(&first)).unwrap().describe("i");
        assert_eq!(second["JwtConfiguration"], json!({ "Issuer": "http://i", "Audience": ["c"] }));
        let first = read(lambda(), &json!({ "AuthorizerResultTtlInSeconds": 5 })).unwrap();
        let second = Authorizer::read(&json!({ "Name": "m" }).into(), Some(&first)).unwrap().describe("i");
        let mut expected = first.describe("i");
        expected["Name"] = json!("m");
        assert_eq!(second, expected);
    }

    #[test_case(json!({ "IdentitySource": [] }); "no source")]
    #[test_case(json!({ "IdentitySource": ["$context.path"] }); "a source that holds no token")]
    #[test_case(json!({ "IdentitySource": ["$request.header.A", "$request.header.B"] }); "two sources")]
    #[test_case(json!({ "JwtConfiguration": { "Issuer": "http://i" } }); "no audience")]
    #[test_case(json!({ "JwtConfiguration": { "Audience": ["a"] } }); "no issuer")]
    #[test_case(json!({ "Name": null }); "no name")]
    #[test_case(json!({ "AuthorizerType": "TOKEN" }); "another type")]
    fn a_jwt_authorizer_is_refused(change: Value) {
        assert_eq!(read(jwt(), &change).unwrap_err().code, "BadRequestException");
    }

    #[test_case(json!({ "AuthorizerPayloadFormatVersion": null }); "no payload format version")]
    #[test_case(json!({ "AuthorizerPayloadFormatVersion": "1.0" }); "simple responses of format 1")]
    #[test_case(json!({ "AuthorizerUri": "arn:aws:lambda:us-east-1:0:function:f" }); "not an invocation URI")]
    #[test_case(json!({ "AuthorizerResultTtlInSeconds": 3601 }); "kept too long")]
    #[test_case(json!({ "AuthorizerResultTtlInSeconds": 1, "IdentitySource": [] }); "kept under no identity")]
    #[test_case(json!({ "IdentitySource": ["$request.body.a"] }); "a source that is none")]
    fn a_lambda_authorizer_is_refused(change: Value) {
        assert_eq!(read(lambda(), &change).unwrap_err().code, "BadRequestException");
    }

    #[test]
    fn a_role_is_refused_by_its_name() {
        let error = read(lambda(), &json!({ "AuthorizerCredentialsArn": "arn:aws:iam::1:role/r" })).unwrap_err();
        assert!(error.is("NotImplemented") && error.message.contains("AuthorizerCredentialsArn"), "{error}");
    }
}

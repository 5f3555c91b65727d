//! The gate of a route: the requests that it lets through, and the answers to those that it does not.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use slipway_shared::telemetry::Chain;

use super::answer::message;
use super::authorizer::{JwtAuthorizer, LambdaAuthorizer};
use super::event::Asked;
use super::issuer_keys::IssuerKeys;
use super::jwt::{self, Claims, Unacceptable};
use super::lambda_authorizer;
use super::service::Shared;
use crate::core::{Caller, Hub, Question, ServiceError};
use crate::wire::{caller_of, scope_of};

/// The name that requests to an API are signed for.
const SIGNED_FOR: &str = "execute-api";

/// The demand of a route on a request, with the authorizer that it names.
#[derive(Clone, Debug)]
pub(super) enum Gate {
    /// No demand: the route is open.
    Open,
    /// A signature that IAM allows.
    Iam,
    /// A token that the authorizer accepts, with one of the scopes if there are any.
    Jwt { authorizer: JwtAuthorizer, scopes: Vec<String> },
    /// That a function lets it through.
    Custom { id: String, authorizer: LambdaAuthorizer },
    /// A demand that nobody can meet: the route's authorizer has been deleted.
    Shut,
}

/// The caller that the function is told of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Identity {
    /// No particular caller: the route is open.
    #[default]
    Anybody,
    /// The signer of the request.
    Iam { account: String, caller: Caller },
    /// The caller that the token names. The scopes are those that the route asks for; none when it asks for none.
    Jwt { claims: BTreeMap<String, String>, scopes: Option<Vec<String>> },
    /// The answer of the authorizer's function.
    Lambda { principal: Option<String>, context: Value },
}

/// The reason for not letting a request through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denial {
    /// No token at all.
    NoToken,
    /// A token that is not accepted.
    BadToken(String, Unacceptable),
    /// A good token without the scope.
    NoScope(String),
    /// Not all of what the Lambda authorizer asks for is in the request.
    NoIdentity,
    /// Not signed, or for another service; or the Lambda authorizer says no.
    Forbidden,
    /// The API is not what it was, or the Lambda authorizer does not answer as it should.
    Broken(String),
}

impl Gate {
    /// Lets a request through, or says why not.
    pub(super) async fn admit(&self, hub: &Hub, shared: &Shared, asked: Asked<'_>) -> Result<Identity, Denial> {
        let parts = &asked.incoming.parts;
        match self {
            Self::Open => Ok(Identity::Anybody),
            Self::Iam => signed(hub, asked),
            Self::Jwt { authorizer, scopes } => bearer(&shared.keys, authorizer, scopes, parts).await,
            Self::Custom { id, authorizer } => {
                lambda_authorizer::ask(hub, &shared.verdicts, id, authorizer, asked).await
            }
            Self::Shut => Err(Denial::Broken("the route's authorizer is not there".to_owned())),
        }
    }
}

/// Whoever signed for the API and may invoke the route; the operator may invoke all of them.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html>
fn signed(hub: &Hub, asked: Asked<'_>) -> Result<Identity, Denial> {
    let parts = &asked.incoming.parts;
    let scope = scope_of(parts);
    if scope.service.as_deref() != Some(SIGNED_FOR) || scope.access_key.is_empty() {
        return Err(Denial::Forbidden);
    }
    let refused = |error: ServiceError| {
        tracing::debug!(%error, "a signed request to an API is refused");
        Denial::Forbidden
    };
    let caller = caller_of(hub, &scope, parts, Some(&asked.incoming.body)).map_err(refused)?;
    if let Some(authority) = hub.authority() {
        let resources = [asked.route_arn(hub)];
        let question =
            Question { caller: &caller, action: "execute-api:Invoke", resources: &resources, context: Vec::new() };
        authority.decide(&question).map_err(refused)?;
    }
    Ok(Identity::Iam { account: hub.identity.account.clone(), caller })
}

async fn bearer(
    keys: &IssuerKeys,
    authorizer: &JwtAuthorizer,
    scopes: &[String],
    parts: &Parts,
) -> Result<Identity, Denial> {
    let token = authorizer.source.token(parts).ok_or(Denial::NoToken)?;
    let claims = accepted(keys, authorizer, &token).await;
    let claims = claims.map_err(|fault| Denial::BadToken(scopes.join(" "), fault))?;
    if !claims.has_scope(scopes) {
        return Err(Denial::NoScope(scopes.join(" ")));
    }
    let scopes = (!scopes.is_empty()).then(|| scopes.to_vec());
    Ok(Identity::Jwt { claims: claims.texts(), scopes })
}

async fn accepted(keys: &IssuerKeys, authorizer: &JwtAuthorizer, token: &str) -> Result<Claims, Unacceptable> {
    let key_id = jwt::key_id(token)?;
    let keys = keys.of(&authorizer.issuer, &key_id).await.map_err(|error| Unacceptable(Chain(&error).to_string()))?;
    // The machine's time, not the plane's: tokens come from outside, or from the plane's issuer for the outside.
    jwt::verify(token, authorizer, &keys, jiff::Timestamp::now().as_second())
}

impl Identity {
    /// `requestContext.authorizer` of payload format 2.0; none for anybody.
    pub(super) fn in_version_2(&self) -> Option<Value> {
        match self {
            Self::Anybody => None,
            Self::Jwt { claims, scopes } => Some(json!({ "jwt": { "claims": claims, "scopes": scopes } })),
            Self::Lambda { context, .. } => Some(json!({ "lambda": context })),
            Self::Iam { account, caller } => Some(json!({ "iam": {
                "accessKey": caller.access_key, "accountId": account, "callerId": caller.user_id(account),
                "cognitoIdentity": null, "principalOrgId": null, "userArn": caller.arn(account),
                "userId": caller.user_id(account),
            } })),
        }
    }

    /// `requestContext.authorizer` of payload format 1.0.
    pub(super) fn in_version_1(&self) -> Value {
        match self {
            Self::Jwt { claims, scopes } => json!({ "claims": claims, "scopes": scopes }),
            Self::Anybody | Self::Iam { .. } => json!({ "claims": null, "scopes": null }),
            Self::Lambda { principal, context } => {
                let mut all = context.as_object().cloned().unwrap_or_default();
                all.extend(principal.iter().map(|principal| ("principalId".to_owned(), json!(principal))));
                Value::Object(all)
            }
        }
    }

    /// The members that payload format 1.0 has in `requestContext.identity`, and `$context.identity`.
    pub(super) fn signer_in_version_1(&self) -> Value {
        let mut signer = json!({
            "accessKey": null, "accountId": null, "caller": null, "cognitoAuthenticationProvider": null,
            "cognitoAuthenticationType": null, "cognitoIdentityId": null, "cognitoIdentityPoolId": null,
            "principalOrgId": null, "user": null, "userArn": null,
        });
        if let Self::Iam { account, caller } = self {
            signer["accessKey"] = json!(caller.access_key);
            signer["accountId"] = json!(account);
            signer["caller"] = json!(caller.user_id(account));
            signer["user"] = json!(caller.user_id(account));
            signer["userArn"] = json!(caller.arn(account));
        }
        signer
    }
}

impl Denial {
    /// The text of `$context.authorizer.error`.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::NoToken | Self::NoIdentity => "Unauthorized".to_owned(),
            Self::BadToken(_, Unacceptable(fault)) => fault.clone(),
            Self::NoScope(_) => "the token does not have a required scope".to_owned(),
            Self::Forbidden => "Forbidden".to_owned(),
            Self::Broken(why) => why.clone(),
        }
    }
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        let challenge = match &self {
            Self::NoToken => Some("Bearer".to_owned()),
            Self::BadToken(scopes, Unacceptable(fault)) => Some(challenge(scopes, "invalid_token", fault)),
            Self::NoScope(scopes) => {
                Some(challenge(scopes, "insufficient_scope", "the token does not have a required scope"))
            }
            Self::NoIdentity | Self::Forbidden | Self::Broken(_) => None,
        };
        let mut response = match &self {
            Self::NoToken | Self::BadToken(..) | Self::NoIdentity => message(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::NoScope(_) | Self::Forbidden => message(StatusCode::FORBIDDEN, "Forbidden"),
            Self::Broken(_) => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        };
        if let Some(value) = challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

/// RFC 6750, section 3, in the order in which API Gateway writes the attributes.
fn challenge(scopes: &str, error: &str, description: &str) -> String {
    let description = description.replace('"', "'");
    format!("Bearer scope=\"{scopes}\" error=\"{error}\" error_description=\"{description}\"")
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use http::Request;
    use test_case::test_case;

    use super::super::request::Incoming;
    use super::super::testing::way;
    use super::*;
    use crate::core::testing::hub;

    fn admitted(authorization: &str) -> Result<Identity, Denial> {
        let request = Request::builder().uri("/").header("authorization", authorization).body(()).unwrap();
        let hub = hub();
        let incoming = Incoming::new(&hub, request.into_parts().0, Bytes::new(), "r".into());
        signed(&hub, Asked { account: "000000000000", incoming: &incoming, way: &way("$default", &[]) })
    }

    #[test]
    fn whoever_signed_is_named() {
        let scope = "AWS4-HMAC-SHA256 Credential=AKIA1/20260131/us-east-1/execute-api/aws4_request, Signature=0";
        let identity = admitted(scope).unwrap();
        let iam = identity.in_version_2().unwrap()["iam"].take();
        assert_eq!((&iam["accessKey"], &iam["accountId"]), (&json!("AKIA1"), &json!("000000000000")));
        assert_eq!(iam["userArn"], "arn:aws:iam::000000000000:root", "whose keys nobody gave out is the operator");
        assert_eq!(identity.signer_in_version_1()["userArn"], iam["userArn"]);
    }

    #[test_case(""; "nobody")]
    #[test_case("Bearer x"; "with a token")]
    #[test_case("AWS4-HMAC-SHA256 Credential=AKIA1/20260131/us-east-1/lambda/aws4_request"; "for another service")]
    fn who_has_not_signed_is_forbidden(authorization: &str) {
        assert_eq!(admitted(authorization), Err(Denial::Forbidden));
        assert_eq!(Denial::Forbidden.into_response().status(), 403);
    }

    #[test]
    fn what_is_broken_lets_nobody_through() {
        assert_eq!(Denial::Broken(String::new()).into_response().status(), 500);
    }

    #[test]
    fn the_challenge_says_what_is_wrong() {
        let refused = |denial: Denial| {
            let response = denial.into_response();
            let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
            (response.status().as_u16(), challenge)
        };
        let bad = Denial::BadToken(String::new(), "the token does not have a valid audience".into());
        let expected =
            r#"Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience""#;
        assert_eq!(refused(bad), (401, Some(expected.to_owned())));
        assert_eq!(refused(Denial::NoToken), (401, Some("Bearer".to_owned())));
        assert_eq!(refused(Denial::NoScope("a".into())).0, 403);
        assert_eq!(refused(Denial::NoIdentity), (401, None));
    }
}

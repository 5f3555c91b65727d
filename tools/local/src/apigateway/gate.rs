//! Who is let through a route, who is not, and what either is told.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use slipway_shared::telemetry::Chain;

use super::answer::message;
use super::authorizer::Authorizer;
use super::issuer_keys::IssuerKeys;
use super::jwt::{self, Claims, Unacceptable};
use crate::core::PlaneIdentity;
use crate::wire::scope_of;

/// The name that requests to an API are signed for.
const SIGNED_FOR: &str = "execute-api";

/// What a route asks of a request, with the authorizer that it names.
#[derive(Clone, Debug)]
pub(super) enum Gate {
    /// Nothing.
    Open,
    /// A signature.
    Iam,
    /// A token.
    Jwt { authorizer: Authorizer, scopes: Vec<String> },
    /// What nobody can have: the route's authorizer has been deleted.
    Shut,
}

/// Whom the function is told of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Identity {
    /// Nobody in particular.
    Anybody,
    /// Whoever signed.
    Iam { access_key: String, account: String, user: String },
    /// Whom the token names. The scopes are those that the route asks for; none when it asks for none.
    Jwt { claims: BTreeMap<String, String>, scopes: Option<Vec<String>> },
}

/// Why a request is not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denial {
    /// No token at all.
    NoToken,
    /// A token that is not accepted.
    BadToken(String, Unacceptable),
    /// A good token without the scope.
    NoScope(String),
    /// Not signed, or for another service.
    NotSigned,
    /// The API is not what it was.
    Broken,
}

impl Gate {
    /// Lets a request through, or says why not.
    pub(super) async fn admit(
        &self,
        keys: &IssuerKeys,
        identity: &PlaneIdentity,
        parts: &Parts,
    ) -> Result<Identity, Denial> {
        match self {
            Self::Open => Ok(Identity::Anybody),
            Self::Iam => signed(identity, parts),
            Self::Jwt { authorizer, scopes } => {
                let token = authorizer.token(parts).ok_or(Denial::NoToken)?;
                let claims = accepted(keys, authorizer, &token).await;
                let claims = claims.map_err(|fault| Denial::BadToken(scopes.join(" "), fault))?;
                if !claims.has_scope(scopes) {
                    return Err(Denial::NoScope(scopes.join(" ")));
                }
                let scopes = (!scopes.is_empty()).then(|| scopes.clone());
                Ok(Identity::Jwt { claims: claims.texts(), scopes })
            }
            Self::Shut => Err(Denial::Broken),
        }
    }
}

/// Any credentials will do, as everywhere on the plane: neither signature nor policy is checked, only that somebody signed.
fn signed(identity: &PlaneIdentity, parts: &Parts) -> Result<Identity, Denial> {
    let scope = scope_of(parts);
    if scope.service.as_deref() != Some(SIGNED_FOR) || scope.access_key.is_empty() {
        return Err(Denial::NotSigned);
    }
    let user = scope.access_key.clone();
    Ok(Identity::Iam { access_key: scope.access_key, account: identity.account.clone(), user })
}

/// Every key is a user that is called as the key.
fn user_arn(account: &str, user: &str) -> String {
    format!("arn:aws:iam::{account}:user/{user}")
}

async fn accepted(keys: &IssuerKeys, authorizer: &Authorizer, token: &str) -> Result<Claims, Unacceptable> {
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
            Self::Iam { access_key, account, user } => Some(json!({ "iam": {
                "accessKey": access_key, "accountId": account, "callerId": user, "cognitoIdentity": null,
                "principalOrgId": null, "userArn": user_arn(account, user), "userId": user,
            } })),
        }
    }

    /// `requestContext.authorizer` of payload format 1.0.
    pub(super) fn in_version_1(&self) -> Value {
        match self {
            Self::Jwt { claims, scopes } => json!({ "claims": claims, "scopes": scopes }),
            Self::Anybody | Self::Iam { .. } => json!({ "claims": null, "scopes": null }),
        }
    }

    /// The members that payload format 1.0 has in `requestContext.identity`.
    pub(super) fn signer_in_version_1(&self) -> Value {
        match self {
            Self::Iam { access_key, account, user } => json!({
                "accessKey": access_key, "accountId": account, "caller": user, "user": user,
                "userArn": user_arn(account, user),
            }),
            Self::Anybody | Self::Jwt { .. } => {
                json!({ "accessKey": null, "accountId": null, "caller": null, "user": null, "userArn": null })
            }
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
            Self::NotSigned | Self::Broken => None,
        };
        let mut response = match &self {
            Self::NoToken | Self::BadToken(..) => message(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::NoScope(_) | Self::NotSigned => message(StatusCode::FORBIDDEN, "Forbidden"),
            Self::Broken => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
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
    use http::Request;
    use test_case::test_case;

    use super::*;

    fn parts(authorization: &str) -> Parts {
        Request::builder().uri("/").header("authorization", authorization).body(()).unwrap().into_parts().0
    }

    async fn admitted(gate: Gate, authorization: &str) -> Result<Identity, Denial> {
        gate.admit(&IssuerKeys::default(), &PlaneIdentity::default(), &parts(authorization)).await
    }

    #[tokio::test]
    async fn whoever_signed_is_named() {
        let scope = "AWS4-HMAC-SHA256 Credential=AKIA1/20260131/us-east-1/execute-api/aws4_request, Signature=0";
        let identity = admitted(Gate::Iam, scope).await.unwrap();
        let iam = identity.in_version_2().unwrap()["iam"].take();
        assert_eq!((&iam["accessKey"], &iam["accountId"]), (&json!("AKIA1"), &json!("000000000000")));
        assert_eq!(
            (&iam["userArn"], &iam["userId"]),
            (&json!("arn:aws:iam::000000000000:user/AKIA1"), &json!("AKIA1"))
        );
        assert_eq!(identity.signer_in_version_1()["userArn"], iam["userArn"]);
    }

    #[test_case(""; "nobody")]
    #[test_case("Bearer x"; "with a token")]
    #[test_case("AWS4-HMAC-SHA256 Credential=AKIA1/20260131/us-east-1/lambda/aws4_request"; "for another service")]
    #[tokio::test]
    async fn who_has_not_signed_is_forbidden(authorization: &str) {
        assert_eq!(admitted(Gate::Iam, authorization).await, Err(Denial::NotSigned));
        assert_eq!(Denial::NotSigned.into_response().status(), 403);
    }

    #[tokio::test]
    async fn a_route_without_its_authorizer_lets_nobody_through() {
        assert_eq!(admitted(Gate::Shut, "Bearer x").await, Err(Denial::Broken));
    }

    #[test]
    fn the_challenge_says_what_is_wrong() {
        let response =
            Denial::BadToken(String::new(), "the token does not have a valid audience".into()).into_response();
        let expected =
            r#"Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience""#;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["www-authenticate"]),
            (401, &expected.parse().unwrap())
        );
        let response = Denial::NoToken.into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["www-authenticate"]),
            (401, &"Bearer".parse().unwrap())
        );
        assert_eq!(Denial::NoScope("a".into()).into_response().status(), 403);
    }
}

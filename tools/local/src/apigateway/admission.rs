//! The admission of a request through the gate of its route.

use http::request::Parts;
use slipway_shared::telemetry::Chain;

use super::authorizer::JwtAuthorizer;
use super::denial::Denial;
use super::event::Asked;
use super::gate::Gate;
use super::identity::Identity;
use super::issuer_keys::IssuerKeys;
use super::jwt::{self, Claims, Unacceptable};
use super::lambda_authorizer;
use super::state::Shared;
use crate::core::{Hub, Question, ServiceError};
use crate::signing::{caller_of, scope_of};

/// The name that requests to an API are signed for.
const SIGNED_FOR: &str = "execute-api";

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

/// The principal that signed for the API and may invoke the route; the operator may invoke all of them.
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

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::response::IntoResponse;
    use http::Request;
    use serde_json::json;
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

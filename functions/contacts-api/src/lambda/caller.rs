//! The caller that the authorizer in front of the function let through.
//!
//! A caller is known by who vouches for them and by what they are called there: two issuers' `42` are two people, and so are a token's
//! subject and an IAM principal of the same spelling. Load balancers have no authorizer here: `x-amzn-oidc-identity` is a header
//! that anybody who reaches the function past the load balancer can send, and the signature beside it is not verified.

use serde::Deserialize;

use super::tolerant::{Object, Text};
use crate::domain::Owner;
use crate::http::Caller;

/// `requestContext.authorizer`, payload 2.0: one of three kinds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Authorizer {
    jwt: Object<Jwt>,
    iam: Object<Iam>,
    lambda: Object<Context>,
    /// Payload 1.0: the claims of a Cognito or JWT authorizer.
    claims: Object<Claims>,
    /// Payload 1.0: whom a Lambda authorizer let through.
    #[serde(rename = "principalId")]
    principal_id: Text,
    /// Payload 1.0: the same, where the authorizer of an HTTP API answered in the simple format.
    sub: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Jwt {
    claims: Object<Claims>,
}

/// RFC 7519, sections 4.1.1 and 4.1.2: a subject is unique within its issuer only.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Claims {
    iss: Text,
    sub: Text,
}

/// The context that a Lambda authorizer of an HTTP API answers.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Context {
    sub: Text,
    principal_id: Text,
}

/// The principal that signed the request, payload 2.0.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Iam {
    user_id: Text,
    user_arn: Text,
    cognito_identity: Object<CognitoIdentity>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CognitoIdentity {
    identity_id: Text,
}

/// `requestContext.identity`, payload 1.0: the principal that signed the request, where the method asks for a signature.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Identity {
    user: Text,
    user_arn: Text,
    cognito_identity_id: Text,
}

/// The authority that vouches for a caller.
#[derive(Clone, Copy)]
enum Authority<'a> {
    /// A token's issuer; empty when the claims do not say.
    Issuer(&'a str),
    /// IAM, by the unique identifier of a principal: that of a deleted user is never given to another.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
    Iam,
    /// IAM, by the ARN.
    IamArn,
    /// A Cognito identity pool: all its users sign as one role and with one session name.
    CognitoIdentity,
    /// The API's own Lambda authorizer.
    LambdaAuthorizer,
}

impl Authorizer {
    /// The caller of a request of payload 2.0, whose context has an authorizer only where the route has one.
    pub(super) fn caller(&self) -> Option<Caller> {
        let jwt = || self.jwt.0.as_ref()?.claims.0.as_ref()?.owner();
        let iam = || self.iam.0.as_ref()?.owner();
        let lambda = || self.lambda.0.as_ref()?.owner();
        Some(jwt().or_else(iam).or_else(lambda).map_or(Caller::Unnamed, Caller::Known))
    }

    /// The caller of a request of payload 1.0, as the authorizer names them. Without an authorizer the claims are null.
    pub(super) fn caller_of_payload_1(&self) -> Option<Caller> {
        let claims = self.claims.0.as_ref().or_else(|| self.jwt.0.as_ref()?.claims.0.as_ref());
        if let Some(claims) = claims {
            return Some(claims.owner().map_or(Caller::Unnamed, Caller::Known));
        }
        let by = |name| owner(Authority::LambdaAuthorizer, name);
        by(&self.principal_id).or_else(|| by(&self.sub)).map(Caller::Known)
    }
}

impl Claims {
    fn owner(&self) -> Option<Owner> {
        owner(Authority::Issuer(self.iss.as_deref().unwrap_or_default()), &self.sub)
    }
}

impl Context {
    fn owner(&self) -> Option<Owner> {
        let by = |name| owner(Authority::LambdaAuthorizer, name);
        by(&self.principal_id).or_else(|| by(&self.sub))
    }
}

impl Iam {
    fn owner(&self) -> Option<Owner> {
        let identity = || owner(Authority::CognitoIdentity, &self.cognito_identity.0.as_ref()?.identity_id);
        let principal = || owner(Authority::Iam, &self.user_id);
        identity().or_else(principal).or_else(|| owner(Authority::IamArn, &self.user_arn))
    }
}

impl Identity {
    /// The caller who signed the request.
    pub(super) fn caller(&self) -> Option<Caller> {
        let identity = owner(Authority::CognitoIdentity, &self.cognito_identity_id);
        let principal = || owner(Authority::Iam, &self.user);
        identity.or_else(principal).or_else(|| owner(Authority::IamArn, &self.user_arn)).map(Caller::Known)
    }
}

/// The owner whom `authority` calls `name`; none without a name. No two pairs give one owner: neither the kind nor the issuer holds
/// a bar once it is written.
fn owner(authority: Authority<'_>, name: &Text) -> Option<Owner> {
    let name = name.as_deref()?;
    Some(Owner::subject(match authority {
        Authority::Issuer(issuer) => format!("jwt|{}|{name}", issuer.replace('%', "%25").replace('|', "%7C")),
        Authority::Iam => format!("iam|{name}"),
        Authority::IamArn => format!("iam-arn|{name}"),
        Authority::CognitoIdentity => format!("cognito-identity|{name}"),
        Authority::LambdaAuthorizer => format!("authorizer|{name}"),
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;

    fn of_payload_2(authorizer: Value) -> Option<Caller> {
        serde_json::from_value::<Authorizer>(authorizer).unwrap().caller()
    }

    fn of_payload_1(authorizer: Value) -> Option<Caller> {
        serde_json::from_value::<Authorizer>(authorizer).unwrap().caller_of_payload_1()
    }

    #[test]
    fn no_two_callers_are_one_owner() {
        let callers = [
            json!({"jwt": {"claims": {"iss": "a", "sub": "x"}}}),
            json!({"jwt": {"claims": {"iss": "b", "sub": "x"}}}),
            json!({"jwt": {"claims": {"sub": "x"}}}),
            json!({"jwt": {"claims": {"sub": "a|x"}}}),
            json!({"jwt": {"claims": {"iss": "a|", "sub": "x"}}}),
            json!({"jwt": {"claims": {"iss": "a", "sub": "|x"}}}),
            json!({"jwt": {"claims": {"iss": "a%7C", "sub": "x"}}}),
            json!({"iam": {"userId": "x"}}),
            json!({"iam": {"userArn": "x"}}),
            json!({"iam": {"userId": "x", "cognitoIdentity": {"identityId": "x"}}}),
            json!({"lambda": {"sub": "x"}}),
        ];
        let owners: BTreeSet<Owner> = callers
            .iter()
            .map(|caller| match of_payload_2(caller.clone()) {
                Some(Caller::Known(owner)) => owner,
                other => panic!("{caller} is {other:?}"),
            })
            .collect();
        assert_eq!(owners.len(), callers.len());
    }

    #[test]
    fn a_caller_is_the_same_in_both_payloads() {
        let claims = json!({"iss": "https://issuer.example", "sub": "ada"});
        assert_eq!(of_payload_1(json!({"claims": claims})), of_payload_2(json!({"jwt": {"claims": claims}})));
        assert_eq!(
            of_payload_1(json!({"principalId": "ada"})),
            of_payload_2(json!({"lambda": {"principalId": "ada"}}))
        );
        assert_eq!(of_payload_1(json!({"sub": "ada"})), of_payload_2(json!({"lambda": {"sub": "ada"}})));
        let identity: Identity = serde_json::from_value(json!({"user": "AIDA", "userArn": "arn"})).unwrap();
        assert_eq!(identity.caller(), of_payload_2(json!({"iam": {"userId": "AIDA", "userArn": "arn"}})));
    }

    #[test_case(json!({}); "nothing")]
    #[test_case(json!({"jwt": {"claims": {"iss": "a"}}}); "no subject")]
    #[test_case(json!({"jwt": {"claims": {"iss": "a", "sub": ""}}}); "empty subject")]
    #[test_case(json!({"jwt": {"claims": {"sub": ["a"]}}}); "a list as subject")]
    #[test_case(json!({"lambda": {"key": "value"}}); "another key")]
    #[test_case(json!({"jwt": "x", "iam": 1, "lambda": []}); "other types")]
    #[test_case(json!({"principalId": "x", "claims": {"sub": "x"}, "sub": "x"}); "the other payload")]
    fn whom_an_authorizer_of_payload_2_does_not_name_has_no_name(authorizer: Value) {
        assert_eq!(of_payload_2(authorizer), Some(Caller::Unnamed));
    }

    #[test_case(json!({"claims": null, "scopes": null}), None; "no authorizer")]
    #[test_case(json!({"principalId": "", "sub": []}), None; "no name")]
    #[test_case(json!({"lambda": {"sub": "x"}, "iam": {"userId": "x"}}), None; "the other payload")]
    #[test_case(json!({"claims": {"iss": "a"}, "principalId": "x"}), Some(Caller::Unnamed); "claims without a subject")]
    fn whom_nobody_names_in_payload_1_is_nobody(authorizer: Value, caller: Option<Caller>) {
        assert_eq!(of_payload_1(authorizer), caller);
    }
}

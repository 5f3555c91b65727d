//! The check of a token: signature and claims, given the issuer's keys and the time.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
//!
//! AWS documents one of the texts for a bad token, about the audience; the others are ours.

use std::collections::BTreeMap;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

use super::authorizer::JwtAuthorizer;

/// "Currently, only RSA-based algorithms are supported."
const ALGORITHMS: [Algorithm; 6] =
    [Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];

/// The reason why a token is not accepted, for the `error_description` of the challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unacceptable(pub(super) String);

impl From<&str> for Unacceptable {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// The claims of a token that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Claims(Map<String, Value>);

/// The id of the key that a token says it is signed with.
pub(super) fn key_id(token: &str) -> Result<String, Unacceptable> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| "the token cannot be decoded")?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Unacceptable(format!("signing method {:?} is invalid", header.alg)));
    }
    header.kid.ok_or_else(|| "the token does not say which key signed it".into())
}

/// The claims of a token that the authorizer accepts at `now`, in Unix seconds.
pub(super) fn verify(token: &str, authorizer: &JwtAuthorizer, keys: &JwkSet, now: i64) -> Result<Claims, Unacceptable> {
    let key = keys.find(&key_id(token)?).ok_or("the token's key is not among the issuer's")?;
    let key = DecodingKey::from_jwk(key).map_err(|_| "the token's key cannot be used")?;
    let header = jsonwebtoken::decode_header(token).map_err(|_| "the token cannot be decoded")?;
    let mut signature_only = Validation::new(header.alg);
    signature_only.required_spec_claims.clear();
    signature_only.validate_exp = false;
    signature_only.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, &key, &signature_only);
    let claims = decoded.map_err(|_| "the token's signature is invalid")?.claims;
    check(&claims, authorizer, now)?;
    Ok(Claims(claims))
}

/// `iss`, `aud` or `client_id`, `exp`, `nbf`, `iat`. A token without `exp` would never end: it is refused (an assumption).
fn check(claims: &Map<String, Value>, authorizer: &JwtAuthorizer, now: i64) -> Result<(), Unacceptable> {
    if claims.get("iss").and_then(Value::as_str) != Some(&authorizer.issuer) {
        return Err("the token does not have a valid issuer".into());
    }
    // `client_id` counts only where there is no `aud`.
    let audience = claims.get("aud").or_else(|| claims.get("client_id"));
    if !texts(audience).any(|one| authorizer.audience.iter().any(|known| known == one)) {
        return Err("the token does not have a valid audience".into());
    }
    let time = |name: &str| claims.get(name).and_then(Value::as_f64);
    #[expect(clippy::cast_precision_loss, reason = "the seconds of today are far below 2^53")]
    let now = now as f64;
    if time("exp").is_none_or(|end| end <= now) {
        return Err("the token has expired".into());
    }
    if time("nbf").is_some_and(|begin| begin > now) {
        return Err("the token is not valid yet".into());
    }
    if time("iat").is_some_and(|issued| issued > now) {
        return Err("the token was issued in the future".into());
    }
    Ok(())
}

/// A text, or the texts of a list.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let one = value.and_then(Value::as_str);
    let many = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many)
}

impl Claims {
    /// True if `scope` or `scp` holds one of these; every token does when none is asked for.
    pub(super) fn has_scope(&self, wanted: &[String]) -> bool {
        let held = ["scope", "scp"].into_iter().flat_map(|name| texts(self.0.get(name)));
        let mut held = held.flat_map(str::split_whitespace);
        wanted.is_empty() || held.any(|scope| wanted.iter().any(|wanted| wanted == scope))
    }

    /// The claims as an event has them: all of them texts.
    pub(super) fn texts(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

/// A claim as text. A list is `[a b]` (what functions behind Cognito get as `cognito:groups`); an object in the same manner is
/// an assumption.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(" ")),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}:{}", text(value)));
            format!("map[{}]", members.collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::super::identity_source::IdentitySource;
    use super::*;

    fn authorizer() -> JwtAuthorizer {
        let source = IdentitySource::parse("$request.header.Authorization").unwrap();
        JwtAuthorizer { issuer: "http://i".into(), audience: vec!["a".into(), "b".into()], source }
    }

    fn checked(change: Value) -> Result<(), String> {
        let mut claims = json!({ "iss": "http://i", "aud": "a", "exp": 200, "nbf": 50, "iat": 100 });
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let claims: Map<String, Value> = claims
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        check(&claims, &authorizer(), 100).map_err(|fault| fault.0)
    }

    #[test_case(json!({}); "as they are")]
    #[test_case(json!({ "aud": ["x", "b"] }); "one audience of several")]
    #[test_case(json!({ "aud": null, "client_id": "b" }); "a client instead of an audience")]
    #[test_case(json!({ "nbf": null, "iat": null }); "without a beginning")]
    fn accepts(change: Value) {
        assert_eq!(checked(change), Ok(()));
    }

    #[test_case(json!({ "iss": "http://j" }), "the token does not have a valid issuer")]
    #[test_case(json!({ "iss": null }), "the token does not have a valid issuer"; "no issuer")]
    #[test_case(json!({ "aud": "c" }), "the token does not have a valid audience")]
    #[test_case(json!({ "aud": "c", "client_id": "a" }), "the token does not have a valid audience"; "aud comes before client_id")]
    #[test_case(json!({ "aud": null }), "the token does not have a valid audience"; "no audience")]
    #[test_case(json!({ "exp": 100 }), "the token has expired")]
    #[test_case(json!({ "exp": null }), "the token has expired"; "no end")]
    #[test_case(json!({ "exp": "200" }), "the token has expired"; "an end that is no number")]
    #[test_case(json!({ "nbf": 101 }), "the token is not valid yet")]
    #[test_case(json!({ "iat": 101 }), "the token was issued in the future")]
    fn refuses(change: Value, why: &str) {
        assert_eq!(checked(change), Err(why.to_owned()));
    }

    #[test_case(json!({ "scope": "read write" }), true; "among the words of scope")]
    #[test_case(json!({ "scp": ["write"] }), true; "in scp")]
    #[test_case(json!({ "scope": "read writer" }), false; "only as a part")]
    #[test_case(json!({}), false; "no scope")]
    fn a_scope_is_held(claims: Value, expected: bool) {
        let claims = Claims(claims.as_object().unwrap().clone());
        assert_eq!(claims.has_scope(&["admin".into(), "write".into()]), expected);
        assert!(claims.has_scope(&[]));
    }

    #[test]
    fn claims_are_texts() {
        let claims =
            json!({ "exp": 1_583_798_639, "admin": true, "groups": ["a", 1], "address": { "city": "London" } });
        let expected = [("address", "map[city:London]"), ("admin", "true"), ("exp", "1583798639"), ("groups", "[a 1]")];
        let texts = Claims(claims.as_object().unwrap().clone()).texts();
        assert_eq!(texts, expected.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
    }

    #[test]
    fn a_token_that_is_none_and_one_without_a_signature_are_refused() {
        assert_eq!(key_id("x"), Err("the token cannot be decoded".into()));
        // {"alg":"HS256","kid":"k"}.{}
        let shared_secret = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsifQ.e30.AAAA";
        assert_eq!(key_id(shared_secret), Err("signing method HS256 is invalid".into()));
        // {"alg":"none"}.{}
        assert!(key_id("eyJhbGciOiJub25lIn0.e30.").is_err());
    }
}

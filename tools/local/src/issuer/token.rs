//! The claims of a token, from the form that asks for it.

use serde::Serialize;

/// The audience of a token that is asked for without one.
pub const DEFAULT_AUDIENCE: &str = "slipway";

/// Seconds that a token is good for unless asked otherwise; a day at most.
const LIFETIME: i64 = 3600;
const LONGEST_LIFETIME: i64 = 24 * 3600;

/// The claims of a token. `token_use` and the rest of what identity providers add are their own.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
}

impl Claims {
    /// Claims as asked for by a form, at `now` in Unix seconds.
    ///
    /// # Errors
    /// Names the parameter that is missing or wrong, in the words of an `error_description`.
    pub(super) fn asked(issuer: &str, form: &str, now: i64) -> Result<Self, String> {
        let (mut subject, mut audience, mut scope, mut lifetime) = (None, None, None, LIFETIME);
        for (name, value) in form_urlencoded::parse(form.as_bytes()) {
            match name.as_ref() {
                "sub" => subject = Some(value.into_owned()),
                "aud" => audience = Some(value.into_owned()),
                "scope" => scope = Some(value.into_owned()),
                "lifetime" => {
                    let seconds = value.parse().ok().filter(|seconds| (1..=LONGEST_LIFETIME).contains(seconds));
                    lifetime = seconds.ok_or_else(|| format!("lifetime is from 1 to {LONGEST_LIFETIME} seconds"))?;
                }
                // OAuth's own clients send these; anybody may have a token, so there is nothing to check.
                "grant_type" | "client_id" | "client_secret" => {}
                other => return Err(format!("{other} is not known: sub, scope, aud and lifetime are")),
            }
        }
        let sub = subject.filter(|sub| !sub.is_empty()).ok_or("sub is missing: whom is the token for?")?;
        let aud = audience.unwrap_or_else(|| DEFAULT_AUDIENCE.to_owned());
        Ok(Self { iss: issuer.to_owned(), sub, aud, iat: now, exp: now + lifetime, scope })
    }

    /// The lifetime of the token, in seconds.
    pub(super) fn lifetime(&self) -> i64 {
        self.exp - self.iat
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn a_subject_is_enough() {
        let claims = Claims::asked("i", "sub=ada", 100).unwrap();
        let expected =
            Claims { iss: "i".into(), sub: "ada".into(), aud: "slipway".into(), iat: 100, exp: 3700, scope: None };
        assert_eq!(claims, expected);
    }

    #[test]
    fn all_that_may_be_asked_for_is_given() {
        let form = "grant_type=client_credentials&sub=a%20b&aud=x&scope=read+write&lifetime=5";
        let claims = Claims::asked("i", form, 100).unwrap();
        assert_eq!((claims.sub.as_str(), claims.aud.as_str(), claims.exp), ("a b", "x", 105));
        assert_eq!(claims.scope.as_deref(), Some("read write"));
    }

    #[test_case(""; "no subject")]
    #[test_case("sub="; "an empty subject")]
    #[test_case("sub=a&lifetime=0"; "no lifetime")]
    #[test_case("sub=a&lifetime=86401"; "a longer lifetime than a day")]
    #[test_case("sub=a&lifetime=x"; "a lifetime that is no number")]
    #[test_case("sub=a&audience=x"; "a misspelt member")]
    fn refuses(form: &str) {
        assert!(Claims::asked("i", form, 0).is_err());
    }
}

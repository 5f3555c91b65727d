//! A route: where it leads, and who may take it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::authorizer::Authorizer;
use super::routes::RouteKey;
use crate::core::{Input, ServiceError};

/// A route and the integration it leads to.
#[derive(Debug)]
pub(super) struct ApiRoute {
    pub(super) key: RouteKey,
    pub(super) integration: String,
    pub(super) access: Access,
}

/// Who may take a route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Access {
    /// Anybody.
    #[default]
    Open,
    /// Whoever signs the request.
    Iam,
    /// Whoever has a token that the authorizer accepts, with one of the scopes if there are any.
    Jwt {
        /// The authorizer's id.
        authorizer: String,
        /// `AuthorizationScopes`.
        scopes: Vec<String>,
    },
}

impl Access {
    /// Reads `AuthorizationType`, `AuthorizerId` and `AuthorizationScopes`; what is not named stays as it is.
    pub(super) fn read(
        input: &Input,
        current: Option<&Self>,
        authorizers: &BTreeMap<String, Authorizer>,
    ) -> Result<Self, ServiceError> {
        let (known_kind, known_authorizer, known_scopes) = current.unwrap_or(&Self::Open).parts();
        let scopes = match input.get("AuthorizationScopes") {
            Some(_) => input.strings("AuthorizationScopes"),
            None => known_scopes.to_vec(),
        };
        match input.opt_str("AuthorizationType").unwrap_or(known_kind) {
            "NONE" => Ok(Self::Open),
            "AWS_IAM" => Ok(Self::Iam),
            "JWT" => {
                let id = input.opt_str("AuthorizerId").or(known_authorizer).unwrap_or_default();
                if !authorizers.contains_key(id) {
                    let message = "Invalid authorizer ID specified. Setting the authorization type to JWT requires a \
                                   valid JWT authorizer.";
                    return Err(ServiceError::new("BadRequestException", message));
                }
                Ok(Self::Jwt { authorizer: id.to_owned(), scopes })
            }
            other => {
                Err(ServiceError::not_implemented("apigateway", &format!("a route with authorization of type {other}")))
            }
        }
    }

    fn parts(&self) -> (&'static str, Option<&str>, &[String]) {
        match self {
            Self::Open => ("NONE", None, &[]),
            Self::Iam => ("AWS_IAM", None, &[]),
            Self::Jwt { authorizer, scopes } => ("JWT", Some(authorizer), scopes),
        }
    }
}

impl ApiRoute {
    pub(super) fn describe(&self, id: &str) -> Value {
        let (kind, authorizer, scopes) = self.access.parts();
        let mut described = json!({
            "RouteId": id, "RouteKey": self.key.text(), "Target": format!("integrations/{}", self.integration),
            "AuthorizationType": kind, "ApiKeyRequired": false,
        });
        if let Some(authorizer) = authorizer {
            described["AuthorizerId"] = json!(authorizer);
        }
        if !scopes.is_empty() {
            described["AuthorizationScopes"] = json!(scopes);
        }
        described
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authorizers() -> BTreeMap<String, Authorizer> {
        let input = json!({
            "Name": "n", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": { "Issuer": "http://i", "Audience": ["a"] },
        });
        BTreeMap::from([("a1".to_owned(), Authorizer::read(&input.into(), None).unwrap())])
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let read = |input: Value, current: &Access| Access::read(&input.into(), Some(current), &authorizers()).unwrap();
        let open = Access::default();
        let jwt = read(json!({ "AuthorizationType": "JWT", "AuthorizerId": "a1" }), &open);
        assert_eq!(jwt, Access::Jwt { authorizer: "a1".into(), scopes: vec![] });
        let scoped = read(json!({ "AuthorizationScopes": ["write"] }), &jwt);
        assert_eq!(scoped, Access::Jwt { authorizer: "a1".into(), scopes: vec!["write".into()] });
        assert_eq!(read(json!({ "AuthorizationType": "AWS_IAM" }), &scoped), Access::Iam);
        assert_eq!(read(json!({}), &scoped), scoped);
    }

    #[test]
    fn an_authorizer_that_is_not_there_is_refused() {
        let input = json!({ "AuthorizationType": "JWT", "AuthorizerId": "a2" });
        let error = Access::read(&input.into(), None, &authorizers()).unwrap_err();
        assert_eq!(error.code, "BadRequestException");
        let custom = json!({ "AuthorizationType": "CUSTOM" });
        assert_eq!(Access::read(&custom.into(), None, &authorizers()).unwrap_err().code, "NotImplemented");
    }
}

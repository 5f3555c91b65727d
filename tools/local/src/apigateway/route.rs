//! A route: where it leads, and who may take it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::authorizer::{Authorizer, Kind};
use super::errors::{bad_request, not_run};
use super::members::{Members, kept, lengths};
use super::routes::RouteKey;
use crate::core::{Input, ServiceError};

/// The quota of scopes of one route.
const SCOPES: usize = 10;

/// A route, and the integration it leads to if it leads anywhere.
#[derive(Clone, Debug)]
pub(super) struct ApiRoute {
    pub(super) key: RouteKey,
    pub(super) integration: Option<String>,
    pub(super) access: Access,
    /// True if quick creation made it.
    managed: bool,
    members: Members,
}

/// The callers that may take a route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Access {
    /// Anybody.
    #[default]
    Open,
    /// Open to callers who sign their requests.
    Iam,
    /// Open to callers with a token that the authorizer accepts, with one of the scopes if there are any.
    Jwt {
        /// The authorizer's id.
        authorizer: String,
        /// `AuthorizationScopes`.
        scopes: Vec<String>,
    },
    /// Whomever the authorizer's function lets through.
    Custom {
        /// The authorizer's id.
        authorizer: String,
    },
}

impl ApiRoute {
    /// An open route to an integration.
    pub(super) fn to(key: RouteKey, integration: Option<String>, access: Access) -> Self {
        Self { key, integration, access, managed: false, members: Members::new() }
    }

    /// The same route, as quick creation makes it.
    pub(super) fn managed(self) -> Self {
        Self { managed: true, ..self }
    }

    /// Reads `CreateRoute`, or `UpdateRoute` of a route, where what is not named stays as it is.
    pub(super) fn read(
        input: &Input,
        current: Option<&Self>,
        authorizers: &BTreeMap<String, Authorizer>,
    ) -> Result<Self, ServiceError> {
        lengths(input, &[("OperationName", 1, 64), ("Target", 1, 128)])?;
        let key = input.opt_str("RouteKey").map(RouteKey::parse).transpose()?;
        if key.is_some() && current.is_some_and(|route| route.managed && Some(&route.key) != key.as_ref()) {
            return Err(bad_request("You can't modify the route key of a route that API Gateway manages"));
        }
        let key = key.or_else(|| current.map(|route| route.key.clone()));
        let integration = match input.opt_str("Target").map(|target| (target, target.strip_prefix("integrations/"))) {
            None => current.and_then(|route| route.integration.clone()),
            Some((_, Some(id))) => Some(id.to_owned()),
            Some((target, None)) => return Err(bad_request(format!("Invalid Target specified: {target}"))),
        };
        let mut members = current.map(|route| route.members.clone()).unwrap_or_default();
        members.extend(kept(input, &["OperationName"]));
        Ok(Self {
            key: key.ok_or_else(|| bad_request("Route key is required"))?,
            integration,
            access: Access::read(input, current.map(|route| &route.access), authorizers)?,
            managed: current.is_some_and(|route| route.managed),
            members,
        })
    }

    pub(super) fn describe(&self, id: &str) -> Value {
        let (kind, authorizer, scopes) = self.access.parts();
        let mut described = self.members.clone();
        described.extend([
            ("RouteId".to_owned(), json!(id)),
            ("RouteKey".to_owned(), json!(self.key.text())),
            ("AuthorizationType".to_owned(), json!(kind)),
            ("ApiKeyRequired".to_owned(), json!(false)),
        ]);
        let optional = [
            ("Target", self.integration.as_ref().map(|id| json!(format!("integrations/{id}")))),
            ("AuthorizerId", authorizer.map(|id| json!(id))),
            ("AuthorizationScopes", (!scopes.is_empty()).then(|| json!(scopes))),
            ("ApiGatewayManaged", self.managed.then_some(Value::Bool(true))),
        ];
        described.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        Value::Object(described)
    }
}

impl Access {
    /// Reads `AuthorizationType`, `AuthorizerId` and `AuthorizationScopes`; a member that is not named stays as it is.
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
        if scopes.len() > SCOPES {
            return Err(bad_request(format!("A route may have at most {SCOPES} authorization scopes")));
        }
        let id = input.opt_str("AuthorizerId").or(known_authorizer).unwrap_or_default().to_owned();
        let known = authorizers.get(&id);
        match input.opt_str("AuthorizationType").unwrap_or(known_kind) {
            "NONE" if input.opt_str("AuthorizerId").is_some() && input.opt_str("AuthorizationType").is_none() => {
                Err(bad_request("Setting an authorizer requires an authorization type of JWT or CUSTOM"))
            }
            "NONE" => Ok(Self::Open),
            "AWS_IAM" => Ok(Self::Iam),
            "JWT" => match known.map(|known| &known.kind) {
                Some(Kind::Jwt(_)) => Ok(Self::Jwt { authorizer: id, scopes }),
                _ => Err(bad_request(
                    "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT \
                     authorizer.",
                )),
            },
            "CUSTOM" => match known.map(|known| &known.kind) {
                Some(Kind::Request(_)) => Ok(Self::Custom { authorizer: id }),
                _ => Err(bad_request(
                    "Invalid authorizer ID specified. Setting the authorization type to CUSTOM requires a valid \
                     REQUEST authorizer.",
                )),
            },
            other => Err(not_run(&format!("a route with authorization of type {other}"))),
        }
    }

    /// The authorizer that the route names.
    pub(super) fn authorizer(&self) -> Option<&str> {
        self.parts().1
    }

    fn parts(&self) -> (&'static str, Option<&str>, &[String]) {
        match self {
            Self::Open => ("NONE", None, &[]),
            Self::Iam => ("AWS_IAM", None, &[]),
            Self::Jwt { authorizer, scopes } => ("JWT", Some(authorizer), scopes),
            Self::Custom { authorizer } => ("CUSTOM", Some(authorizer), &[]),
        }
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
    fn an_authorizer_that_is_not_there_or_of_another_type_is_refused() {
        for input in [
            json!({ "AuthorizationType": "JWT", "AuthorizerId": "a2" }),
            json!({ "AuthorizationType": "JWT" }),
            json!({ "AuthorizationType": "CUSTOM", "AuthorizerId": "a1" }),
        ] {
            let error = Access::read(&input.into(), None, &authorizers()).unwrap_err();
            assert_eq!(error.code, "BadRequestException");
        }
    }

    #[test]
    fn a_route_needs_no_target() {
        let input = json!({ "RouteKey": "GET /" });
        let described = ApiRoute::read(&input.into(), None, &authorizers()).unwrap().describe("r");
        let expected =
            json!({ "RouteId": "r", "RouteKey": "GET /", "AuthorizationType": "NONE", "ApiKeyRequired": false });
        assert_eq!(described, expected);
    }
}

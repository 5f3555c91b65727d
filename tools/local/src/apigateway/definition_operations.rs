//! The operations on what an API is defined by: integrations, routes and authorizers.

use serde_json::Value;
use slipway_shared::telemetry::Chain;

use super::authorizer::Authorizer;
use super::errors::{bad_request, no_such, not_run};
use super::integration::Integration;
use super::issuer_keys::{IssuerError, check_scheme, discovery_url};
use super::members::required;
use super::page::page;
use super::route::ApiRoute;
use super::state::{ApiGateway, DELETE, Declared, GET, PATCH, POST};
use crate::core::{Input, Reply, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now(
        "CreateIntegration",
        "ApiId ConnectionType=INTERNET Description IntegrationMethod IntegrationType IntegrationUri \
         PayloadFormatVersion TimeoutInMillis",
        |state, request| {
            state.change(&request.input, |api| {
                let integration = Integration::read(&request.input)?;
                let id = api.definition.add_integration(&state.hub.ids, integration)?;
                Ok(api.definition.integration(&id)?.describe(&id))
            })
        },
    )
    .on("/apis/{ApiId}/integrations")
    .called(POST),
    Declared::now("GetIntegrations", "ApiId MaxResults NextToken", |state, request| {
        state.with_api(&request.input, |api| {
            page(request, api.definition.integrations.iter().map(|(id, item)| (id.as_str(), item.describe(id))))
        })
    })
    .on("/apis/{ApiId}/integrations")
    .called(GET),
    Declared::now("GetIntegration", "ApiId IntegrationId", |state, request| {
        let id = required(&request.input, "IntegrationId")?;
        state.with_api(&request.input, |api| Ok(api.definition.integration(id)?.describe(id)))
    })
    .on("/apis/{ApiId}/integrations/{IntegrationId}")
    .called(GET),
    Declared::now(
        "UpdateIntegration",
        "ApiId ConnectionType=INTERNET Description IntegrationId IntegrationMethod IntegrationType IntegrationUri \
         PayloadFormatVersion TimeoutInMillis",
        |state, request| {
            let id = required(&request.input, "IntegrationId")?;
            state.change(&request.input, |api| api.definition.update_integration(id, &request.input))
        },
    )
    .on("/apis/{ApiId}/integrations/{IntegrationId}")
    .called(PATCH),
    Declared::now("DeleteIntegration", "ApiId IntegrationId", |state, request| {
        let id = required(&request.input, "IntegrationId")?;
        state.change(&request.input, |api| api.definition.remove_integration(id).map(|()| Value::Null))
    })
    .on("/apis/{ApiId}/integrations/{IntegrationId}")
    .called(DELETE),
    Declared::now(
        "CreateRoute",
        "ApiId AuthorizationScopes AuthorizationType AuthorizerId OperationName RouteKey Target",
        |state, request| {
            state.change(&request.input, |api| {
                let route = ApiRoute::read(&request.input, None, &api.definition.authorizers)?;
                let id = api.definition.add_route(&state.hub.ids, route)?;
                Ok(api.definition.route(&id)?.describe(&id))
            })
        },
    )
    .on("/apis/{ApiId}/routes")
    .called(POST),
    Declared::now("GetRoutes", "ApiId MaxResults NextToken", |state, request| {
        state.with_api(&request.input, |api| {
            page(request, api.definition.routes.iter().map(|(id, item)| (id.as_str(), item.describe(id))))
        })
    })
    .on("/apis/{ApiId}/routes")
    .called(GET),
    Declared::now("GetRoute", "ApiId RouteId", |state, request| {
        let id = required(&request.input, "RouteId")?;
        state.with_api(&request.input, |api| Ok(api.definition.route(id)?.describe(id)))
    })
    .on("/apis/{ApiId}/routes/{RouteId}")
    .called(GET),
    Declared::now(
        "UpdateRoute",
        "ApiId AuthorizationScopes AuthorizationType AuthorizerId OperationName RouteId RouteKey Target",
        |state, request| {
            let id = required(&request.input, "RouteId")?;
            state.change(&request.input, |api| {
                let definition = &mut api.definition;
                let route = ApiRoute::read(&request.input, Some(definition.route(id)?), &definition.authorizers)?;
                definition.put_route(id, route)?;
                Ok(definition.route(id)?.describe(id))
            })
        },
    )
    .on("/apis/{ApiId}/routes/{RouteId}")
    .called(PATCH),
    Declared::now("DeleteRoute", "ApiId RouteId", |state, request| {
        let id = required(&request.input, "RouteId")?;
        state.change(&request.input, |api| {
            api.definition.routes.remove(id).map(|_| Value::Null).ok_or_else(|| no_such("Route", id))
        })
    })
    .on("/apis/{ApiId}/routes/{RouteId}")
    .called(DELETE),
    Declared::later("CreateAuthorizer", AUTHORIZER, |state, request| Box::pin(state.put_authorizer(&request.input)))
        .on("/apis/{ApiId}/authorizers")
        .called(POST),
    Declared::now("GetAuthorizers", "ApiId MaxResults NextToken", |state, request| {
        state.with_api(&request.input, |api| {
            page(request, api.definition.authorizers.iter().map(|(id, item)| (id.as_str(), item.describe(id))))
        })
    })
    .on("/apis/{ApiId}/authorizers")
    .called(GET),
    Declared::now("GetAuthorizer", "ApiId AuthorizerId", |state, request| {
        let id = required(&request.input, "AuthorizerId")?;
        state.with_api(&request.input, |api| Ok(api.definition.authorizer(id)?.describe(id)))
    })
    .on("/apis/{ApiId}/authorizers/{AuthorizerId}")
    .called(GET),
    Declared::later("UpdateAuthorizer", CHANGED_AUTHORIZER, |state, request| {
        Box::pin(state.put_authorizer(&request.input))
    })
    .on("/apis/{ApiId}/authorizers/{AuthorizerId}")
    .called(PATCH),
    Declared::now("DeleteAuthorizer", "ApiId AuthorizerId", |state, request| {
        let id = required(&request.input, "AuthorizerId")?;
        state.change(&request.input, |api| api.definition.remove_authorizer(id).map(|()| Value::Null))
    })
    .on("/apis/{ApiId}/authorizers/{AuthorizerId}")
    .called(DELETE),
];

const AUTHORIZER: &str = "ApiId AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds AuthorizerType AuthorizerUri \
                          EnableSimpleResponses IdentitySource JwtConfiguration Name";
const CHANGED_AUTHORIZER: &str = "ApiId AuthorizerId AuthorizerPayloadFormatVersion AuthorizerResultTtlInSeconds \
                                  AuthorizerType AuthorizerUri EnableSimpleResponses IdentitySource JwtConfiguration \
                                  Name";

impl ApiGateway {
    /// Makes or changes an authorizer; an issuer has to be reached, as AWS asks of it.
    async fn put_authorizer(&self, input: &Input) -> Reply {
        let id = input.opt_str("AuthorizerId");
        let authorizer = self.with_api(input, |api| {
            let current = id.map(|id| api.definition.authorizer(id)).transpose()?;
            Authorizer::read(input, current)
        })?;
        if let Some(issuer) = authorizer.issuer() {
            self.shared.keys.read(issuer).await.map_err(|error| unreachable_issuer(issuer, &error))?;
        }
        self.shared.verdicts.forget(|key| Some(key.authorizer.as_str()) == id);
        self.change(input, |api| api.definition.put_authorizer(&self.hub.ids, id, authorizer))
    }
}

/// The refusal of an issuer that the plane never can reach, seen before an authorizer is made.
pub(crate) fn refused_issuer(issuer: &str) -> Option<ServiceError> {
    check_scheme(issuer).err().map(|error| unreachable_issuer(issuer, &error))
}

/// The error for an issuer that cannot be reached, in API Gateway's words; `NotImplemented` if the plane never can reach it.
fn unreachable_issuer(issuer: &str, error: &IssuerError) -> ServiceError {
    if let IssuerError::Scheme(_) = error {
        return not_run(&format!("an authorizer: {error}"));
    }
    let url = discovery_url(issuer);
    let cause = Chain(error);
    bad_request(format!(
        "Caught exception when connecting to {url} for issuer {issuer}. Please try again later. Error: {cause}"
    ))
}

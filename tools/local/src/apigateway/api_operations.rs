//! The operations on APIs as a whole.

use serde_json::Value;

use super::api::Api;
use super::errors::{bad_request, not_run};
use super::front_door;
use super::import::{self, Import};
use super::members::required;
use super::page::page;
use super::state::{ApiGateway, DELETE, Declared, GET, PATCH, POST, PUT};
use crate::core::{Input, Reply, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later(
        "CreateApi",
        "ApiKeySelectionExpression CorsConfiguration Description DisableExecuteApiEndpoint DisableSchemaValidation \
         IpAddressType Name ProtocolType RouteKey RouteSelectionExpression Tags Target Version",
        |state, request| Box::pin(state.create(&request.input)),
    )
    .on("/apis")
    .called(POST),
    Declared::now("GetApis", "MaxResults NextToken", |state, request| {
        page(request, state.apis().iter().map(|(id, api)| (id.as_str(), api.describe())))
    })
    .on("/apis")
    .called(GET),
    Declared::now("GetApi", "ApiId", |state, request| state.with_api(&request.input, |api| Ok(api.describe())))
        .on("/apis/{ApiId}")
        .called(GET),
    Declared::now(
        "UpdateApi",
        "ApiId ApiKeySelectionExpression CorsConfiguration Description DisableExecuteApiEndpoint \
         DisableSchemaValidation IpAddressType Name RouteSelectionExpression Version",
        |state, request| {
            state.change(&request.input, |api| {
                api.set(&request.input)?;
                Ok(api.describe())
            })
        },
    )
    .on("/apis/{ApiId}")
    .called(PATCH),
    Declared::now("DeleteApi", "ApiId", |state, request| state.delete(&request.input))
        .on("/apis/{ApiId}")
        .called(DELETE),
    Declared::now("DeleteCorsConfiguration", "ApiId", |state, request| {
        state.change(&request.input, |api| {
            api.definition.cors = None;
            Ok(Value::Null)
        })
    })
    .on("/apis/{ApiId}/cors")
    .called(DELETE),
    Declared::later("ImportApi", "Basepath Body FailOnWarnings", |state, request| {
        Box::pin(state.import(&request.input))
    })
    .on("/apis")
    .called(PUT),
    Declared::now("ReimportApi", "ApiId Basepath Body FailOnWarnings", |state, request| state.reimport(&request.input))
        .on("/apis/{ApiId}")
        .called(PUT),
];

impl ApiGateway {
    async fn create(&self, input: &Input) -> Reply {
        match required(input, "ProtocolType")? {
            "HTTP" => self.open(Api::read(input, &self.hub.ids, self.hub.now())?).await,
            "WEBSOCKET" => Err(not_run("CreateApi of a WebSocket API")),
            _ => Err(bad_request("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]")),
        }
    }

    async fn import(&self, input: &Input) -> Reply {
        let import = Import::read(input)?;
        let mut api = Api::named("", self.hub.now());
        import::fill(&mut api, &self.hub.ids, &import)?;
        self.open(api).await
    }

    /// Gives the API its id and its door.
    async fn open(&self, mut api: Api) -> Reply {
        api.id = self.hub.ids.lower(10);
        let door = front_door::open(&self.hub, &self.shared, &api.id).await;
        let door = door.map_err(|error| ServiceError::internal(format!("no loopback port for the API: {error}")))?;
        api.endpoint = format!("http://{}", door.address());
        api.door = Some(door);
        let described = api.describe();
        self.apis().insert(api.id.clone(), api);
        Ok(described)
    }

    /// Replaces routes and integrations by the definition's; id, door and stages stay.
    fn reimport(&self, input: &Input) -> Reply {
        let import = Import::read(input)?;
        self.change(input, |api| {
            let mut fresh = api.emptied(self.hub.now());
            import::fill(&mut fresh, &self.hub.ids, &import)?;
            api.take_definition(fresh);
            Ok(api.describe())
        })
    }

    fn delete(&self, input: &Input) -> Reply {
        let id = required(input, "ApiId")?;
        self.shared.verdicts.forget(|key| key.api == id);
        self.apis().remove(id).map(|_| Value::Null).ok_or_else(|| self.no_such_api(id))
    }
}

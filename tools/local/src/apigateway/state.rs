//! The APIs and the operations on them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Value, json};
use slipway_shared::telemetry::Chain;

use super::api::Api;
use super::authorizer::Authorizer;
use super::door;
use super::import;
use super::integration::Integration;
use super::issuer_keys::{IssuerError, IssuerKeys, discovery_url};
use super::route::Access;
use super::routes::RouteKey;
use super::stage::Stage;
use crate::core::{Hub, Input, Reply, Request, Service, ServiceError};

/// Every API by its id, shared with the front doors.
pub(super) type Apis = Arc<Mutex<BTreeMap<String, Api>>>;

struct ApiGateway {
    hub: Arc<Hub>,
    apis: Apis,
    keys: Arc<IssuerKeys>,
}

/// The service.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(ApiGateway { hub: Arc::clone(hub), apis: Apis::default(), keys: Arc::default() })
}

impl Service for ApiGateway {
    fn name(&self) -> &'static str {
        "apigateway"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            let input = &request.input;
            match request.operation.as_str() {
                "CreateApi" => self.create(input).await,
                "ImportApi" => self.import(input).await,
                "ReimportApi" => self.reimport(input),
                "DeleteApi" => self.delete(input),
                "CreateAuthorizer" | "UpdateAuthorizer" => self.put_authorizer(input).await,
                "TagResource" | "UntagResource" | "GetTags" => self.tags(&request.operation, input),
                "GetApis" => Ok(json!({ "Items": self.apis().values().map(Api::describe).collect::<Vec<_>>() })),
                other => self.on_api(other, input),
            }
        })
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        // An API's door closes when the API is dropped.
        self.apis().clear();
        Box::pin(async {})
    }
}

impl ApiGateway {
    fn apis(&self) -> MutexGuard<'_, BTreeMap<String, Api>> {
        self.apis.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn create(&self, input: &Input) -> Reply {
        if input.str("ProtocolType")? != "HTTP" {
            return Err(ServiceError::not_implemented("apigateway", "CreateApi of a WebSocket API"));
        }
        let mut api = Api::read(input)?;
        if let Some(target) = input.opt_str("Target") {
            let integration = Integration::to_lambda(target, "2.0");
            api.add_route(
                &self.hub.ids,
                RouteKey::parse(input.opt_str("RouteKey").unwrap_or("$default"))?,
                Access::Open,
                integration,
            );
            api.stages.insert("$default".to_owned(), Stage::automatic());
        }
        self.open(api).await
    }

    async fn import(&self, input: &Input) -> Reply {
        let mut api = Api::read(&json!({ "Name": "imported" }).into())?;
        import::fill(&mut api, &self.hub.ids, input.str("Body")?)?;
        self.open(api).await
    }

    /// Gives the API its id and its door.
    async fn open(&self, mut api: Api) -> Reply {
        api.id = self.hub.ids.lower(10);
        let door = door::open(&self.hub, &self.apis, &self.keys, &api.id).await;
        let door = door.map_err(|error| ServiceError::internal(format!("no loopback port for the API: {error}")))?;
        api.endpoint = format!("http://{}", door.address());
        api.door = Some(door);
        let described = api.describe();
        self.apis().insert(api.id.clone(), api);
        Ok(described)
    }

    /// Replaces routes and integrations by the definition's; id, door and stages stay.
    fn reimport(&self, input: &Input) -> Reply {
        let body = input.str("Body")?;
        self.with_api(input, |api| {
            let mut fresh = api.emptied();
            import::fill(&mut fresh, &self.hub.ids, body)?;
            api.take_definition(fresh);
            Ok(api.describe())
        })
    }

    /// Makes or changes an authorizer whose issuer can be reached, as AWS asks of it.
    async fn put_authorizer(&self, input: &Input) -> Reply {
        let read = |api: &mut Api| {
            let current = input.opt_str("AuthorizerId").map(|id| api.authorizer(id)).transpose()?;
            Authorizer::read(input, current)
        };
        let authorizer = self.with_api(input, read)?;
        self.keys.read(&authorizer.issuer).await.map_err(|error| unreachable_issuer(&authorizer.issuer, &error))?;
        let id = input.opt_str("AuthorizerId");
        self.with_api(input, |api| Ok(api.put_authorizer(&self.hub.ids, id, authorizer)))
    }

    fn delete(&self, input: &Input) -> Reply {
        let id = input.str("ApiId")?;
        self.apis().remove(id).map(|_| Value::Null).ok_or_else(|| no_such("API", id))
    }

    /// Tags of `arn:aws:apigateway:region::/apis/ID`, and of a stage `…/stages/NAME` below it.
    fn tags(&self, operation: &str, input: &Input) -> Reply {
        let arn = input.str("ResourceArn")?;
        let mut path = arn.split_once("::/apis/").map_or("", |(_, path)| path).split('/');
        let id = path.next().unwrap_or_default();
        let mut apis = self.apis();
        let api = apis.get_mut(id).ok_or_else(|| no_such("API", id))?;
        let tags = match (path.next(), path.next()) {
            (Some("stages"), Some(name)) => &mut api.stages.get_mut(name).ok_or_else(|| no_such("stage", name))?.tags,
            _ => &mut api.tags,
        };
        match operation {
            "GetTags" => return Ok(json!({ "Tags": tags })),
            "TagResource" => {
                let added = input.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
                tags.extend(added);
            }
            _ => {
                let one = input.opt_str("TagKeys").map(str::to_owned);
                for key in input.strings("TagKeys").into_iter().chain(one) {
                    tags.shift_remove(&key);
                }
            }
        }
        Ok(json!({}))
    }

    fn with_api<T>(
        &self,
        input: &Input,
        act: impl FnOnce(&mut Api) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let id = input.str("ApiId")?;
        act(self.apis().get_mut(id).ok_or_else(|| no_such("API", id))?)
    }

    fn on_api(&self, operation: &str, input: &Input) -> Reply {
        self.with_api(input, |api| match operation {
            "GetApi" => Ok(api.describe()),
            "UpdateApi" => api.update(input),
            "CreateIntegration" | "UpdateIntegration" => api.put_integration(&self.hub.ids, input),
            "GetIntegrations" => {
                Ok(json!({ "Items": api.integrations.iter().map(|(id, i)| i.describe(id)).collect::<Vec<_>>() }))
            }
            "GetIntegration" => api.integration(input.str("IntegrationId")?),
            "DeleteIntegration" => removed(api.integrations.remove(input.str("IntegrationId")?), "integration"),
            "CreateRoute" | "UpdateRoute" => api.put_route(&self.hub.ids, input),
            "GetRoutes" => Ok(json!({ "Items": api.describe_routes() })),
            "GetRoute" => api.route(input.str("RouteId")?),
            "DeleteRoute" => removed(api.routes.remove(input.str("RouteId")?), "route"),
            "GetAuthorizers" => {
                Ok(json!({ "Items": api.authorizers.iter().map(|(id, a)| a.describe(id)).collect::<Vec<_>>() }))
            }
            "GetAuthorizer" => {
                let id = input.str("AuthorizerId")?;
                api.authorizer(id).map(|authorizer| authorizer.describe(id))
            }
            "DeleteAuthorizer" => removed(api.authorizers.remove(input.str("AuthorizerId")?), "authorizer"),
            "CreateStage" | "UpdateStage" => api.put_stage(input, operation == "CreateStage"),
            "GetStages" => {
                Ok(json!({ "Items": api.stages.iter().map(|(name, s)| s.describe(name)).collect::<Vec<_>>() }))
            }
            "GetStage" => api.stage(input.str("StageName")?),
            "DeleteStage" => removed(api.stages.remove(input.str("StageName")?), "stage"),
            other => Err(ServiceError::not_implemented("apigateway", other)),
        })
    }
}

/// As API Gateway words it, but for an issuer that the plane cannot reach by its nature.
fn unreachable_issuer(issuer: &str, error: &IssuerError) -> ServiceError {
    if let IssuerError::Scheme(_) = error {
        return ServiceError::not_implemented("apigateway", &format!("an authorizer: {error}"));
    }
    let url = discovery_url(issuer);
    let cause = Chain(error);
    let message = format!(
        "Caught exception when connecting to {url} for issuer {issuer}. Please try again later. Error: {cause}"
    );
    ServiceError::new("BadRequestException", message)
}

fn removed<T>(found: Option<T>, kind: &str) -> Reply {
    found.map(|_| Value::Null).ok_or_else(|| no_such(kind, ""))
}

/// `NotFoundException` as API Gateway words it.
pub(super) fn no_such(kind: &str, id: &str) -> ServiceError {
    ServiceError::new("NotFoundException", format!("Invalid {kind} identifier specified {id}")).with_status(404)
}

//! One HTTP API: routes to integrations, and stages.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::door::Door;
use super::routes::RouteKey;
use super::state::no_such;
use crate::core::{Ids, Input, Reply, ServiceError};

/// An HTTP API.
#[derive(Debug, Default)]
pub(super) struct Api {
    pub(super) id: String,
    pub(super) endpoint: String,
    pub(super) name: String,
    pub(super) door: Option<Door>,
    pub(super) cors: Option<Value>,
    pub(super) routes: BTreeMap<String, ApiRoute>,
    pub(super) integrations: BTreeMap<String, Integration>,
    pub(super) stages: BTreeMap<String, Stage>,
    description: Option<String>,
    pub(super) tags: Map<String, Value>,
}

/// A route and the integration it leads to.
#[derive(Debug)]
pub(super) struct ApiRoute {
    pub(super) key: RouteKey,
    pub(super) integration: String,
}

/// A Lambda proxy integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Integration {
    /// The function's ARN, with its alias or version if it has one.
    pub(super) function: String,
    /// `1.0` or `2.0`.
    pub(super) payload: String,
    /// At most 30,000 milliseconds.
    pub(super) timeout_millis: u64,
}

/// A stage.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) variables: BTreeMap<String, String>,
    pub(super) tags: Map<String, Value>,
    auto_deploy: bool,
}

/// How long a function may take to answer a request, in milliseconds.
const LONGEST: u64 = 30_000;

impl Integration {
    /// A proxy to a function, named by its ARN or by the invocation URI that API Gateway uses for it.
    pub(super) fn to_lambda(uri: &str, payload: &str) -> Self {
        let function = match uri.split_once("/functions/") {
            Some((_, rest)) => rest.trim_end_matches("/invocations"),
            None => uri,
        };
        Self { function: function.to_owned(), payload: payload.to_owned(), timeout_millis: LONGEST }
    }

    /// Reads `CreateIntegration`, or `x-amazon-apigateway-integration` with the same names.
    pub(super) fn read(input: &Input) -> Result<Self, ServiceError> {
        let kind = input.opt_str("IntegrationType").unwrap_or_default().to_ascii_uppercase();
        if kind != "AWS_PROXY" {
            return Err(ServiceError::not_implemented("apigateway", &format!("an integration of type {kind}")));
        }
        let payload = input.opt_str("PayloadFormatVersion").unwrap_or("1.0");
        if payload != "1.0" && payload != "2.0" {
            return Err(ServiceError::new(
                "BadRequestException",
                format!("Unsupported payload format version {payload}"),
            ));
        }
        let uri = input.str("IntegrationUri")?;
        if !uri.contains(":lambda:") {
            return Err(ServiceError::not_implemented("apigateway", &format!("an integration with {uri}")));
        }
        let mut integration = Self::to_lambda(uri, payload);
        if let Some(millis) = input.opt_i64("TimeoutInMillis").and_then(|millis| u64::try_from(millis).ok()) {
            if !(50..=LONGEST).contains(&millis) {
                return Err(ServiceError::new("BadRequestException", "Timeout should be between 50 ms and 30000 ms"));
            }
            integration.timeout_millis = millis;
        }
        Ok(integration)
    }

    pub(super) fn describe(&self, id: &str) -> Value {
        json!({
            "IntegrationId": id, "IntegrationType": "AWS_PROXY", "IntegrationMethod": "POST", "ConnectionType": "INTERNET",
            "IntegrationUri": self.function, "PayloadFormatVersion": self.payload, "TimeoutInMillis": self.timeout_millis,
        })
    }
}

impl Stage {
    /// The stage that quick creation and SAM make.
    pub(super) fn automatic() -> Self {
        Self { variables: BTreeMap::new(), tags: Map::new(), auto_deploy: true }
    }

    pub(super) fn describe(&self, name: &str) -> Value {
        json!({ "StageName": name, "AutoDeploy": self.auto_deploy, "StageVariables": self.variables, "Tags": self.tags })
    }
}

impl Api {
    /// Reads `CreateApi`.
    pub(super) fn read(input: &Input) -> Result<Self, ServiceError> {
        Ok(Self {
            name: input.str("Name")?.to_owned(),
            description: input.opt_str("Description").map(str::to_owned),
            cors: input.get("CorsConfiguration").cloned(),
            tags: input.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default(),
            ..Self::default()
        })
    }

    /// An API with this one's settings and nothing in it.
    pub(super) fn emptied(&self) -> Self {
        Self { name: self.name.clone(), description: self.description.clone(), ..Self::default() }
    }

    /// Takes over another's name, routes, integrations and CORS.
    pub(super) fn take_definition(&mut self, other: Self) {
        self.name = other.name;
        self.cors = other.cors;
        self.routes = other.routes;
        self.integrations = other.integrations;
    }

    /// Names the API, as an imported definition does.
    pub(super) fn describe_as(&mut self, name: &str, description: Option<&str>) {
        self.name = name.to_owned();
        self.description = description.map(str::to_owned);
    }

    pub(super) fn describe(&self) -> Value {
        json!({
            "ApiId": self.id, "ApiEndpoint": self.endpoint, "Name": self.name, "ProtocolType": "HTTP",
            "Description": self.description, "CorsConfiguration": self.cors, "Tags": self.tags,
            "RouteSelectionExpression": "$request.method $request.path",
        })
    }

    pub(super) fn update(&mut self, input: &Input) -> Reply {
        if let Some(name) = input.opt_str("Name") {
            name.clone_into(&mut self.name);
        }
        if let Some(description) = input.opt_str("Description") {
            self.description = Some(description.to_owned());
        }
        if let Some(cors) = input.get("CorsConfiguration") {
            self.cors = Some(cors.clone());
        }
        Ok(self.describe())
    }

    /// A route to an integration; routes to the same function share one.
    pub(super) fn add_route(&mut self, ids: &Ids, key: RouteKey, integration: Integration) {
        let known = self.integrations.iter().find(|(_, known)| **known == integration).map(|(id, _)| id.clone());
        let id = known.unwrap_or_else(|| {
            let id = ids.lower(7);
            self.integrations.insert(id.clone(), integration);
            id
        });
        self.routes.insert(ids.lower(7), ApiRoute { key, integration: id });
    }

    pub(super) fn put_integration(&mut self, ids: &Ids, input: &Input) -> Reply {
        let id = input.opt_str("IntegrationId").map_or_else(|| ids.lower(7), str::to_owned);
        let integration = match self.integrations.get(&id) {
            // An update names only what changes.
            Some(current) => {
                let mut whole = current.describe(&id);
                merge(&mut whole, input);
                Integration::read(&whole.into())?
            }
            None => Integration::read(input)?,
        };
        let described = integration.describe(&id);
        self.integrations.insert(id, integration);
        Ok(described)
    }

    pub(super) fn integration(&self, id: &str) -> Reply {
        self.integrations.get(id).map(|found| found.describe(id)).ok_or_else(|| no_such("integration", id))
    }

    pub(super) fn put_route(&mut self, ids: &Ids, input: &Input) -> Reply {
        if input.opt_str("AuthorizationType").is_some_and(|kind| kind != "NONE") {
            return Err(ServiceError::not_implemented("apigateway", "a route with an authorizer"));
        }
        let id = input.opt_str("RouteId").map_or_else(|| ids.lower(7), str::to_owned);
        let current = self.routes.get(&id);
        let key = input.opt_str("RouteKey").map(RouteKey::parse).transpose()?;
        let key = key.or_else(|| current.map(|route| route.key.clone()));
        let key = key.ok_or_else(|| ServiceError::new("BadRequestException", "RouteKey is required"))?;
        if self.routes.iter().any(|(other, route)| *other != id && route.key == key) {
            let message = format!("Route with key {} already exists for this API", key.text());
            return Err(ServiceError::new("ConflictException", message).with_status(409));
        }
        let target = input.opt_str("Target").map(|target| target.trim_start_matches("integrations/").to_owned());
        let integration = target.or_else(|| current.map(|route| route.integration.clone())).unwrap_or_default();
        if !self.integrations.contains_key(&integration) {
            return Err(no_such("integration", &integration));
        }
        self.routes.insert(id.clone(), ApiRoute { key, integration });
        self.route(&id)
    }

    pub(super) fn route(&self, id: &str) -> Reply {
        let route = self.routes.get(id).ok_or_else(|| no_such("route", id))?;
        Ok(json!({
            "RouteId": id, "RouteKey": route.key.text(), "Target": format!("integrations/{}", route.integration),
            "AuthorizationType": "NONE", "ApiKeyRequired": false,
        }))
    }

    pub(super) fn describe_routes(&self) -> Vec<Value> {
        self.routes.keys().filter_map(|id| self.route(id).ok()).collect()
    }

    pub(super) fn put_stage(&mut self, input: &Input, create: bool) -> Reply {
        let name = input.str("StageName")?.to_owned();
        match (self.stages.contains_key(&name), create) {
            (true, true) => return Err(ServiceError::new("ConflictException", "Stage already exists").with_status(409)),
            (false, false) => return Err(no_such("stage", &name)),
            _ => {}
        }
        let variables = input.get("StageVariables").and_then(Value::as_object).into_iter().flatten();
        let variables =
            variables.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
        let tags = input.get("Tags").and_then(Value::as_object).cloned();
        let kept = self.stages.get(&name).map(|stage| stage.tags.clone());
        let stage = Stage {
            variables,
            tags: tags.or(kept).unwrap_or_default(),
            auto_deploy: input.opt_bool("AutoDeploy").unwrap_or(false),
        };
        if !stage.auto_deploy {
            return Err(ServiceError::not_implemented("apigateway", "a stage without AutoDeploy"));
        }
        let described = stage.describe(&name);
        self.stages.insert(name, stage);
        Ok(described)
    }

    pub(super) fn stage(&self, name: &str) -> Reply {
        self.stages.get(name).map(|stage| stage.describe(name)).ok_or_else(|| no_such("stage", name))
    }
}

fn merge(whole: &mut Value, changes: &Input) {
    if let (Some(whole), Value::Object(changes)) = (whole.as_object_mut(), changes.clone().into_value()) {
        whole.extend(changes);
    }
}

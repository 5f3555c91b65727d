//! One HTTP API: routes to integrations, and stages.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::authorizer::Authorizer;
use super::door::Door;
use super::integration::Integration;
use super::route::{Access, ApiRoute};
use super::routes::RouteKey;
use super::stage::Stage;
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
    pub(super) authorizers: BTreeMap<String, Authorizer>,
    pub(super) stages: BTreeMap<String, Stage>,
    description: Option<String>,
    pub(super) tags: Map<String, Value>,
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

    /// Takes over another's name, routes, integrations, authorizers and CORS.
    pub(super) fn take_definition(&mut self, other: Self) {
        self.name = other.name;
        self.cors = other.cors;
        self.routes = other.routes;
        self.integrations = other.integrations;
        self.authorizers = other.authorizers;
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
    pub(super) fn add_route(&mut self, ids: &Ids, key: RouteKey, access: Access, integration: Integration) {
        let known = self.integrations.iter().find(|(_, known)| **known == integration).map(|(id, _)| id.clone());
        let id = known.unwrap_or_else(|| {
            let id = ids.lower(7);
            self.integrations.insert(id.clone(), integration);
            id
        });
        self.routes.insert(ids.lower(7), ApiRoute { key, integration: id, access });
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
        let access = Access::read(input, current.map(|route| &route.access), &self.authorizers)?;
        self.routes.insert(id.clone(), ApiRoute { key, integration, access });
        self.route(&id)
    }

    pub(super) fn route(&self, id: &str) -> Reply {
        self.routes.get(id).map(|route| route.describe(id)).ok_or_else(|| no_such("route", id))
    }

    pub(super) fn describe_routes(&self) -> Vec<Value> {
        self.routes.keys().filter_map(|id| self.route(id).ok()).collect()
    }

    /// Makes or changes an authorizer. Whether its issuer can be reached is the caller's to find out.
    pub(super) fn put_authorizer(&mut self, ids: &Ids, id: Option<&str>, authorizer: Authorizer) -> Value {
        let id = id.map_or_else(|| ids.lower(6), str::to_owned);
        let described = authorizer.describe(&id);
        self.authorizers.insert(id, authorizer);
        described
    }

    pub(super) fn authorizer(&self, id: &str) -> Result<&Authorizer, ServiceError> {
        self.authorizers.get(id).ok_or_else(|| no_such("authorizer", id))
    }

    pub(super) fn put_stage(&mut self, input: &Input, create: bool) -> Reply {
        let name = input.str("StageName")?.to_owned();
        match (self.stages.contains_key(&name), create) {
            (true, true) => return Err(ServiceError::new("ConflictException", "Stage already exists").with_status(409)),
            (false, false) => return Err(no_such("stage", &name)),
            _ => {}
        }
        let stage = Stage::read(input, self.stages.get(&name))?;
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

//! One HTTP API: its settings, its definition, and the stages that serve it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cors;
use super::definition::Definition;
use super::deployment::Deployment;
use super::door::Door;
use super::errors::{bad_request, conflict, too_many};
use super::integration::Integration;
use super::members::{Members, kept, lengths, required, tags};
use super::route::{Access, ApiRoute};
use super::routes::RouteKey;
use super::stage::{Stage, no_such_stage};
use crate::core::{Ids, Input, ServiceError, Timestamp};

/// The quota of stages of one API.
const STAGES: usize = 10;

/// Settings that are kept as they come.
const KEPT: &[&str] =
    &["ApiKeySelectionExpression", "Description", "DisableSchemaValidation", "IpAddressType", "Name", "Version"];

/// The route selection expressions of HTTP APIs. There is one selection, and two ways to write it.
const ROUTE_SELECTION: [&str; 2] = ["$request.method $request.path", "${request.method} ${request.path}"];

/// An HTTP API, with its definition, its stages and its front door.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) id: String,
    pub(super) endpoint: String,
    pub(super) door: Option<Door>,
    pub(super) definition: Definition,
    pub(super) stages: BTreeMap<String, Stage>,
    pub(super) deployments: BTreeMap<String, Deployment>,
    pub(super) tags: Members,
    settings: Members,
    created: Timestamp,
    /// The remarks of an import: `ImportInfo` and `Warnings`.
    pub(super) remarks: Members,
}

impl Api {
    /// An API without a definition.
    pub(super) fn named(name: &str, now: Timestamp) -> Self {
        Self {
            id: String::new(),
            endpoint: String::new(),
            door: None,
            definition: Definition::default(),
            stages: BTreeMap::new(),
            deployments: BTreeMap::new(),
            tags: Members::new(),
            settings: Members::from_iter([("Name".to_owned(), json!(name))]),
            created: now,
            remarks: Members::new(),
        }
    }

    /// Reads `CreateApi`.
    pub(super) fn read(input: &Input, ids: &Ids, now: Timestamp) -> Result<Self, ServiceError> {
        let mut api = Self::named(required(input, "Name")?, now);
        api.set(input)?;
        api.tags = tags(input)?;
        match input.opt_str("Target") {
            Some(target) => api.create_quickly(target, input.opt_str("RouteKey"), ids, now)?,
            None if input.get("RouteKey").is_some() => return Err(bad_request("A route key needs a target")),
            None => {}
        }
        Ok(api)
    }

    /// Quick creation: one integration, one route, and a stage that deploys by itself.
    fn create_quickly(
        &mut self,
        target: &str,
        key: Option<&str>,
        ids: &Ids,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        let integration = self.definition.add_integration(ids, Integration::quick(target)?)?;
        let key = RouteKey::parse(key.unwrap_or("$default"))?;
        self.definition.add_route(ids, ApiRoute::to(key, Some(integration), Access::Open).managed())?;
        self.stages.insert("$default".to_owned(), Stage::automatic(now));
        self.deploy_automatically(ids, now);
        Ok(())
    }

    /// Takes the settings of `CreateApi` or `UpdateApi`; a setting that is not named stays as it is.
    pub(super) fn set(&mut self, input: &Input) -> Result<(), ServiceError> {
        lengths(input, &[("Name", 1, 128), ("Description", 0, 1024), ("Version", 0, 64)])?;
        if input.opt_str("RouteSelectionExpression").is_some_and(|text| !ROUTE_SELECTION.contains(&text)) {
            return Err(bad_request(
                "The route selection expression of an HTTP API must be ${request.method} ${request.path}",
            ));
        }
        let key_sources = ["$request.header.x-api-key", "$context.authorizer.usageIdentifierKey"];
        if input.opt_str("ApiKeySelectionExpression").is_some_and(|text| !key_sources.contains(&text)) {
            return Err(bad_request("Invalid API key selection expression specified"));
        }
        if let Some(cors) = input.get("CorsConfiguration") {
            self.definition.cors = Some(cors::checked(cors)?);
        }
        if let Some(disabled) = input.opt_bool("DisableExecuteApiEndpoint") {
            self.definition.endpoint_disabled = disabled;
        }
        self.settings.extend(kept(input, KEPT));
        Ok(())
    }

    /// An API with this one's settings and no definition: a definition is imported into it again.
    pub(super) fn emptied(&self, now: Timestamp) -> Self {
        Self { settings: self.settings.clone(), tags: self.tags.clone(), ..Self::named("", now) }
    }

    /// Takes over what was imported.
    pub(super) fn take_definition(&mut self, other: Self) {
        self.definition = other.definition;
        self.settings = other.settings;
        self.tags = other.tags;
        self.remarks = other.remarks;
    }

    pub(super) fn describe(&self) -> Value {
        let defaults =
            [("ApiKeySelectionExpression", json!("$request.header.x-api-key")), ("IpAddressType", json!("ipv4"))];
        let mut described: Members = defaults.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        described.extend(self.settings.clone());
        described.extend([
            ("ApiId".to_owned(), json!(self.id)),
            ("ApiEndpoint".to_owned(), json!(self.endpoint)),
            ("CreatedDate".to_owned(), json!(self.created.as_millis() / 1000)),
            ("DisableExecuteApiEndpoint".to_owned(), json!(self.definition.endpoint_disabled)),
            ("ProtocolType".to_owned(), json!("HTTP")),
            ("RouteSelectionExpression".to_owned(), json!(ROUTE_SELECTION[0])),
            ("Tags".to_owned(), json!(self.tags)),
        ]);
        if let Some(cors) = &self.definition.cors {
            described.insert("CorsConfiguration".to_owned(), cors.clone());
        }
        described.extend(self.remarks.clone());
        Value::Object(described)
    }

    pub(super) fn stage(&self, name: &str) -> Result<&Stage, ServiceError> {
        self.stages.get(name).ok_or_else(no_such_stage)
    }

    /// Answers `CreateStage` with the name of the new stage.
    pub(super) fn create_stage(&mut self, ids: &Ids, input: &Input, now: Timestamp) -> Result<String, ServiceError> {
        let name = required(input, "StageName")?.to_owned();
        let letters = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if name != "$default" && (!letters || !(1..=128).contains(&name.len())) {
            return Err(bad_request("Stage name only allows a-zA-Z0-9-_"));
        }
        if self.stages.contains_key(&name) {
            return Err(conflict("Stage already exists"));
        }
        if self.stages.len() >= STAGES {
            return Err(too_many("Stages"));
        }
        let stage = Stage::read(input, &self.definition, now)?;
        self.deployment_for(input, stage.auto_deploy())?;
        self.stages.insert(name.clone(), stage);
        self.serve_what_is_named(ids, &name, input, now)?;
        Ok(name)
    }

    /// Answers `UpdateStage` with the name of the changed stage.
    pub(super) fn update_stage(&mut self, ids: &Ids, input: &Input, now: Timestamp) -> Result<String, ServiceError> {
        let name = required(input, "StageName")?.to_owned();
        let known = self.stage(&name)?;
        let was_automatic = known.auto_deploy();
        self.deployment_for(input, input.opt_bool("AutoDeploy").unwrap_or(was_automatic))?;
        let stage = self.stages.get_mut(&name).ok_or_else(no_such_stage)?;
        stage.update(input, &self.definition, now)?;
        let becomes_automatic = stage.auto_deploy() && !was_automatic;
        if becomes_automatic || input.get("DeploymentId").is_some() {
            self.serve_what_is_named(ids, &name, input, now)?;
        }
        Ok(name)
    }

    /// Refuses a deployment that is not there, or beside automatic ones.
    fn deployment_for(&self, input: &Input, automatic: bool) -> Result<(), ServiceError> {
        match input.opt_str("DeploymentId") {
            Some(_) if automatic => Err(bad_request("A stage with automatic deployments takes no deployment ID")),
            Some(id) => self.deployment(id).map(|_| ()),
            None => Ok(()),
        }
    }

    fn serve_what_is_named(
        &mut self,
        ids: &Ids,
        name: &str,
        input: &Input,
        now: Timestamp,
    ) -> Result<(), ServiceError> {
        match input.opt_str("DeploymentId") {
            Some(id) => self.point(name, id, now),
            None => {
                if self.stage(name)?.auto_deploy() {
                    self.deploy_automatically(ids, now);
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn read(input: Value) -> Result<Api, ServiceError> {
        Api::read(&input.into(), &Ids::seeded(1), Timestamp::from_millis(0))
    }

    #[test]
    fn every_member_of_an_api_is_answered() {
        let described =
            read(json!({ "Name": "n", "ProtocolType": "HTTP", "Description": "d", "Version": "1" })).unwrap();
        let expected = json!({
            "ApiId": "", "ApiEndpoint": "", "Name": "n", "ProtocolType": "HTTP", "Description": "d", "Version": "1",
            "ApiKeySelectionExpression": "$request.header.x-api-key", "CreatedDate": 0,
            "DisableExecuteApiEndpoint": false, "IpAddressType": "ipv4", "Tags": {},
            "RouteSelectionExpression": "$request.method $request.path",
        });
        assert_eq!(described.describe(), expected);
    }

    #[test_case(json!({ "Name": "" }); "an empty name")]
    #[test_case(json!({ "Name": "n".repeat(129) }); "a long name")]
    #[test_case(json!({ "Description": "d".repeat(1025) }); "a long description")]
    #[test_case(json!({ "RouteSelectionExpression": "$request.body.action" }); "a WebSocket API's routes")]
    #[test_case(json!({ "RouteKey": "GET /" }); "a route without a target")]
    fn refuses(change: Value) {
        let mut input = json!({ "Name": "n" });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(read(input).unwrap_err().code, "BadRequestException");
    }
}

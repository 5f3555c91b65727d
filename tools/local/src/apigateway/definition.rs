//! The definition of an API, of which a deployment takes a picture: routes, integrations, authorizers and CORS.

use std::collections::BTreeMap;

use serde_json::Value;

use super::authorizer::Authorizer;
use super::errors::{bad_request, conflict, no_such, too_many};
use super::integration::Integration;
use super::route::ApiRoute;
use crate::core::{Ids, Input, Reply, ServiceError};

/// The quotas of one API.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const ROUTES: usize = 300;
const INTEGRATIONS: usize = 300;
const AUTHORIZERS: usize = 10;

/// The definition of an API; its parts have their ids as keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Definition {
    pub(super) cors: Option<Value>,
    /// `DisableExecuteApiEndpoint`: no request is taken at the API's own endpoint.
    pub(super) endpoint_disabled: bool,
    pub(super) routes: BTreeMap<String, ApiRoute>,
    pub(super) integrations: BTreeMap<String, Integration>,
    pub(super) authorizers: BTreeMap<String, Authorizer>,
}

fn room<T>(held: &BTreeMap<String, T>, quota: usize, kind: &str) -> Result<(), ServiceError> {
    if held.len() < quota { Ok(()) } else { Err(too_many(kind)) }
}

impl Definition {
    /// The id of an integration; routes to the same function share one.
    pub(super) fn share_integration(&mut self, ids: &Ids, integration: Integration) -> Result<String, ServiceError> {
        if let Some((id, _)) = self.integrations.iter().find(|(_, known)| **known == integration) {
            return Ok(id.clone());
        }
        self.add_integration(ids, integration)
    }

    /// Adds an integration, within the quota, and returns its id.
    pub(super) fn add_integration(&mut self, ids: &Ids, integration: Integration) -> Result<String, ServiceError> {
        room(&self.integrations, INTEGRATIONS, "Integrations")?;
        let id = ids.lower(7);
        self.integrations.insert(id.clone(), integration);
        Ok(id)
    }

    pub(super) fn integration(&self, id: &str) -> Result<&Integration, ServiceError> {
        self.integrations.get(id).ok_or_else(|| no_such("Integration", id))
    }

    /// Changes an integration, and describes it as it is then.
    pub(super) fn update_integration(&mut self, id: &str, changes: &Input) -> Reply {
        let updated = self.integration(id)?.updated(changes)?;
        let described = updated.describe(id);
        self.integrations.insert(id.to_owned(), updated);
        Ok(described)
    }

    /// Removes an integration that no route leads to. Assumed: the words in which AWS refuses the others.
    pub(super) fn remove_integration(&mut self, id: &str) -> Result<(), ServiceError> {
        if self.integration(id)?.managed {
            return Err(bad_request("You can't delete an integration that API Gateway manages"));
        }
        if self.routes.values().any(|route| route.integration.as_deref() == Some(id)) {
            return Err(conflict(format!("Cannot delete Integration '{id}'. One or more routes lead to it")));
        }
        self.integrations.remove(id);
        Ok(())
    }

    pub(super) fn route(&self, id: &str) -> Result<&ApiRoute, ServiceError> {
        self.routes.get(id).ok_or_else(|| no_such("Route", id))
    }

    /// Adds a route whose key no other route has.
    pub(super) fn add_route(&mut self, ids: &Ids, route: ApiRoute) -> Result<String, ServiceError> {
        room(&self.routes, ROUTES, "Routes")?;
        let id = ids.lower(7);
        self.put_route(&id, route)?;
        Ok(id)
    }

    /// Puts a route in its place, if its key is its own and its integration is there.
    pub(super) fn put_route(&mut self, id: &str, route: ApiRoute) -> Result<(), ServiceError> {
        if self.routes.iter().any(|(other, known)| other != id && known.key == route.key) {
            return Err(conflict(format!("Route with key {} already exists for this API", route.key.text())));
        }
        if let Some(integration) = &route.integration {
            self.integration(integration)?;
        }
        self.routes.insert(id.to_owned(), route);
        Ok(())
    }

    pub(super) fn authorizer(&self, id: &str) -> Result<&Authorizer, ServiceError> {
        self.authorizers.get(id).ok_or_else(|| no_such("Authorizer", id))
    }

    /// Adds an authorizer, or puts a changed one in its place. The caller finds out if its issuer can be reached.
    pub(super) fn put_authorizer(
        &mut self,
        ids: &Ids,
        id: Option<&str>,
        authorizer: Authorizer,
    ) -> Result<Value, ServiceError> {
        let id = match id {
            Some(id) => id.to_owned(),
            None => {
                room(&self.authorizers, AUTHORIZERS, "Authorizers")?;
                ids.lower(6)
            }
        };
        let described = authorizer.describe(&id);
        self.authorizers.insert(id, authorizer);
        Ok(described)
    }

    /// Removes an authorizer that no route names. Assumed: the words in which AWS refuses the others.
    pub(super) fn remove_authorizer(&mut self, id: &str) -> Result<(), ServiceError> {
        self.authorizer(id)?;
        if self.routes.values().any(|route| route.access.authorizer() == Some(id)) {
            return Err(conflict(format!("Cannot delete Authorizer '{id}'. One or more routes use it")));
        }
        self.authorizers.remove(id);
        Ok(())
    }
}

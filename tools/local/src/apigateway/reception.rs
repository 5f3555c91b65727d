//! The reception of a request by an API: its stage and its route are found in one look.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use http::request::Parts;
use serde_json::Value;

use super::api::Api;
use super::authorizer::{Authorizer, Kind};
use super::cors::is_preflight;
use super::definition::Definition;
use super::gate::Gate;
use super::route::Access;
use super::routes::{self, RouteKey};
use super::way::Way;

/// The reception of a request by an API, with a way or without one.
#[derive(Debug)]
pub(super) struct Reception {
    pub(super) stage: Option<String>,
    pub(super) cors: Option<Value>,
    /// `DestinationArn` and `Format` of the stage's access log.
    pub(super) access_log: Option<(String, String)>,
    /// None where no route takes it.
    pub(super) way: Option<Way>,
    /// True if API Gateway answers a preflight itself. A route that takes it has to let it through first: that is how an
    /// authorizer of `ANY` or `$default` comes to refuse preflights.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html#http-api-cors-default-route>
    pub(super) is_preflight: bool,
}

/// Receives a request for a decoded path. An API without a stage that serves anything knows none.
pub(super) fn receive(api: &mut Api, parts: &Parts, path: &str) -> Reception {
    let mut reception = Reception { stage: None, cors: None, access_log: None, way: None, is_preflight: false };
    let Some((stage_name, rest)) = stage_of(api, path) else { return reception };
    let api_id = api.id.clone();
    let Some(stage) = api.stages.get_mut(&stage_name) else { return reception };
    reception.stage = Some(stage_name.clone());
    reception.access_log = stage.access_log().map(|(arn, format)| (arn.to_owned(), format.to_owned()));
    let Some(served) = stage.served().map(Arc::clone).filter(|served| !served.endpoint_disabled) else {
        return reception;
    };
    reception.cors.clone_from(&served.cors);
    reception.is_preflight = served.cors.is_some() && is_preflight(parts);
    let Some((key, id, parameters)) = selected(&served, &parts.method, &rest) else { return reception };
    let route = &served.routes[id];
    let integration = route.integration.as_ref().and_then(|id| served.integrations.get(id)).cloned();
    reception.way = Some(Way {
        api_id,
        stage: stage_name,
        stage_variables: stage.variables.clone(),
        route_key: key.clone(),
        parameters,
        gate: gate(&served, &route.access),
        admitted: stage.admits(key.text(), tokio::time::Instant::now()),
        integration,
        detailed_metrics: stage.detailed_metrics(key.text()),
    });
    reception
}

/// The stage that the first segment of the path names, and the path without it; or `$default`.
fn stage_of(api: &Api, path: &str) -> Option<(String, String)> {
    let whole = path.strip_prefix('/').unwrap_or(path);
    let (first, rest) = whole.split_once('/').unwrap_or((whole, ""));
    if first != "$default" && api.stages.contains_key(first) {
        return Some((first.to_owned(), format!("/{rest}")));
    }
    api.stages.contains_key("$default").then(|| ("$default".to_owned(), path.to_owned()))
}

fn selected<'a>(
    served: &'a Definition,
    method: &Method,
    path: &str,
) -> Option<(&'a RouteKey, &'a String, BTreeMap<String, String>)> {
    let candidates = served.routes.iter().map(|(id, route)| (&route.key, id));
    routes::select(candidates, method.as_str(), path)
}

fn gate(served: &Definition, access: &Access) -> Gate {
    let known = |id: &str| served.authorizers.get(id).map(|known: &Authorizer| known.kind.clone());
    match access {
        Access::Open => Gate::Open,
        Access::Iam => Gate::Iam,
        Access::Jwt { authorizer, scopes } => match known(authorizer) {
            Some(Kind::Jwt(authorizer)) => Gate::Jwt { authorizer, scopes: scopes.clone() },
            _ => Gate::Shut,
        },
        Access::Custom { authorizer } => match known(authorizer) {
            Some(Kind::Request(found)) => Gate::Custom { id: authorizer.clone(), authorizer: found },
            _ => Gate::Shut,
        },
    }
}

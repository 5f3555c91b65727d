//! A stage: its variables, and how many requests it takes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::throttle::{Bucket, Limit};
use crate::core::{Input, ServiceError};

/// A stage.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) variables: BTreeMap<String, String>,
    pub(super) tags: Map<String, Value>,
    auto_deploy: bool,
    /// `DefaultRouteSettings`, as it came.
    default_settings: Value,
    /// `RouteSettings` by route key, as they came.
    route_settings: Map<String, Value>,
    /// By route key.
    buckets: BTreeMap<String, Bucket>,
}

impl Stage {
    /// The stage that quick creation and SAM make.
    pub(super) fn automatic() -> Self {
        Self {
            variables: BTreeMap::new(),
            tags: Map::new(),
            auto_deploy: true,
            default_settings: json!({}),
            route_settings: Map::new(),
            buckets: BTreeMap::new(),
        }
    }

    /// Reads `CreateStage`, or `UpdateStage` of a stage, where what is not named stays as it is.
    pub(super) fn read(input: &Input, current: Option<&Self>) -> Result<Self, ServiceError> {
        let object = |name: &str| input.get(name).and_then(Value::as_object).cloned();
        let variables = object("StageVariables").map(|variables| {
            variables.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
        });
        let known = current.map_or_else(Self::automatic, |stage| Self {
            variables: stage.variables.clone(),
            tags: stage.tags.clone(),
            auto_deploy: stage.auto_deploy,
            default_settings: stage.default_settings.clone(),
            route_settings: stage.route_settings.clone(),
            buckets: BTreeMap::new(),
        });
        let stage = Self {
            variables: variables.unwrap_or(known.variables),
            tags: object("Tags").unwrap_or(known.tags),
            auto_deploy: input.opt_bool("AutoDeploy").unwrap_or(current.is_some() && known.auto_deploy),
            default_settings: object("DefaultRouteSettings").map_or(known.default_settings, Value::Object),
            route_settings: object("RouteSettings").unwrap_or(known.route_settings),
            buckets: BTreeMap::new(),
        };
        if !stage.auto_deploy {
            return Err(ServiceError::not_implemented("apigateway", "a stage without AutoDeploy"));
        }
        Ok(stage)
    }

    /// Whether a request on a route is within the limits. A limit of the route comes before the stage's default, which is
    /// counted for each route by itself; a stage without either has none here (on AWS the account's is left).
    pub(super) fn admits(&mut self, route_key: &str, now: Instant) -> bool {
        let own = self.route_settings.get(route_key);
        let setting =
            |name: &str| own.and_then(|own| own[name].as_f64()).or_else(|| self.default_settings[name].as_f64());
        let (rate, burst) = (setting("ThrottlingRateLimit"), setting("ThrottlingBurstLimit"));
        let Some(limit) = Limit::of(rate, burst) else { return true };
        match self.buckets.get_mut(route_key) {
            Some(bucket) => bucket.take(limit, now),
            None => {
                self.buckets.entry(route_key.to_owned()).or_insert_with(|| Bucket::full(limit, now)).take(limit, now)
            }
        }
    }

    pub(super) fn describe(&self, name: &str) -> Value {
        json!({
            "StageName": name, "AutoDeploy": self.auto_deploy, "StageVariables": self.variables, "Tags": self.tags,
            "DefaultRouteSettings": self.default_settings, "RouteSettings": self.route_settings,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(input: Value, current: Option<&Stage>) -> Stage {
        Stage::read(&input.into(), current).unwrap()
    }

    #[test]
    fn an_update_changes_what_it_names() {
        let first = stage(json!({ "AutoDeploy": true, "StageVariables": { "a": "b" }, "Tags": { "t": "u" } }), None);
        let second = stage(json!({ "DefaultRouteSettings": { "ThrottlingRateLimit": 1 } }), Some(&first));
        let described = second.describe("$default");
        assert_eq!((&described["StageVariables"]["a"], &described["Tags"]["t"]), (&json!("b"), &json!("u")));
        assert_eq!(described["DefaultRouteSettings"], json!({ "ThrottlingRateLimit": 1 }));
        assert!(Stage::read(&json!({}).into(), None).is_err(), "a stage that is deployed by hand");
    }

    #[test]
    fn a_routes_own_limit_comes_before_the_default() {
        let settings = json!({
            "AutoDeploy": true, "DefaultRouteSettings": { "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2 },
            "RouteSettings": { "GET /health": { "ThrottlingBurstLimit": 1 } },
        });
        let mut stage = stage(settings, None);
        let now = Instant::now();
        assert_eq!([(); 3].map(|()| stage.admits("GET /contacts", now)), [true, true, false]);
        assert_eq!([(); 2].map(|()| stage.admits("GET /health", now)), [true, false]);
    }

    #[test]
    fn a_stage_without_limits_takes_everything() {
        let mut stage = Stage::automatic();
        let now = Instant::now();
        assert!((0..20_000).all(|_| stage.admits("$default", now)));
    }
}

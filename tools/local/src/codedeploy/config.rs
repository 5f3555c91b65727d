//! A deployment configuration, and those that AWS makes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::platform::Platform;
use super::traffic::TrafficRouting;
use crate::core::{Ids, Timestamp};

/// The beginning of the predefined ones' names.
pub(super) const PREDEFINED: &str = "CodeDeployDefault.";

/// A deployment configuration, predefined or of the account's own.
#[derive(Clone, Debug)]
pub(super) struct DeploymentConfig {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) created: Timestamp,
    pub(super) rule: Rule,
}

/// The rule of a configuration, by its platform.
#[derive(Clone, Debug)]
pub(super) enum Rule {
    /// The number of instances that stay healthy, and zone by zone or not: `minimumHealthyHosts` and `zonalConfig`.
    Hosts { minimum: Value, zones: Option<Value> },
    /// The way in which traffic moves on Lambda or ECS.
    Traffic { platform: Platform, routing: TrafficRouting },
}

impl DeploymentConfig {
    /// The platform that it is for.
    pub(super) fn platform(&self) -> Platform {
        match self.rule {
            Rule::Hosts { .. } => Platform::Server,
            Rule::Traffic { platform, .. } => platform,
        }
    }

    pub(super) fn info(&self) -> Value {
        let (minimum, zones, routing) = match &self.rule {
            Rule::Hosts { minimum, zones } => (Some(minimum), zones.as_ref(), None),
            Rule::Traffic { routing, .. } => (None, None, Some(routing.to_model())),
        };
        json!({
            "deploymentConfigId": self.id,
            "deploymentConfigName": self.name,
            "createTime": self.created.epoch_seconds(),
            "computePlatform": self.platform().as_str(),
            "minimumHealthyHosts": minimum,
            "zonalConfig": zones,
            "trafficRoutingConfig": routing,
        })
    }
}

/// The configurations that AWS makes.
pub(super) fn predefined(ids: &Ids, now: Timestamp) -> BTreeMap<String, DeploymentConfig> {
    // Assumed: the figure of OneAtATime. It is documented to take one instance at a time and to bear that the last one fails.
    let hosts = [
        ("OneAtATime", json!({ "type": "FLEET_PERCENT", "value": 99 })),
        ("HalfAtATime", json!({ "type": "FLEET_PERCENT", "value": 50 })),
        ("AllAtOnce", json!({ "type": "HOST_COUNT", "value": 0 })),
    ];
    let hosts = hosts.map(|(name, minimum)| (name.to_owned(), Rule::Hosts { minimum, zones: None }));
    let traffic = |(name, platform, routing)| (name, Rule::Traffic { platform, routing });
    let shifts = lambda().into_iter().chain(ecs()).map(traffic);
    let config = |(name, rule): (String, Rule)| {
        let name = format!("{PREDEFINED}{name}");
        (name.clone(), DeploymentConfig { id: ids.uuid(), name, created: now, rule })
    };
    hosts.into_iter().chain(shifts).map(config).collect()
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

fn lambda() -> Vec<(String, Platform, TrafficRouting)> {
    let canaries = [5, 10, 15, 30].map(|every| {
        let routing = TrafficRouting::Canary { percentage: 10, interval: minutes(every) };
        (format!("LambdaCanary10Percent{every}Minutes"), Platform::Lambda, routing)
    });
    let linears = [1, 2, 3, 10].map(|every| {
        let routing = TrafficRouting::Linear { percentage: 10, interval: minutes(every) };
        let unit = if every == 1 { "Minute" } else { "Minutes" };
        (format!("LambdaLinear10PercentEvery{every}{unit}"), Platform::Lambda, routing)
    });
    let all = ("LambdaAllAtOnce".to_owned(), Platform::Lambda, TrafficRouting::AllAtOnce);
    canaries.into_iter().chain(linears).chain([all]).collect()
}

fn ecs() -> Vec<(String, Platform, TrafficRouting)> {
    let canaries = [5, 15].map(|every| {
        let routing = TrafficRouting::Canary { percentage: 10, interval: minutes(every) };
        (format!("ECSCanary10Percent{every}Minutes"), Platform::Ecs, routing)
    });
    let linears = [1, 3].map(|every| {
        let routing = TrafficRouting::Linear { percentage: 10, interval: minutes(every) };
        (format!("ECSLinear10PercentEvery{every}Minutes"), Platform::Ecs, routing)
    });
    let all = ("ECSAllAtOnce".to_owned(), Platform::Ecs, TrafficRouting::AllAtOnce);
    canaries.into_iter().chain(linears).chain([all]).collect()
}

//! The invariants after every step, as clients are shown it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::super::super::describe;
use super::super::{Deployment, Kind};
use super::world::Asked;
use crate::core::Timestamp;

/// The invariants of all deployments together, and of each.
pub(super) fn holds(asked: &Asked, now: Timestamp) {
    let infos: BTreeMap<&str, Value> = asked
        .deployments
        .newest_first()
        .map(|deployment| (deployment.plan.id.as_str(), describe::deployment_info(deployment)))
        .collect();
    let running = infos.values().filter(|info| info["status"] == "InProgress").count();
    assert!(running <= 1, "{running} deployments of one group run at the same time");
    for (id, info) in &infos {
        let rollback = &info["rollbackInfo"];
        if let Some(back) = rollback["rollbackDeploymentId"].as_str() {
            assert_eq!(infos[back]["rollbackInfo"]["rollbackTriggeringDeploymentId"], *id);
        }
        if let Some(failed) = rollback["rollbackTriggeringDeploymentId"].as_str() {
            assert_eq!(infos[failed]["rollbackInfo"]["rollbackDeploymentId"], *id);
        }
    }
    for (id, shown) in &asked.ended {
        assert_eq!(&infos[id.as_str()], shown, "an ended deployment changed");
    }
    for deployment in asked.deployments.newest_first() {
        one(deployment, &infos[deployment.plan.id.as_str()], now);
    }
}

fn one(deployment: &Deployment, info: &Value, now: Timestamp) {
    let status = info["status"].as_str().unwrap();
    assert_eq!(status == "InProgress", info["completeTime"].is_null(), "{info}");
    assert_eq!(matches!(status, "Failed" | "Stopped"), !info["errorInformation"].is_null(), "{info}");
    let counts = info["deploymentOverview"].as_object().unwrap().values();
    assert_eq!(counts.filter_map(Value::as_i64).sum::<i64>(), 1, "{info}");
    let events = describe::lifecycle_events(deployment);
    in_order(&events, status);
    if deployment.plan.kind == Kind::Forward {
        within_schedule(deployment, &events, now);
    }
}

/// Events succeed one after the other; one may run or have failed, and none has begun after it.
fn in_order(events: &[Value], status: &str) {
    let statuses: Vec<&str> = events.iter().map(|event| event["status"].as_str().unwrap()).collect();
    let mut rest = statuses.iter().skip_while(|status| **status == "Succeeded");
    let first = rest.next().copied();
    let late = if status == "InProgress" { "Pending" } else { "Skipped" };
    assert!(rest.all(|status| *status == late), "{statuses:?} of a deployment {status}");
    let fits = match status {
        "InProgress" => matches!(first, Some("InProgress" | "Pending")),
        "Succeeded" => first.is_none(),
        _ => first == Some("Failed"),
    };
    assert!(fits, "{statuses:?} of a deployment {status}");
}

/// No more traffic is shifted than the time since the shift began allows, and none before.
fn within_schedule(deployment: &Deployment, events: &[Value], now: Timestamp) {
    let weight = describe::function(deployment)["targetVersionWeight"].as_f64().unwrap();
    let routing = deployment.plan.routing;
    let allowed = events[1]["startTime"].as_f64().filter(|_| events[0]["status"] == "Succeeded").map_or(0, |started| {
        let passed = Duration::from_secs_f64((now.epoch_seconds() - started).max(0.0) + 0.001);
        let steps = match routing.interval() {
            Duration::ZERO => 0,
            interval => passed.as_millis() / interval.as_millis(),
        };
        routing.percentage_after(u32::try_from(steps).unwrap_or(u32::MAX).min(100))
    });
    assert!(weight <= f64::from(allowed) / 100.0, "{weight} where {allowed} % are allowed");
    if events[2]["status"] == "Succeeded" {
        assert!((weight - 1.0).abs() < f64::EPSILON, "only {weight} after the end of the shift");
    }
}

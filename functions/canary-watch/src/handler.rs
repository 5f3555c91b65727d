//! One invocation: every deployment that is active at the event's time.

use jiff::Timestamp;
use serde_json::Value;
use slipway_shared::hook::look_after;
use slipway_shared::telemetry::Chain;

use crate::WatchError;
use crate::find::{active, recent, unfinished};
use crate::look::{finish, look_at};
use crate::ports::Ports;
use crate::report::{Looked, Report};
use crate::settings::Settings;

/// Looks at every active deployment, whatever event it was that called.
///
/// # Errors
/// Fails if the event has no time, or something could not be looked at: Lambda sends the event again.
pub async fn handle<P: Ports>(ports: &P, settings: &Settings, event: &Value) -> Result<Report, WatchError> {
    let result = Box::pin(watch(ports, settings, event)).await;
    match &result {
        Ok(report) => tracing::info!(deployments = report.looked.len(), "canary watch done"),
        Err(error) => tracing::error!(error = %Chain(error), error.kind = error.error_type(), "canary watch failed"),
    }
    result
}

async fn watch<P: Ports>(ports: &P, settings: &Settings, event: &Value) -> Result<Report, WatchError> {
    let now: Timestamp = event["time"].as_str().and_then(|time| time.parse().ok()).ok_or(WatchError::BadEvent)?;
    let mut report = Report::default();
    let mut failures = Vec::new();
    let mut found = 0;
    let gathered = look_after(ports.deployments(), ports.ledger(), &settings.stack, &settings.stage, now).await;
    for id in active(ports, settings, now).await? {
        found += 1;
        match Box::pin(look_at(ports, settings, &id, now)).await {
            Ok(did) => report.looked.push(Looked { deployment: id.to_string(), did }),
            Err(error) => failures.push((id, error)),
        }
    }
    let recent = recent(ports, settings, now).await?;
    for id in unfinished(ports, settings, now).await? {
        match Box::pin(finish(ports, settings, &id, recent.contains(&id), now)).await {
            Ok(None) => {}
            Ok(Some(did)) => report.looked.push(Looked { deployment: id.to_string(), did }),
            Err(error) => failures.push((id, error)),
        }
    }
    let failed = failures.len();
    match failures.into_iter().next() {
        // What waits for each other is looked after when everything else has been.
        None => gathered.map(|_| report).map_err(WatchError::from),
        Some((id, source)) => {
            Err(WatchError::Some { failed, found, deployment: id.to_string(), source: Box::new(source) })
        }
    }
}

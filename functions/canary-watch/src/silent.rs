//! A hook that has been called and never answers: CodeDeploy would wait an hour for it.
//!
//! Lambda tells the other hook of a call that it gives up, and an alarm stops the deployment; what neither sees is found here. The
//! deployment is stopped, since an answer needs an id that only the hook was told, and people read what the hook's own log says.

use jiff::Timestamp;
use slipway_shared::deployments::ShiftState;
use slipway_shared::hook::{
    Attempts, CalledHook, LifecycleEvent, ReadHook, ReadHookLog, Shift, Silence, hook_of, silence,
};
use slipway_shared::identity::DeploymentId;
use slipway_shared::ledger::{Basis, Entry, Gate, Notice, ReadGathering, ReadLedger, Stored, WriteLedger, Written};
use slipway_shared::manifest::HookNames;
use slipway_shared::telemetry::Chain;

use crate::WatchError;
use crate::act::act;
use crate::ports::Ports;
use crate::report::Did;
use crate::settings::Settings;
use crate::timing::PERIOD;

/// Looks at a deployment whose hook has not answered. `None` if there is nothing to say of it yet, or it is nobody's to say.
pub(crate) async fn look_for<P: Ports>(
    ports: &P,
    settings: &Settings,
    id: &DeploymentId,
    state: &ShiftState,
    now: Timestamp,
) -> Result<Option<Did>, WatchError> {
    let Some(called) = state.called.filter(|(_, since)| now.duration_since(*since).unsigned_abs() >= PERIOD) else {
        return Ok(None);
    };
    let gate = called.0;
    let kept = ports.ledger().read_entry(id.as_str(), gate).await?;
    if let Some(stored) = kept.clone().filter(|stored| stored.entry.stops) {
        act(ports, settings, stored, now).await?;
        return Ok(Some(Did::Finished));
    }
    if gate == Gate::BeforeAllowTraffic && waits_for_others(ports, settings, id).await? {
        return Ok(None);
    }
    let Some(reasons) = why_silent(ports, settings, id, called, now).await? else { return Ok(None) };
    let shift = state.shift.as_ref().ok_or(WatchError::Subject)?;
    let basis = kept.as_ref().map_or(Basis::Nothing, |kept| Basis::Revision(kept.revision));
    let found = kept.map(|kept| kept.entry);
    let entry = entry(settings, id, (state, shift), (gate, reasons, found), now);
    tracing::error!(
        deployment.id = entry.deployment_id,
        lifecycle_event = called.0.as_str(),
        reasons = entry.reasons.join("; "),
        "a hook never answers: its deployment is stopped"
    );
    match ports.ledger().write_entry(&entry, basis).await? {
        Written::Lost => Ok(Some(Did::LeftToAnother)),
        Written::Kept(revision) => {
            act(ports, settings, Stored { entry, revision }, now).await?;
            Ok(Some(Did::Stopped))
        }
    }
}

/// True if the deployment's suite has ended, and its answer follows when those of its release have. That is so before the shift only.
async fn waits_for_others<P: Ports>(ports: &P, settings: &Settings, id: &DeploymentId) -> Result<bool, WatchError> {
    let gathering = ports.ledger().read_gathering(&settings.stack).await?;
    let arrivals =
        gathering.into_iter().flat_map(|stored| stored.gathering.members).filter_map(|member| member.arrival);
    Ok(arrivals.into_iter().any(|arrival| arrival.deployment_id == id.as_str()))
}

/// The reasons why a hook of this Slipway will never answer; `None` if it may, or is another's.
async fn why_silent<P: Ports>(
    ports: &P,
    settings: &Settings,
    id: &DeploymentId,
    (event, since): (LifecycleEvent, Timestamp),
    now: Timestamp,
) -> Result<Option<Vec<String>>, WatchError> {
    let HookNames { pre_traffic, post_traffic } = HookNames::of_stack(&settings.stack);
    let name = hook_of(ports.deployments(), id, event).await?;
    // Another's hook may have an hour's work, for all that is known here.
    let Some(name) = name.filter(|name| [pre_traffic, post_traffic].contains(name)) else { return Ok(None) };
    let function = ports.hooks().read_hook(&name).await?;
    let log = match &function {
        Some(function) => ports.logs().read_hook_log(&function.log_group, since, now).await,
        None => Ok(Vec::new()),
    };
    let attempts = Attempts::of(log.as_deref().unwrap_or_default());
    if attempts.are_under_way {
        return Ok(None);
    }
    let hook = CalledHook { since, limits: function.map(|function| function.limits), failures: attempts.failures };
    let Silence::ForGood(reason) = silence(&hook, now) else { return Ok(None) };
    let mut reasons = vec![format!("{name}: {reason}")];
    match log {
        Err(error) => reasons.push(format!("its log could not be read ({})", Chain(&error))),
        Ok(lines) if lines.is_empty() => reasons.push("its log has no line of that time".to_owned()),
        Ok(_) => reasons.extend(attempts.last_lines.iter().map(|line| format!("its log: {line}"))),
    }
    Ok(Some(reasons))
}

/// With the checks of a hook that has judged and could not report it.
fn entry(
    settings: &Settings,
    id: &DeploymentId,
    (state, shift): (&ShiftState, &Shift),
    (gate, reasons, found): (Gate, Vec<String>, Option<Entry>),
    now: Timestamp,
) -> Entry {
    let mut notes = vec!["found by the watch, from outside the hook".to_owned()];
    notes.extend(
        found.as_ref().map(|found| format!("the hook's own verdict, which it did not report: {}", found.verdict)),
    );
    Entry {
        closed: true,
        stops: true,
        action: Some("stopped".to_owned()),
        reasons,
        application: state.application.clone(),
        deployment_group: state.group.clone(),
        function: shift.function.to_string(),
        alias: shift.alias.clone(),
        current_version: shift.current_version.as_ref().map(ToString::to_string),
        target_version: shift.target_version.to_string(),
        checks: found.map(|found| found.checks).unwrap_or_default(),
        notes,
        notice: Some(Notice::Owed),
        ..Entry::new(id.as_str(), gate, "errored", (&settings.stage, now))
    }
}

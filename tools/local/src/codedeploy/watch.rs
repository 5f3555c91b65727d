//! The alarms that a group's deployments heed, their automatic rollback, and the triggers that they tell.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::core::{Arn, Input, ServiceError};

use super::engine::{AlarmPolicy, RollbackPolicy};

/// <https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html>
const MOST_ALARMS: usize = 10;
const MOST_TRIGGERS: usize = 10;

/// Reads an `alarmConfiguration`.
///
/// # Errors
/// `AlarmsLimitExceededException` beyond 10 alarms; `InvalidAlarmConfigException` for one without a name, one that is there
/// twice, or an enabled configuration without alarms.
pub(super) fn alarm_policy(configuration: &Input) -> Result<AlarmPolicy, ServiceError> {
    let invalid = |message: &str| ServiceError::new("InvalidAlarmConfigException", message);
    let names = configuration
        .list("alarms")
        .iter()
        .map(|alarm| alarm["name"].as_str().filter(|name| !name.is_empty()).map(str::to_owned))
        .collect::<Option<Vec<String>>>()
        .ok_or_else(|| invalid("An alarm must have a name"))?;
    if names.len() > MOST_ALARMS {
        let message = format!("The maximum number of alarms for a deployment group ({MOST_ALARMS}) was exceeded.");
        return Err(ServiceError::new("AlarmsLimitExceededException", message));
    }
    if has_twice(names.iter().map(String::as_str)) {
        return Err(invalid("The alarm configuration contains duplicate alarm names"));
    }
    if !configuration.opt_bool("enabled").unwrap_or(false) {
        return Ok(AlarmPolicy::default());
    }
    if names.is_empty() {
        return Err(invalid("An alarm configuration that is enabled must have at least one alarm"));
    }
    let ignore_poll_failure = configuration.opt_bool("ignorePollAlarmFailure").unwrap_or(false);
    Ok(AlarmPolicy { names, ignore_poll_failure })
}

/// Reads an `autoRollbackConfiguration`.
///
/// # Errors
/// `InvalidAutoRollbackConfigException` for an enabled configuration without events.
pub(super) fn rollback_policy(configuration: &Input) -> Result<RollbackPolicy, ServiceError> {
    let events = configuration.strings("events");
    if !configuration.opt_bool("enabled").unwrap_or(false) {
        return Ok(RollbackPolicy::default());
    }
    if events.is_empty() {
        let message = "An automatic rollback that is enabled must have at least one event";
        return Err(ServiceError::new("InvalidAutoRollbackConfigException", message));
    }
    let has = |event: &str| events.iter().any(|given| given == event);
    Ok(RollbackPolicy {
        on_failure: has("DEPLOYMENT_FAILURE"),
        on_alarm: has("DEPLOYMENT_STOP_ON_ALARM"),
        on_request: has("DEPLOYMENT_STOP_ON_REQUEST"),
    })
}

fn has_twice<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = BTreeSet::new();
    names.into_iter().any(|name| !seen.insert(name))
}

/// Checks `triggerConfigurations`.
///
/// # Errors
/// `TriggerTargetsLimitExceededException` beyond 10 triggers, `InvalidTriggerConfigException` for one that tells nobody or of
/// nothing.
pub(super) fn check_triggers(triggers: &[Value]) -> Result<(), ServiceError> {
    let invalid = |message: &str| Err(ServiceError::new("InvalidTriggerConfigException", message));
    if triggers.len() > MOST_TRIGGERS {
        let message = format!("The maximum allowed number of triggers ({MOST_TRIGGERS}) was exceeded.");
        return Err(ServiceError::new("TriggerTargetsLimitExceededException", message));
    }
    for trigger in triggers {
        if trigger["triggerName"].as_str().is_none_or(str::is_empty) {
            return invalid("A trigger must have a name");
        }
        let target = trigger["triggerTargetArn"].as_str().and_then(Arn::parse);
        if target.is_none_or(|arn| arn.service != "sns") {
            return invalid("The target of a trigger must be the ARN of an Amazon SNS topic");
        }
        if trigger["triggerEvents"].as_array().is_none_or(Vec::is_empty) {
            return invalid("A trigger must have at least one event");
        }
    }
    if has_twice(triggers.iter().filter_map(|trigger| trigger["triggerName"].as_str())) {
        return invalid("The trigger configurations contain duplicate trigger names");
    }
    Ok(())
}

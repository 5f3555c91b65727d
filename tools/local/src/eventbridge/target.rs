//! Targets of rules.
//! <https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html>

use std::time::Duration;

use serde_json::Value;

use super::input::TargetInput;
use crate::core::{Arn, Input, ServiceError};

/// The number of further tries of a delivery, and the seconds for which it is tried, unless a target says otherwise.
const ATTEMPTS: i64 = 185;
const MAXIMUM_AGE: i64 = 86_400;

/// Services that an event is handed to, and whether EventBridge needs a role for it.
const SERVICES: &[(&str, bool)] =
    &[("codebuild", true), ("codepipeline", true), ("lambda", false), ("logs", false), ("sns", false)];

/// The members of a target that are honoured.
macro_rules! target_members {
    () => {
        "Id Arn RoleArn Input InputPath InputTransformer RetryPolicy"
    };
}
pub(super) use target_members;

/// The error with which `PutTargets` would refuse a target, for callers that want to know before they ask. One whose ARN is not
/// known yet is refused for members alone.
pub(crate) fn refused_target(raw: &Value) -> Option<ServiceError> {
    let honoured: Vec<&str> = target_members!().split(' ').collect();
    let mut members = raw.as_object().into_iter().flatten();
    if let Some((lost, _)) = members.find(|(name, value)| !honoured.contains(&name.as_str()) && !value.is_null()) {
        return Some(ServiceError::not_implemented("events", &format!("PutTargets with Targets.{lost}")));
    }
    raw.get("Arn")
        .filter(|arn| arn.is_string())
        .and_then(|_| Target::read(raw).and_then(|target| target.served()).err())
}

/// One target of a rule.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) arn: String,
    pub(super) role: Option<String>,
    pub(super) input: TargetInput,
    pub(super) retry: Retry,
    /// The target as it was put, for `ListTargetsByRule`.
    pub(super) raw: Value,
}

/// The limits of a delivery: the number of further tries, and the age of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Retry {
    pub(super) attempts: i64,
    pub(super) age: Duration,
}

impl Target {
    /// Reads one of the targets of `PutTargets`.
    pub(super) fn read(raw: &Value) -> Result<Self, ServiceError> {
        let target = Input::from(raw.clone());
        let (id, arn) = (target.str("Id")?, target.str("Arn")?);
        let role = target.opt_str("RoleArn").map(str::to_owned);
        let service = service(arn)?;
        let needs_role = SERVICES.iter().any(|(known, needs_role)| *known == service && *needs_role);
        if needs_role && role.is_none() {
            return Err(ServiceError::validation(format!("RoleArn is required for target {arn}.")));
        }
        let retry = target.object("RetryPolicy");
        let age = retry.opt_i64("MaximumEventAgeInSeconds").unwrap_or(MAXIMUM_AGE);
        Ok(Self {
            arn: arn.to_owned(),
            role,
            input: TargetInput::read(id, &target)?,
            retry: Retry {
                attempts: retry.opt_i64("MaximumRetryAttempts").unwrap_or(ATTEMPTS),
                age: Duration::from_secs(u64::try_from(age).unwrap_or_default()),
            },
            raw: raw.clone(),
        })
    }

    /// Fails for a target of a service that the plane does not run, which AWS has nothing against.
    pub(super) fn served(&self) -> Result<(), ServiceError> {
        let service = service(&self.arn)?;
        if SERVICES.iter().any(|(known, _)| *known == service) {
            return Ok(());
        }
        Err(ServiceError::not_implemented("events", &format!("PutTargets with a target of {service}")))
    }
}

/// The service of a target's ARN.
pub(super) fn service(arn: &str) -> Result<String, ServiceError> {
    let parsed = Arn::parse(arn).ok_or_else(|| {
        let message = format!("Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.");
        ServiceError::validation(message)
    })?;
    Ok(parsed.service)
}

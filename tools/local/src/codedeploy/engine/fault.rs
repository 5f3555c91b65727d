//! Why a deployment ended early, in CodeDeploy's codes and words.

use super::calls::CallFailure;
use super::plan::LambdaShift;

/// How a deployment that ended early counts, which decides on its status and on whether it is rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum EndedBy {
    /// It failed: `DEPLOYMENT_FAILURE`.
    Failure,
    /// It failed on an alias that was not as the AppSpec says. Nothing was moved, so nothing is put back: on AWS, too,
    /// weights that a stopped deployment left behind stay until somebody clears them.
    Untouched,
    /// An alarm: `DEPLOYMENT_STOP_ON_ALARM`.
    Alarm,
    /// `StopDeployment`, with its `autoRollbackEnabled`.
    Request { auto_rollback: Option<bool> },
}

/// An `ErrorInformation` and what it counts as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Fault {
    /// An `ErrorCode`.
    pub code: &'static str,
    /// The text a person reads.
    pub message: String,
    /// What it counts as.
    pub ended_by: EndedBy,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), ended_by: EndedBy::Failure }
    }

    /// Alarms are active (AWS's words as seen on AWS).
    pub(super) fn alarms(active: &[String]) -> Self {
        let names: Vec<String> = active.iter().map(|name| format!("<{name}>")).collect();
        let message = format!(
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the \
             affected deployments have been stopped. Activated alarms: {}",
            names.join(" ")
        );
        Self { ended_by: EndedBy::Alarm, ..Self::new("ALARM_ACTIVE", message) }
    }

    /// Alarms cannot be read. Assumption: it counts as an alarm, for no error code says otherwise.
    pub(super) fn unreadable_alarms(failure: &CallFailure) -> Self {
        let message = format!(
            "The deployment was stopped because the state of its alarms could not be retrieved from Amazon CloudWatch: \
             {}: {}",
            failure.code, failure.message
        );
        Self { ended_by: EndedBy::Alarm, ..Self::new("ALARM_ACTIVE", message) }
    }

    /// A hook said no (AWS's words as seen on AWS).
    pub(super) fn hook_failed() -> Self {
        Self::new(
            "HOOK_EXECUTION_FAILURE",
            "The deployment failed because one or more of the lifecycle event validation functions failed.",
        )
    }

    /// A hook said nothing for an hour (AWS's words; the code is an assumption).
    pub(super) fn hook_timeout() -> Self {
        Self::new(
            "TIMEOUT",
            "The deployment timed out while waiting for a status callback. CodeDeploy expects a status callback within \
             one hour after a deployment hook is invoked.",
        )
    }

    /// A hook could not be invoked.
    pub(super) fn hook_not_invoked(function: &str, failure: &CallFailure) -> Self {
        Self::new(
            "HOOK_EXECUTION_FAILURE",
            format!("The lifecycle event validation function {function} could not be invoked: {}", failure.message),
        )
    }

    /// The service role may not invoke the hook.
    pub(super) fn hook_not_permitted(role: &str, function: &str) -> Self {
        Self::new(
            "IAM_ROLE_PERMISSIONS",
            format!(
                "The IAM role {role} does not give you permission to perform operations in the following AWS service: \
                 AWSLambda. It may only invoke functions named CodeDeployHook_*, and {function} is not."
            ),
        )
    }

    /// The deployment took longer than any Lambda deployment may.
    pub(super) fn too_long() -> Self {
        Self::new("TIMEOUT", "The deployment failed because it did not end within 50 hours.")
    }

    /// Somebody stopped it. The words are an assumption.
    pub(super) fn stopped(auto_rollback: Option<bool>) -> Self {
        Self {
            ended_by: EndedBy::Request { auto_rollback },
            ..Self::new("MANUAL_STOP", "The deployment was stopped on request.")
        }
    }

    /// The AppSpec asks for what cannot be (the first sentence is AWS's as seen on AWS).
    pub(super) fn configuration(detail: &str) -> Self {
        Self {
            ended_by: EndedBy::Untouched,
            ..Self::new(
                "INVALID_LAMBDA_CONFIGURATION",
                format!(
                    "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment \
                     configuration is missing or has an invalid configuration. {detail}"
                ),
            )
        }
    }

    /// The alias was not found as it should be before anything was moved (AWS's words as seen on AWS).
    pub(super) fn alias_mismatch() -> Self {
        Self::configuration("The Lambda function alias version does not match the current version in AppSpec file.")
    }

    /// Somebody moved the alias while the deployment was shifting it. Assumption: it fails and is rolled back.
    pub(super) fn alias_moved(shift: &LambdaShift) -> Self {
        let detail = format!(
            "The alias {} of the function {} was changed by somebody else during the deployment.",
            shift.alias, shift.function
        );
        Self { ended_by: EndedBy::Failure, ..Self::configuration(&detail) }
    }

    /// Lambda refused what the deployment asked.
    pub(super) fn lambda(shift: &LambdaShift, failure: &CallFailure) -> Self {
        let (code, message) = (failure.code.as_str(), &failure.message);
        let function = &shift.function;
        match code {
            "ResourceNotFoundException" => Self::new(
                "INVALID_LAMBDA_FUNCTION",
                format!("The Lambda function {function}, its alias or its version was not found: {message}"),
            ),
            "TooManyRequestsException" | "ThrottlingException" => Self::new("THROTTLED", message.clone()),
            "AccessDeniedException" => Self::new("IAM_ROLE_PERMISSIONS", message.clone()),
            "InvalidParameterValueException" | "ValidationException" => Self::new(
                "INVALID_LAMBDA_CONFIGURATION",
                format!("Lambda refused to move the alias {} of {function}: {message}", shift.alias),
            ),
            _ => Self::new("INTERNAL_ERROR", format!("{code}: {message}")),
        }
    }

    /// The same fault of a deployment that has moved nothing yet.
    pub(super) fn untouched(self) -> Self {
        Self { ended_by: EndedBy::Untouched, ..self }
    }
}

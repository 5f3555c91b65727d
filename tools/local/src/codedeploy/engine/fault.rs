//! The reasons why a deployment ended early, in CodeDeploy's codes and words.

use super::calls::{CallFailure, ROLE_MISSING};
use super::error_information::{EndedBy, Fault};
use super::plan::{LambdaShift, Plan};

/// The name that AWS gives Lambda in these texts.
const LAMBDA: &str = "AWSLambda";

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

    /// The service role cannot be assumed. The words are an assumption: those of the code's documentation.
    pub(in crate::codedeploy) fn role_missing(role: &str) -> Self {
        Self::new(ROLE_MISSING, format!("The service role cannot be accessed: {role}"))
    }

    /// The service role may not do what the deployment needs (AWS's words as seen on AWS for Lambda; what it calls the other
    /// services is an assumption).
    pub(in crate::codedeploy) fn not_permitted(role: &str, service: &str) -> Self {
        Self::new(
            "IAM_ROLE_PERMISSIONS",
            format!(
                "The IAM role {role} does not give you permission to perform operations in the following AWS service: \
                 {service}. Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant \
                 permissions to your users or groups by creating IAM policies."
            ),
        )
    }

    /// The fault of a call that IAM did not let through, if it is one.
    fn of_role(plan: &Plan, service: &str, failure: &CallFailure) -> Option<Self> {
        match failure.code.as_str() {
            ROLE_MISSING => Some(Self::role_missing(&plan.role)),
            "AccessDenied" | "AccessDeniedException" => Some(Self::not_permitted(&plan.role, service)),
            _ => None,
        }
    }

    /// The revision is not where the deployment says. The words are an assumption.
    pub(in crate::codedeploy) fn revision_missing(detail: &str) -> Self {
        Self {
            ended_by: EndedBy::Untouched,
            ..Self::new("REVISION_MISSING", format!("The revision of the deployment was not found: {detail}"))
        }
    }

    /// Alarms cannot be read. Assumption: it counts as an alarm, unless the role is at fault; no error code says otherwise.
    pub(super) fn unreadable_alarms(plan: &Plan, failure: &CallFailure) -> Self {
        if let Some(fault) = Self::of_role(plan, "AmazonCloudWatch", failure) {
            return fault;
        }
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
    pub(super) fn hook_not_invoked(plan: &Plan, function: &str, failure: &CallFailure) -> Self {
        Self::of_role(plan, LAMBDA, failure).unwrap_or_else(|| {
            let message = &failure.message;
            let text = format!("The lifecycle event validation function {function} could not be invoked: {message}");
            Self::new("HOOK_EXECUTION_FAILURE", text)
        })
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
    pub(in crate::codedeploy) fn configuration(detail: &str) -> Self {
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
    pub(super) fn lambda(plan: &Plan, failure: &CallFailure) -> Self {
        if let Some(fault) = Self::of_role(plan, LAMBDA, failure) {
            return fault;
        }
        let (code, message) = (failure.code.as_str(), &failure.message);
        let LambdaShift { function, alias, .. } = &plan.shift;
        match code {
            "ResourceNotFoundException" => Self::new(
                "INVALID_LAMBDA_FUNCTION",
                format!("The Lambda function {function}, its alias or its version was not found: {message}"),
            ),
            "TooManyRequestsException" | "ThrottlingException" => Self::new("THROTTLED", message.clone()),
            "InvalidParameterValueException" | "ValidationException" => Self::new(
                "INVALID_LAMBDA_CONFIGURATION",
                format!("Lambda refused to move the alias {alias} of {function}: {message}"),
            ),
            _ => Self::new("INTERNAL_ERROR", format!("{code}: {message}")),
        }
    }

    /// The same fault of a deployment that has moved nothing yet.
    pub(super) fn untouched(self) -> Self {
        Self { ended_by: EndedBy::Untouched, ..self }
    }
}

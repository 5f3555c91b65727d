//! CloudFormation's refusals, worded as it words them: tools match on these texts.

use crate::core::ServiceError;

/// `ValidationError`, CloudFormation's answer to nearly everything.
pub fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationError", message)
}

/// A template that CloudFormation cannot read.
pub fn template_format(message: impl std::fmt::Display) -> ServiceError {
    validation(format!("Template format error: {message}"))
}

/// Something of CloudFormation's that the plane does not run, named.
pub fn unsupported(what: impl std::fmt::Display) -> ServiceError {
    ServiceError::new("NotImplemented", format!("the local plane does not run {what}; no work was done"))
        .with_status(501)
}

/// Names in a block of the template that stand for no resource or parameter; fine when there are none.
///
/// # Errors
/// `Template format error` naming them.
pub fn unresolved<'a>(names: impl IntoIterator<Item = &'a String>, block: &str) -> Result<(), ServiceError> {
    unresolved_text(names, block).map_or(Ok(()), |text| Err(template_format(text)))
}

/// Resources that a condition leaves out, and outputs ask for; fine when there are none.
///
/// # Errors
/// `ValidationError` naming them. AWS does not take this for a fault of the template's format.
pub fn left_out<'a>(names: impl IntoIterator<Item = &'a String>) -> Result<(), ServiceError> {
    unresolved_text(names, "Outputs").map_or(Ok(()), |text| Err(validation(text)))
}

fn unresolved_text<'a>(names: impl IntoIterator<Item = &'a String>, block: &str) -> Option<String> {
    let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
    let text =
        || format!("Unresolved resource dependencies [{}] in the {block} block of the template", names.join(", "));
    (!names.is_empty()).then(text)
}

/// The stack that an operation reads is not there.
pub fn no_stack_with_id(name: &str) -> ServiceError {
    validation(format!("Stack with id {name} does not exist"))
}

/// The stack that an operation changes is not there.
pub fn no_stack(name: &str) -> ServiceError {
    validation(format!("Stack [{name}] does not exist"))
}

/// The stack is busy, or in a state that only deletion ends.
pub fn cannot_update(stack_id: &str, status: &str) -> ServiceError {
    validation(format!("Stack:{stack_id} is in {status} state and can not be updated."))
}

/// There is no such change set.
pub fn no_change_set(name: &str) -> ServiceError {
    ServiceError::new("ChangeSetNotFound", format!("ChangeSet [{name}] does not exist")).with_status(404)
}

/// A provider's error as a resource's status reason: AWS wraps its resource handlers' messages like this.
pub fn handler_reason(error: &ServiceError, request_token: &str) -> String {
    let code = handler_error_code(&error.code);
    format!(
        "Resource handler returned message: \"{}\" (RequestToken: {request_token}, HandlerErrorCode: {code})",
        error.message
    )
}

fn handler_error_code(code: &str) -> &'static str {
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    match code {
        _ if has(&["AlreadyExists", "AlreadyOwned", "EntityAlreadyExists"]) => "AlreadyExists",
        _ if has(&["NotFound", "NoSuch"]) => "NotFound",
        _ if has(&["Conflict", "InUse", "NotEmpty"]) => "ResourceConflict",
        _ if has(&["AccessDenied", "Unauthorized"]) => "AccessDenied",
        _ if has(&["Throttl", "TooMany"]) => "Throttling",
        _ if has(&["LimitExceeded"]) => "ServiceLimitExceeded",
        _ if has(&["Validation", "Invalid", "NotImplemented"]) => "InvalidRequest",
        _ if has(&["InternalFailure"]) => "InternalFailure",
        _ => "GeneralServiceException",
    }
}

//! Reading names and pages out of requests.

use serde_json::Value;

use crate::core::{Input, ServiceError};

/// A name of up to 100 characters out of `[A-Za-z0-9+=,.@_-]`.
///
/// # Errors
/// `<Kind>RequiredException` when the member is missing, `Invalid<Kind>Exception` when it is not such a name.
pub(super) fn name(input: &Input, member: &str, kind: &str) -> Result<String, ServiceError> {
    let given = input.opt_str(member).unwrap_or_default();
    if given.is_empty() {
        return Err(ServiceError::new(format!("{kind}RequiredException"), format!("{member} is required")));
    }
    checked(given, kind)
}

/// A name that was given, checked.
///
/// # Errors
/// `Invalid<Kind>Exception`.
pub(super) fn checked(given: &str, kind: &str) -> Result<String, ServiceError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(c);
    if given.chars().count() <= 100 && given.chars().all(allowed) {
        Ok(given.to_owned())
    } else {
        Err(ServiceError::new(format!("Invalid{kind}Exception"), format!("{given} is not a valid name")))
    }
}

/// A deployment id, `d-` and capitals or digits.
///
/// # Errors
/// `DeploymentIdRequiredException` or `InvalidDeploymentIdException`.
pub(super) fn deployment_id(input: &Input) -> Result<String, ServiceError> {
    let given = input.opt_str("deploymentId").unwrap_or_default();
    if given.is_empty() {
        return Err(ServiceError::new("DeploymentIdRequiredException", "A deployment id must be given"));
    }
    let valid = given
        .strip_prefix("d-")
        .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()));
    if valid {
        Ok(given.to_owned())
    } else {
        let message = format!("Specified DeploymentId is not in the valid format: {given}");
        Err(ServiceError::new("InvalidDeploymentIdException", message))
    }
}

/// One page of a list, and the token of the next.
///
/// # Errors
/// `InvalidNextTokenException`.
pub(super) fn page(
    input: &Input,
    items: Vec<Value>,
    size: usize,
) -> Result<(Vec<Value>, Option<String>), ServiceError> {
    let invalid = || ServiceError::new("InvalidNextTokenException", "The next token is not one of this operation");
    let start = match input.opt_str("nextToken") {
        None | Some("") => 0,
        Some(token) => token.parse::<usize>().ok().filter(|start| *start <= items.len()).ok_or_else(invalid)?,
    };
    let next = (start + size < items.len()).then(|| (start + size).to_string());
    Ok((items.into_iter().skip(start).take(size).collect(), next))
}

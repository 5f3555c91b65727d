//! The ends of actions: findings and refusals.

use std::collections::BTreeMap;

use super::super::engine::{Input, Outcome};
use super::super::execution::{Failure, Order, Revision};
use crate::core::ServiceError;

pub(super) fn ended(order: &Order, outcome: Outcome) -> Input {
    Input::Ended { execution: order.execution.clone(), run: order.run.clone(), outcome }
}

/// A denial is the role's fault; what else a service refused is that of the action's configuration, as far as can be told.
pub(super) fn refused(what: &str, error: &ServiceError) -> Failure {
    let denied = error.code.starts_with("AccessDenied") || error.code == "AuthorizationError";
    let code = if denied { "PermissionError" } else { "ConfigurationError" };
    Failure { code: code.to_owned(), message: format!("{what}: {error}") }
}

pub(super) fn found(revision: Revision, variables: &[(&str, String)]) -> Outcome {
    let summary = Some(revision.summary.clone()).filter(|summary| !summary.is_empty());
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Outcome::Succeeded { variables, external_id: Some(revision.id.clone()), revision: Some(revision), summary }
}

//! Doing the work of actions: each provider asks the service that it is named for, by that service's own operations and as
//! the role of the pipeline or of the action ([`role`]).

mod approval;
mod build;
mod invoke;
mod role;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::core::{Hub, ServiceError};

use super::declaration::Provider;
use super::engine::{Input, Outcome};
use super::execution::{Failure, Order, Revision};

pub use build::watch;
pub use role::{CODEPIPELINE, actor};

/// Begins an action. Work that ends by itself is answered here; the rest tells its end elsewhere.
pub async fn begin(hub: Arc<Hub>, order: Box<Order>) -> Vec<Input> {
    match perform(&hub, &order).await {
        Ok(Begun::Waits) => Vec::new(),
        Ok(Begun::Submitted(external_id)) => vec![Input::Submitted { order, external_id }],
        Ok(Begun::Ended(outcome)) => vec![ended(&order, outcome)],
        Err(failure) => vec![ended(&order, Outcome::Failed { failure, external_id: None })],
    }
}

/// The state of an action after its beginning.
enum Begun {
    /// Somebody else will tell its end.
    Waits,
    /// It goes on elsewhere under that id.
    Submitted(String),
    /// It is over.
    Ended(Outcome),
}

async fn perform(hub: &Hub, order: &Order) -> Result<Begun, Failure> {
    let caller = role::acting(hub, &order.actor).await?;
    match order.provider {
        Provider::CodeCommit => source::branch(hub, &caller, order).await.map(Begun::Ended),
        Provider::S3Source => source::object(hub, &caller, order).await.map(Begun::Ended),
        Provider::CodeBuild => build::start(hub, &caller, order).await.map(Begun::Submitted),
        Provider::Manual => approval::ask(hub, &caller, order).await.map(|()| Begun::Waits),
        Provider::Lambda => invoke::invoke(hub, &caller, order).await.map(|()| Begun::Waits),
    }
}

fn ended(order: &Order, outcome: Outcome) -> Input {
    Input::Ended { execution: order.execution.clone(), run: order.run.clone(), outcome }
}

/// A denial is the role's fault; what else a service refused is that of the action's configuration, as far as can be told.
fn refused(what: &str, error: &ServiceError) -> Failure {
    let denied = error.code.starts_with("AccessDenied") || error.code == "AuthorizationError";
    let code = if denied { "PermissionError" } else { "ConfigurationError" };
    Failure { code: code.to_owned(), message: format!("{what}: {error}") }
}

fn found(revision: Revision, variables: &[(&str, String)]) -> Outcome {
    let summary = Some(revision.summary.clone()).filter(|summary| !summary.is_empty());
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Outcome::Succeeded { variables, external_id: Some(revision.id.clone()), revision: Some(revision), summary }
}

//! Doing the work of actions: each provider asks the service that it is named for, by that service's own operations.

mod approval;
mod build;
mod invoke;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::core::{Hub, ServiceError};

use super::declaration::Provider;
use super::engine::{Input, Outcome};
use super::execution::{Failure, Order, Revision};

pub use build::watch;

/// Begins an action. What ends by itself is answered here; the rest tells its end elsewhere.
pub async fn begin(hub: Arc<Hub>, order: Box<Order>) -> Vec<Input> {
    let begun = match order.provider {
        Provider::CodeCommit => source::branch(&hub, &order).await.map(Some),
        Provider::S3Source => source::object(&hub, &order).await.map(Some),
        Provider::CodeBuild => match build::start(&hub, &order).await {
            Ok(external_id) => return vec![Input::Submitted { order, external_id }],
            Err(failure) => Err(failure),
        },
        Provider::Manual => approval::ask(&hub, &order).await.map(|()| None),
        Provider::Lambda => invoke::invoke(&hub, &order).await.map(|()| None),
    };
    match begun {
        Ok(None) => Vec::new(),
        Ok(Some(outcome)) => vec![ended(&order, outcome)],
        Err(failure) => vec![ended(&order, Outcome::Failed { failure, external_id: None })],
    }
}

fn ended(order: &Order, outcome: Outcome) -> Input {
    Input::Ended { execution: order.execution.clone(), run: order.run.clone(), outcome }
}

/// What a service refused is the fault of the action's configuration, as far as can be told.
fn refused(what: &str, error: &ServiceError) -> Failure {
    Failure { code: "ConfigurationError".to_owned(), message: format!("{what}: {error}") }
}

fn found(revision: Revision, variables: &[(&str, String)]) -> Outcome {
    let summary = Some(revision.summary.clone()).filter(|summary| !summary.is_empty());
    let variables: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Outcome::Succeeded { variables, external_id: Some(revision.id.clone()), revision: Some(revision), summary }
}

//! Doing the work of actions: each provider asks the service that it is named for, by that service's own operations and as
//! the role of the pipeline or of the action ([`role`]).

mod approval;
mod build;
mod invoke;
mod outcome;
mod role;
mod source;

use std::sync::Arc;

use super::declaration::Provider;
use super::engine::{Input, Outcome};
use super::execution::{Failure, Order};
use crate::core::Hub;
use outcome::ended;

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

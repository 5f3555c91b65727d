//! The operations of CodePipeline's API, in the rooms that they belong to.

mod executions;
mod jobs;
mod page;
mod pipelines;
mod stages;
mod state;
mod tags;

use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;

use super::engine::{Effect, Pipelines};
use super::publisher::Publisher;
use super::{polling, work};
use crate::core::{Driver, Hub, Service};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};
use state::CodePipeline;

/// CodePipeline with its engine in plane time.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let publisher = Publisher::start(hub);
    let engine = Pipelines::new(hub.ids.clone(), hub.identity.clone());
    let for_work = Arc::clone(hub);
    let driver = Driver::start(engine, hub.clock.clone(), move |effect| -> BoxFuture<'static, _> {
        let hub = Arc::clone(&for_work);
        match effect {
            Effect::Publish(number, event) => {
                publisher.publish(number, event);
                Box::pin(async { Vec::new() })
            }
            Effect::Begin(order) => Box::pin(work::begin(hub, order)),
            Effect::Watch(order, id) => Box::pin(work::watch(hub, order, id)),
        }
    });
    polling::start(hub, &driver);
    let codepipeline = CodePipeline { hub: Arc::clone(hub), driver, tags: Mutex::default() };
    Arc::new(Modelled::new(hub, codepipeline, &TABLE))
}

static TABLE: Table<CodePipeline> = Table::new(
    "codepipeline",
    Dialect::Listed("ValidationException"),
    &[pipelines::OPERATIONS, executions::OPERATIONS, stages::OPERATIONS, jobs::OPERATIONS, tags::OPERATIONS],
);

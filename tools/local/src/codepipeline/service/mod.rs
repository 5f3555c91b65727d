//! The operations of CodePipeline's API, in the rooms that they belong to.

mod executions;
mod jobs;
mod pipelines;
mod stages;
mod tags;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Driver, Hub, Input as Members, Page, Reply, Service, ServiceError, Timestamp};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};

use super::engine::{Effect, Pipelines};
use super::publisher::Publisher;
use super::{polling, work};

/// The most that a page of a list holds when nobody says.
const PAGE: usize = 100;

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

struct CodePipeline {
    hub: Arc<Hub>,
    driver: Driver<Pipelines>,
    /// The tags, by the pipeline's name.
    tags: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl CodePipeline {
    /// Steps the engine through a request.
    fn ask<T>(
        &self,
        change: impl FnOnce(&mut Pipelines, Timestamp) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        self.driver.apply(|engine, now| {
            let answer = change(engine, now);
            (answer, engine.take_effects())
        })
    }

    fn read<T>(&self, look: impl FnOnce(&Pipelines) -> Result<T, ServiceError>) -> Result<T, ServiceError> {
        self.driver.read(look)
    }
}

/// One page of a list whose items come with keys in the list's order. `scope` is what the list is of.
fn page(input: &Members, member: &str, all: &[(String, Value)], scope: &str) -> Reply {
    let size = input.opt_i64("maxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let keyed = all.iter().map(|(key, item)| (key.as_str(), item));
    let page = Page::cut(keyed, input.opt_str("nextToken"), size, &format!("{member}:{scope}"));
    let page = page.map_err(|error| ServiceError::new("InvalidNextTokenException", error.to_string()))?;
    let mut reply = json!({ member: page.items });
    if let Some(next) = page.next {
        reply["nextToken"] = json!(next);
    }
    Ok(reply)
}

/// Gives the items of a list without keys of its own, the newest first, keys that a newer item leaves as they are: the
/// oldest is number 0, and the keys fall from page to page.
fn newest_first(all: Vec<Value>) -> Vec<(String, Value)> {
    let oldest_first = (0..all.len() as u64).rev();
    oldest_first.map(|number| format!("{:020}", u64::MAX - number)).zip(all).collect()
}

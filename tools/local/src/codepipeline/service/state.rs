//! CodePipeline's engine, and the tags of its pipelines.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::super::engine::Pipelines;
use crate::core::{Driver, Hub, ServiceError, Timestamp};

pub(super) struct CodePipeline {
    pub(super) hub: Arc<Hub>,
    pub(super) driver: Driver<Pipelines>,
    /// The tags, by the pipeline's name.
    pub(super) tags: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl CodePipeline {
    /// Steps the engine through a request.
    pub(super) fn ask<T>(
        &self,
        change: impl FnOnce(&mut Pipelines, Timestamp) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        self.driver.apply(|engine, now| {
            let answer = change(engine, now);
            (answer, engine.take_effects())
        })
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&Pipelines) -> Result<T, ServiceError>) -> Result<T, ServiceError> {
        self.driver.read(look)
    }
}

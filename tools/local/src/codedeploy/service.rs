//! The state of CodeDeploy and its running engine.

use std::sync::{Arc, Mutex, PoisonError};

use super::actor::Actor;
use super::arns;
use super::catalog::Catalog;
use super::engine::Deployments;
use crate::core::{Driver, Hub, Input};

/// CodeDeploy's state and its running engine, shared by all calls.
pub(super) struct CodeDeploy {
    pub(super) hub: Arc<Hub>,
    pub(super) deployments: Driver<Deployments>,
    catalog: Arc<Mutex<Catalog>>,
}

impl CodeDeploy {
    /// The service; its engine begins to run.
    pub(super) fn start(hub: &Arc<Hub>) -> Self {
        let catalog = Arc::new(Mutex::new(Catalog::new(&hub.ids, hub.now())));
        let actor = Actor { hub: Arc::clone(hub), catalog: Arc::clone(&catalog), sessions: Arc::default() };
        let engine = Deployments::new(hub.ids.clone());
        let deployments = Driver::start(engine, hub.clock.clone(), move |effect| actor.clone().act(effect));
        Self { hub: Arc::clone(hub), deployments, catalog }
    }

    /// Reads or changes what is kept. Deployments may be looked at meanwhile, and never the other way round.
    pub(super) fn catalog<T>(&self, with: impl FnOnce(&mut Catalog) -> T) -> T {
        with(&mut self.catalog.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The ARNs of the groups whose deployments a request names: it is them that policies name. An id of no deployment may be
    /// any group's.
    pub(super) fn groups_of(&self, input: &Input) -> Vec<String> {
        let mut ids = input.strings("deploymentIds");
        ids.extend(input.opt_str("deploymentId").map(str::to_owned));
        self.deployments.read(|engine| {
            let found = ids.iter().map(|id| engine.get(id).map(|deployment| &deployment.plan));
            let mut arns: Vec<String> = found
                .map(|plan| match plan {
                    Some(plan) => arns::group(&self.hub, &plan.application, &plan.group),
                    None => arns::group(&self.hub, "*", "*"),
                })
                .collect();
            if arns.is_empty() {
                arns.push(arns::group(&self.hub, "*", "*"));
            }
            arns.sort();
            arns.dedup();
            arns
        })
    }
}

//! An API's deployments: they are made, changed, removed and served.

use std::sync::Arc;

use super::api::Api;
use super::deployment::Deployment;
use super::errors::{bad_request, no_such};
use super::members::lengths;
use crate::core::{Ids, Input, Reply, ServiceError, Timestamp};

impl Api {
    pub(super) fn deployment(&self, id: &str) -> Result<&Deployment, ServiceError> {
        self.deployments.get(id).ok_or_else(|| no_such("Deployment", id))
    }

    /// `CreateDeployment`, to a stage if one is named.
    pub(super) fn create_deployment(&mut self, ids: &Ids, now: Timestamp, input: &Input) -> Reply {
        lengths(input, &[("Description", 0, 1024)])?;
        let stage = input.opt_str("StageName");
        if let Some(name) = stage {
            self.stage(name)?;
        }
        let id = self.take_picture(ids, now, false, input.opt_str("Description"))?;
        if let Some(name) = stage {
            self.point(name, &id, now)?;
        }
        Ok(self.deployment(&id)?.describe(&id))
    }

    /// `UpdateDeployment`: its description.
    pub(super) fn update_deployment(&mut self, id: &str, input: &Input) -> Reply {
        lengths(input, &[("Description", 0, 1024)])?;
        let deployment = self.deployments.get_mut(id).ok_or_else(|| no_such("Deployment", id))?;
        if let Some(text) = input.opt_str("Description") {
            deployment.description = Some(text.to_owned());
        }
        Ok(deployment.describe(id))
    }

    /// Removes a deployment that no stage serves.
    pub(super) fn remove_deployment(&mut self, id: &str) -> Result<(), ServiceError> {
        self.deployment(id)?;
        if self.stages.values().any(|stage| stage.deployment_id() == Some(id)) {
            return Err(bad_request("Active stages pointing to this deployment must be moved or deleted"));
        }
        self.deployments.remove(id);
        Ok(())
    }

    /// Lets a stage serve a deployment.
    pub(super) fn point(&mut self, stage: &str, id: &str, now: Timestamp) -> Result<(), ServiceError> {
        let definition = Arc::clone(&self.deployment(id)?.definition);
        let stage = self.stages.get_mut(stage).ok_or_else(super::stage::no_such_stage)?;
        stage.serve(id, definition, now);
        Ok(())
    }

    /// Makes the stages that deploy by themselves serve the new definition, after a change. One that cannot says so and serves on
    /// what it served.
    pub(super) fn deploy_automatically(&mut self, ids: &Ids, now: Timestamp) {
        let stages: Vec<String> =
            self.stages.iter().filter(|(_, stage)| stage.auto_deploy()).map(|(name, _)| name.clone()).collect();
        if stages.is_empty() {
            return;
        }
        let made = self.take_picture(
            ids,
            now,
            true,
            Some("Automatic deployment triggered by changes to the Api configuration"),
        );
        for name in stages {
            let pointed = made.as_ref().map_err(Clone::clone).and_then(|id| self.point(&name, id, now));
            if let (Err(error), Some(stage)) = (pointed, self.stages.get_mut(&name)) {
                stage.note_failure(&error.message);
            }
        }
    }

    fn take_picture(
        &mut self,
        ids: &Ids,
        now: Timestamp,
        automatic: bool,
        description: Option<&str>,
    ) -> Result<String, ServiceError> {
        if self.definition.routes.is_empty() {
            return Err(bad_request("Unable to deploy API because no routes exist in this API"));
        }
        let id = ids.lower(6);
        let definition = Arc::new(self.definition.clone());
        let description = description.map(str::to_owned);
        self.deployments.insert(id.clone(), Deployment { definition, created: now, automatic, description });
        Ok(id)
    }
}

//! The state of CodeDeploy besides deployments: applications, their groups and revisions, deployment configurations and
//! on-premises instances. It is held in memory: a plane that ends forgets it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::config::{self, DeploymentConfig};
use super::instance::Instance;
use super::platform::Platform;
use super::tag_set::Tags;
use crate::core::{Ids, ServiceError, Timestamp};

/// An application with its groups and revisions.
#[derive(Clone, Debug)]
pub(super) struct Application {
    pub id: String,
    pub platform: Platform,
    pub created: Timestamp,
    pub groups: BTreeMap<String, DeploymentGroup>,
    pub revisions: Vec<Revision>,
    pub tags: Tags,
}

/// A deployment group. `settings` are the members of `DeploymentGroupInfo` that a caller sets.
#[derive(Clone, Debug)]
pub(super) struct DeploymentGroup {
    pub id: String,
    pub settings: Map<String, Value>,
    pub tags: Tags,
}

impl DeploymentGroup {
    /// A setting that is text.
    pub(super) fn text(&self, setting: &str) -> &str {
        self.settings.get(setting).and_then(Value::as_str).unwrap_or_default()
    }
}

/// A registered revision of an application.
#[derive(Clone, Debug)]
pub(super) struct Revision {
    /// The `RevisionLocation`.
    pub location: Value,
    pub description: Option<String>,
    pub groups: Vec<String>,
    pub registered: Timestamp,
    pub first_used: Option<Timestamp>,
    pub last_used: Option<Timestamp>,
}

/// The state that calls read and change.
#[derive(Debug)]
pub(super) struct Catalog {
    pub applications: BTreeMap<String, Application>,
    pub configs: BTreeMap<String, DeploymentConfig>,
    pub instances: BTreeMap<String, Instance>,
}

impl Catalog {
    /// Nothing but the predefined configurations.
    pub(super) fn new(ids: &Ids, now: Timestamp) -> Self {
        let configs = config::predefined(ids, now);
        Self { applications: BTreeMap::new(), configs, instances: BTreeMap::new() }
    }

    /// The application of that name.
    ///
    /// # Errors
    /// `ApplicationDoesNotExistException`.
    pub(super) fn application(&self, name: &str) -> Result<&Application, ServiceError> {
        self.applications.get(name).ok_or_else(|| no_application(name))
    }

    /// The application of that name, to change.
    ///
    /// # Errors
    /// `ApplicationDoesNotExistException`.
    pub(super) fn application_mut(&mut self, name: &str) -> Result<&mut Application, ServiceError> {
        self.applications.get_mut(name).ok_or_else(|| no_application(name))
    }

    /// The deployment group of that name.
    ///
    /// # Errors
    /// `ApplicationDoesNotExistException` or `DeploymentGroupDoesNotExistException`.
    pub(super) fn group(&self, application: &str, name: &str) -> Result<&DeploymentGroup, ServiceError> {
        self.application(application)?.groups.get(name).ok_or_else(|| no_group(name))
    }

    /// The deployment group of that name, to change.
    ///
    /// # Errors
    /// `ApplicationDoesNotExistException` or `DeploymentGroupDoesNotExistException`.
    pub(super) fn group_mut(&mut self, application: &str, name: &str) -> Result<&mut DeploymentGroup, ServiceError> {
        self.application_mut(application)?.groups.get_mut(name).ok_or_else(|| no_group(name))
    }

    /// The deployment configuration of that name.
    ///
    /// # Errors
    /// `DeploymentConfigDoesNotExistException`.
    pub(super) fn config(&self, name: &str) -> Result<&DeploymentConfig, ServiceError> {
        self.configs.get(name).ok_or_else(|| {
            ServiceError::new(
                "DeploymentConfigDoesNotExistException",
                format!("No Deployment Configuration found for name: {name}"),
            )
        })
    }
}

fn no_application(name: &str) -> ServiceError {
    ServiceError::new("ApplicationDoesNotExistException", format!("No application found for name: {name}"))
}

fn no_group(name: &str) -> ServiceError {
    ServiceError::new("DeploymentGroupDoesNotExistException", format!("No Deployment Group found for name: {name}"))
}

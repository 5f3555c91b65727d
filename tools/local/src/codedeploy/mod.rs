//! CodeDeploy: applications, deployment groups and configurations of every compute platform are kept; deployments on Lambda
//! are run, and really move an alias, ask hooks, heed alarms and roll back. A deployment on another platform is refused.
//!
//! The decisions are in `engine`, which is pure; `act` carries them out through Lambda's, CloudWatch's and SNS's own
//! operations, as the group's service role.

mod act;
mod actor;
mod announce;
mod applications;
mod appspec;
mod arns;
mod catalog;
mod config;
mod configs;
mod create;
mod deployments;
mod describe;
mod engine;
mod external;
mod filters;
mod groups;
mod hooks;
mod instance;
mod names;
mod on_premises;
mod platform;
mod revisions;
mod roles;
mod service;
mod settings;
mod string_revision;
mod tag_set;
mod tags;
mod targets;
#[cfg(test)]
mod tests;
mod traffic;
mod watch;

use std::sync::Arc;

use crate::core::{Hub, Service};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};
use service::CodeDeploy;

static TABLE: Table<CodeDeploy> = Table::new(
    "codedeploy",
    Dialect::Called("ValidationException", names::STEMS),
    &[
        applications::OPERATIONS,
        groups::OPERATIONS,
        configs::OPERATIONS,
        revisions::OPERATIONS,
        create::OPERATIONS,
        deployments::OPERATIONS,
        targets::OPERATIONS,
        hooks::OPERATIONS,
        on_premises::OPERATIONS,
        external::OPERATIONS,
        tags::OPERATIONS,
    ],
);

/// True if a text is an AppSpec, for whoever hammers its parser.
#[cfg(test)]
pub(crate) fn is_appspec(text: &str) -> bool {
    appspec::AppSpec::parse(text).is_ok()
}

/// CodeDeploy on a plane's hub; its engine begins to run.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Modelled::new(hub, CodeDeploy::start(hub), &TABLE))
}

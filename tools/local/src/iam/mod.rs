//! IAM: users, groups, roles, policies and instance profiles, as AWS keeps and checks them; and what its simulator says.
//!
//! Documents are compiled when they are stored ([`crate::authorization`]), so that [`Directory`] can tell at once what
//! policies bear on a caller. Passwords, MFA devices, certificates and identity providers are not run.

mod access_keys;
mod account;
mod attachments;
mod authority;
mod boundary_keys;
mod details;
mod directory;
mod errors;
mod groups;
mod inline;
mod instance_profiles;
mod keys;
mod linked_names;
mod pages;
mod policies;
mod policy_versions;
mod roles;
mod service;
mod service_linked;
mod session_credentials;
mod simulate;
mod state;
mod tag_set;
mod tags;
#[cfg(test)]
mod tests;
mod usage;
mod users;

use std::sync::Arc;

use crate::core::{Hub, Service};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};
use service::Iam;

pub(crate) use authority::Authority;
pub(crate) use directory::{Directory, TrustedRole};
pub(crate) use session_credentials::Credentials;
pub use usage::{DeniedCall, RoleAccess, UnusedGrant};

static TABLE: Table<Iam> = Table {
    denial: "AccessDenied",
    ..Table::new(
        "iam",
        Dialect::Listed("ValidationError"),
        &[
            roles::OPERATIONS,
            service_linked::OPERATIONS,
            users::OPERATIONS,
            access_keys::OPERATIONS,
            groups::OPERATIONS,
            inline::OPERATIONS,
            attachments::OPERATIONS,
            policies::OPERATIONS,
            policy_versions::OPERATIONS,
            instance_profiles::OPERATIONS,
            tags::OPERATIONS,
            account::OPERATIONS,
            details::OPERATIONS,
            simulate::OPERATIONS,
        ],
    )
};

/// The service, over a directory.
pub(crate) fn service(hub: &Arc<Hub>, directory: &Arc<Directory>) -> Arc<dyn Service> {
    let iam = Iam { hub: Arc::clone(hub), directory: Arc::clone(directory) };
    Arc::new(Modelled::new(hub, iam, &TABLE))
}

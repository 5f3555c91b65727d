//! IAM: users, groups, roles, policies and instance profiles, as AWS keeps and checks them; and what its simulator says.
//!
//! Documents are compiled when they are stored ([`crate::authorization`]), so that [`Directory`] can tell at once what
//! policies bear on a caller. Passwords, MFA devices, certificates and identity providers are not run.

mod access_keys;
mod account;
mod attachments;
mod authority;
mod details;
mod directory;
mod errors;
mod groups;
mod inline;
mod instance_profiles;
mod keys;
mod pages;
mod policies;
mod policy_versions;
mod roles;
mod session_credentials;
mod simulate;
mod state;
mod tags;
#[cfg(test)]
mod tests;
mod usage;
mod users;

use std::sync::Arc;

use crate::core::{Hub, Input, Service};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};

pub(crate) use authority::Authority;
pub(crate) use directory::{Directory, TrustedRole};
pub(crate) use session_credentials::Credentials;
use state::Kind;
pub use usage::{DeniedCall, RoleAccess, UnusedGrant};

/// The service's handlers: the hub, and the directory that the authority reads.
pub(super) struct Iam {
    hub: Arc<Hub>,
    directory: Arc<Directory>,
}

static TABLE: Table<Iam> = Table {
    denial: "AccessDenied",
    ..Table::new(
        "iam",
        Dialect::Listed("ValidationError"),
        &[
            roles::OPERATIONS,
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

impl Iam {
    /// `arn:aws:iam::ACCOUNT:kind/PATH/NAME`.
    fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.hub.identity.account)
    }

    /// The resource that IAM sees in a request about a role, a user or a group: with its path, if it is there.
    fn resource(&self, kind: Kind, input: &Input) -> Vec<String> {
        let name = input.opt_str(kind.member()).unwrap_or("*");
        let known = self.directory.read(|state| state.identity(kind, name).ok().map(|identity| identity.arn.clone()));
        vec![known.unwrap_or_else(|| self.arn(kind.noun(), "/", name))]
    }
}

/// The resource of an operation on a role.
fn role(iam: &Iam, input: &Input) -> Vec<String> {
    iam.resource(Kind::Role, input)
}

/// The resource of an operation on a user.
fn user(iam: &Iam, input: &Input) -> Vec<String> {
    iam.resource(Kind::User, input)
}

/// The resource of an operation on a group.
fn group(iam: &Iam, input: &Input) -> Vec<String> {
    iam.resource(Kind::Group, input)
}

/// Documents come back percent-encoded (RFC 3986), as IAM returns them.
fn encoded(document: &str) -> String {
    const RESERVED: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    percent_encoding::utf8_percent_encode(document, &RESERVED).to_string()
}

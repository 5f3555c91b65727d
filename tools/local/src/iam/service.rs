//! The state that IAM's operations work on, and the resources that their inputs name.

use std::sync::Arc;

use super::directory::Directory;
use super::state::Kind;
use crate::core::{Hub, Input};

/// The service's handlers: the hub, and the directory that the authority reads.
pub(crate) struct Iam {
    pub(super) hub: Arc<Hub>,
    pub(super) directory: Arc<Directory>,
}

impl Iam {
    /// `arn:aws:iam::ACCOUNT:kind/PATH/NAME`.
    pub(super) fn arn(&self, kind: &str, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:{kind}{path}{name}", self.hub.identity.account)
    }

    /// The resource that IAM sees in a request about a role, a user or a group: with its path, if it is there.
    pub(super) fn resource(&self, kind: Kind, input: &Input) -> Vec<String> {
        let name = input.opt_str(kind.member()).unwrap_or("*");
        let known = self.directory.read(|state| state.identity(kind, name).ok().map(|identity| identity.arn.clone()));
        vec![known.unwrap_or_else(|| self.arn(kind.noun(), "/", name))]
    }

    /// The resource of an operation that makes a role, a user or a group: under the path that the request gives.
    fn new_resource(&self, kind: Kind, input: &Input) -> Vec<String> {
        let (path, name) = (input.opt_str("Path").unwrap_or("/"), input.opt_str(kind.member()).unwrap_or("*"));
        vec![self.arn(kind.noun(), path, name)]
    }
}

/// The resource of the operation that makes a role.
pub(super) fn new_role(iam: &Iam, input: &Input) -> Vec<String> {
    iam.new_resource(Kind::Role, input)
}

/// The resource of the operation that makes a user.
pub(super) fn new_user(iam: &Iam, input: &Input) -> Vec<String> {
    iam.new_resource(Kind::User, input)
}

/// The resource of the operation that makes a group.
pub(super) fn new_group(iam: &Iam, input: &Input) -> Vec<String> {
    iam.new_resource(Kind::Group, input)
}

/// The resource of the operation that makes a policy.
pub(super) fn new_policy(iam: &Iam, input: &Input) -> Vec<String> {
    let (path, name) = (input.opt_str("Path").unwrap_or("/"), input.opt_str("PolicyName").unwrap_or("*"));
    vec![iam.arn("policy", path, name)]
}

/// The resource of an operation on a role.
pub(super) fn role(iam: &Iam, input: &Input) -> Vec<String> {
    iam.resource(Kind::Role, input)
}

/// The resource of an operation on a user.
pub(super) fn user(iam: &Iam, input: &Input) -> Vec<String> {
    iam.resource(Kind::User, input)
}

/// The resource of an operation on a group.
pub(super) fn group(iam: &Iam, input: &Input) -> Vec<String> {
    iam.resource(Kind::Group, input)
}

/// Documents come back percent-encoded (RFC 3986), as IAM returns them.
pub(super) fn encoded(document: &str) -> String {
    const RESERVED: percent_encoding::AsciiSet =
        percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    percent_encoding::utf8_percent_encode(document, &RESERVED).to_string()
}

/// The resource of an operation on a policy.
pub(super) fn policy(_: &Iam, input: &Input) -> Vec<String> {
    vec![input.opt_str("PolicyArn").unwrap_or("*").to_owned()]
}

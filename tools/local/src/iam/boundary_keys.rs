//! The condition keys of IAM's own operations: which boundary a role or a user has or is to have, and which policy is attached.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>

use super::service::Iam;
use super::state::Kind;
use crate::core::Input;

type Keys = Vec<(String, Vec<String>)>;

/// `iam:PermissionsBoundary` of an operation on a role.
pub(super) fn of_role(iam: &Iam, input: &Input) -> Keys {
    of(iam, Kind::Role, input)
}

/// `iam:PermissionsBoundary` of an operation on a user.
pub(super) fn of_user(iam: &Iam, input: &Input) -> Keys {
    of(iam, Kind::User, input)
}

/// `iam:PolicyARN` of an attachment to a group, which has no boundary.
pub(super) fn of_group_attachment(_: &Iam, input: &Input) -> Keys {
    policy(input)
}

/// The boundary and the policy of an attachment to a role.
pub(super) fn of_role_attachment(iam: &Iam, input: &Input) -> Keys {
    [of_role(iam, input), policy(input)].concat()
}

/// The boundary and the policy of an attachment to a user.
pub(super) fn of_user_attachment(iam: &Iam, input: &Input) -> Keys {
    [of_user(iam, input), policy(input)].concat()
}

/// The boundary that the request sets, or that there is already. Without either the key is not there.
fn of(iam: &Iam, kind: Kind, input: &Input) -> Keys {
    let name = input.opt_str(kind.member()).unwrap_or_default();
    let kept = || iam.directory.read(|state| state.identity(kind, name).ok().and_then(|own| own.boundary.clone()));
    let boundary = input.opt_str("PermissionsBoundary").map(str::to_owned).or_else(kept);
    boundary.into_iter().map(|arn| ("iam:PermissionsBoundary".to_owned(), vec![arn])).collect()
}

fn policy(input: &Input) -> Keys {
    let arn = input.opt_str("PolicyArn").unwrap_or_default();
    vec![("iam:PolicyARN".to_owned(), vec![arn.to_owned()])]
}

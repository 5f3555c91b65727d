//! Inline policies of roles, users and groups.

use serde_json::{Value, json};

use super::boundary_keys;
use super::errors::{limit, no_such};
use super::pages::listing;
use super::service::{Iam, encoded, group, role, user};
use super::service_linked::modifiable;
use super::state::{Document, Kind};
use crate::authorization::validate;
use crate::core::{Reply, Request, ServiceError};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("PutRolePolicy", "RoleName PolicyName PolicyDocument", |iam, r| {
        iam.put_inline(Kind::Role, r)
    })
    .on_found(role)
    .asking(boundary_keys::of_role)
    .sound(modifiable),
    Operation::<Iam>::now("PutUserPolicy", "UserName PolicyName PolicyDocument", |iam, r| {
        iam.put_inline(Kind::User, r)
    })
    .on_found(user)
    .asking(boundary_keys::of_user),
    Operation::<Iam>::now("PutGroupPolicy", "GroupName PolicyName PolicyDocument", |iam, r| {
        iam.put_inline(Kind::Group, r)
    })
    .on_found(group),
    Operation::<Iam>::now("GetRolePolicy", "RoleName PolicyName", |iam, r| iam.get_inline(Kind::Role, r))
        .on_found(role),
    Operation::<Iam>::now("GetUserPolicy", "UserName PolicyName", |iam, r| iam.get_inline(Kind::User, r))
        .on_found(user),
    Operation::<Iam>::now("GetGroupPolicy", "GroupName PolicyName", |iam, r| iam.get_inline(Kind::Group, r))
        .on_found(group),
    Operation::<Iam>::now("DeleteRolePolicy", "RoleName PolicyName", |iam, r| iam.delete_inline(Kind::Role, r))
        .on_found(role)
        .asking(boundary_keys::of_role)
        .sound(modifiable),
    Operation::<Iam>::now("DeleteUserPolicy", "UserName PolicyName", |iam, r| iam.delete_inline(Kind::User, r))
        .on_found(user)
        .asking(boundary_keys::of_user),
    Operation::<Iam>::now("DeleteGroupPolicy", "GroupName PolicyName", |iam, r| iam.delete_inline(Kind::Group, r))
        .on_found(group),
    Operation::<Iam>::now("ListRolePolicies", "RoleName Marker MaxItems", |iam, r| iam.list_inline(Kind::Role, r))
        .on_found(role),
    Operation::<Iam>::now("ListUserPolicies", "UserName Marker MaxItems", |iam, r| iam.list_inline(Kind::User, r))
        .on_found(user),
    Operation::<Iam>::now("ListGroupPolicies", "GroupName Marker MaxItems", |iam, r| iam.list_inline(Kind::Group, r))
        .on_found(group),
];

/// IAM's quota for all inline policies of one entity together, without their white space.
fn room(kind: Kind) -> usize {
    match kind {
        Kind::Role => 10_240,
        Kind::User => 2_048,
        Kind::Group => 5_120,
    }
}

/// The number of characters that count: white space does not.
pub(super) fn size(text: &str) -> usize {
    text.chars().filter(|character| !character.is_whitespace()).count()
}

fn absent(kind: Kind, policy: &str) -> ServiceError {
    no_such(&format!("{} policy", kind.noun()), policy)
}

impl Iam {
    fn put_inline(&self, kind: Kind, request: &Request) -> Reply {
        let (name, policy) = (request.input.str(kind.member())?, request.input.str("PolicyName")?);
        let text = request.input.str("PolicyDocument")?;
        self.directory.write(|state| {
            let own = state.identity_mut(kind, name)?;
            validate::inline(text)?;
            let others = own.inline.iter().filter(|(known, _)| *known != policy);
            let together = size(text) + others.map(|(_, document)| size(&document.text)).sum::<usize>();
            if together > room(kind) {
                let most = room(kind);
                return Err(limit(format!("Maximum policy size of {most} bytes exceeded for {} {name}", kind.noun())));
            }
            own.inline.insert(policy.to_owned(), Document::new(policy, text)?);
            Ok(Value::Null)
        })
    }

    fn get_inline(&self, kind: Kind, request: &Request) -> Reply {
        let (name, policy) = (request.input.str(kind.member())?, request.input.str("PolicyName")?);
        self.directory.read(|state| {
            let own = state.identity(kind, name)?;
            let document = own.inline.get(policy).ok_or_else(|| absent(kind, policy))?;
            Ok(json!({
                kind.member(): name, "PolicyName": policy, "PolicyDocument": encoded(&document.text),
            }))
        })
    }

    fn delete_inline(&self, kind: Kind, request: &Request) -> Reply {
        let (name, policy) = (request.input.str(kind.member())?, request.input.str("PolicyName")?);
        self.directory.write(|state| {
            let gone = state.identity_mut(kind, name)?.inline.remove(policy);
            gone.map(|_| Value::Null).ok_or_else(|| absent(kind, policy))
        })
    }

    fn list_inline(&self, kind: Kind, request: &Request) -> Reply {
        let name = request.input.str(kind.member())?;
        let all = self.directory.read(|state| {
            let names = state.identity(kind, name)?.inline.keys();
            Ok::<_, ServiceError>(names.map(|policy| (policy.clone(), json!(policy))).collect())
        })?;
        listing(request, "PolicyNames", all)
    }
}

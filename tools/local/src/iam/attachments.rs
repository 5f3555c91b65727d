//! Managed policies on roles, users and groups, and who has them.

use serde_json::{Map, Value, json};

use super::boundary_keys;
use super::errors::{missing, quota, validation};
use super::linked_names::PATH;
use super::pages::{listing, listing_with};
use super::service::{self, Iam, group, role, user};
use super::service_linked::modifiable;
use super::state::{Identity, Kind, State};
use crate::authorization::managed::aws_policy;
use crate::core::{Arn, Reply, Request, ServiceError};
use crate::operations::Operation;

/// IAM's quota of managed policies on one entity.
const MOST: usize = 10;

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("AttachRolePolicy", "RoleName PolicyArn", |iam, r| iam.attach(Kind::Role, r))
        .on_found(role)
        .asking(boundary_keys::of_role_attachment)
        .sound(modifiable),
    Operation::<Iam>::now("AttachUserPolicy", "UserName PolicyArn", |iam, r| iam.attach(Kind::User, r))
        .on_found(user)
        .asking(boundary_keys::of_user_attachment),
    Operation::<Iam>::now("AttachGroupPolicy", "GroupName PolicyArn", |iam, r| iam.attach(Kind::Group, r))
        .on_found(group)
        .asking(boundary_keys::of_group_attachment),
    Operation::<Iam>::now("DetachRolePolicy", "RoleName PolicyArn", |iam, r| iam.detach(Kind::Role, r))
        .on_found(role)
        .asking(boundary_keys::of_role_attachment)
        .sound(modifiable),
    Operation::<Iam>::now("DetachUserPolicy", "UserName PolicyArn", |iam, r| iam.detach(Kind::User, r))
        .on_found(user)
        .asking(boundary_keys::of_user_attachment),
    Operation::<Iam>::now("DetachGroupPolicy", "GroupName PolicyArn", |iam, r| iam.detach(Kind::Group, r))
        .on_found(group)
        .asking(boundary_keys::of_group_attachment),
    Operation::<Iam>::now("ListAttachedRolePolicies", "RoleName PathPrefix Marker MaxItems", |iam, r| {
        iam.list_attached(Kind::Role, r)
    })
    .on_found(role),
    Operation::<Iam>::now("ListAttachedUserPolicies", "UserName PathPrefix Marker MaxItems", |iam, r| {
        iam.list_attached(Kind::User, r)
    })
    .on_found(user),
    Operation::<Iam>::now("ListAttachedGroupPolicies", "GroupName PathPrefix Marker MaxItems", |iam, r| {
        iam.list_attached(Kind::Group, r)
    })
    .on_found(group),
    Operation::<Iam>::now(
        "ListEntitiesForPolicy",
        "PolicyArn EntityFilter=User|Role|Group PathPrefix PolicyUsageFilter Marker MaxItems",
        Iam::list_entities,
    )
    .on_found(service::policy),
];

impl State {
    /// The path of a managed policy, the account's or AWS's.
    fn policy_path(&self, arn: &str) -> Option<&str> {
        let own = self.policies.get(arn).map(|policy| policy.path.as_str());
        let linked = || arn.strip_prefix("arn:aws:iam::aws:policy")?.starts_with(PATH).then_some(PATH);
        own.or_else(|| aws_policy(arn).map(|policy| policy.path.as_str())).or_else(linked)
    }
}

/// The attached policies as IAM answers them, under a path.
pub(super) fn attached(state: &State, own: &Identity, prefix: &str) -> Vec<(String, Value)> {
    let under = |arn: &&String| state.policy_path(arn).is_some_and(|path| path.starts_with(prefix));
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let arns = own.attached.iter().filter(under);
    arns.map(|arn| (arn.clone(), json!({ "PolicyArn": arn, "PolicyName": name(arn) }))).collect()
}

impl Iam {
    fn attach(&self, kind: Kind, request: &Request) -> Reply {
        let (name, arn) = (request.input.str(kind.member())?, request.input.str("PolicyArn")?);
        // Assumed: that this is said before whether the role, user or group is there.
        if Arn::parse(arn).is_none() {
            return Err(validation("Invalid ARN:  Could not be parsed!"));
        }
        self.directory.write(|state| {
            state.identity(kind, name)?;
            if state.policy_path(arn).is_none() {
                return Err(missing(format!("Policy {arn} does not exist or is not attachable.")));
            }
            let own = state.identity_mut(kind, name)?;
            if own.attached.len() >= MOST && !own.attached.contains(arn) {
                let noun = kind.member().trim_end_matches("Name");
                return Err(quota(&format!("PoliciesPer{noun}"), MOST));
            }
            own.attached.insert(arn.to_owned());
            Ok(Value::Null)
        })
    }

    fn detach(&self, kind: Kind, request: &Request) -> Reply {
        let (name, arn) = (request.input.str(kind.member())?, request.input.str("PolicyArn")?);
        self.directory.write(|state| {
            let was = state.identity_mut(kind, name)?.attached.remove(arn);
            if was { Ok(Value::Null) } else { Err(missing(format!("Policy {arn} was not found."))) }
        })
    }

    fn list_attached(&self, kind: Kind, request: &Request) -> Reply {
        let name = request.input.str(kind.member())?;
        let prefix = request.input.opt_str("PathPrefix").unwrap_or("/");
        let all =
            self.directory.read(|state| Ok::<_, ServiceError>(attached(state, state.identity(kind, name)?, prefix)))?;
        listing(request, "AttachedPolicies", all)
    }

    /// The entities that have a policy, attached or as a boundary.
    fn list_entities(&self, request: &Request) -> Reply {
        let input = &request.input;
        let arn = input.str("PolicyArn")?;
        let prefix = input.opt_str("PathPrefix").unwrap_or("/");
        let (filter, usage) = (input.opt_str("EntityFilter"), input.opt_str("PolicyUsageFilter"));
        let all = self.directory.read(|state| {
            if state.policy_path(arn).is_none() {
                return Err(missing(format!("Policy {arn} was not found.")));
            }
            let uses = |own: &Identity| match usage {
                Some("PermissionsBoundary") => own.boundary.as_deref() == Some(arn),
                Some(_) => own.attached.contains(arn),
                None => own.attached.contains(arn) || own.boundary.as_deref() == Some(arn),
            };
            let wanted = |kind: Kind| filter.is_none_or(|filter| kind.member() == format!("{filter}Name"));
            let all =
                state.identities().filter(|(kind, own)| wanted(*kind) && uses(own) && own.path.starts_with(prefix));
            let id = |kind: Kind| kind.member().replace("Name", "Id");
            let mut found: Vec<(String, Value)> = all
                .map(|(kind, own)| (own.arn.clone(), json!({ kind.member(): own.name, id(kind): own.id })))
                .collect();
            found.sort_by(|a, b| a.0.cmp(&b.0));
            Ok(found)
        })?;
        listing_with(request, all, |items| {
            let mut answer = Map::new();
            for (member, name) in
                [("PolicyGroups", "GroupName"), ("PolicyUsers", "UserName"), ("PolicyRoles", "RoleName")]
            {
                let of_kind = items.iter().filter(|item| item.get(name).is_some()).cloned().collect();
                answer.insert(member.to_owned(), Value::Array(of_kind));
            }
            answer
        })
    }
}

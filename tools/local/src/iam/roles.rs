//! Roles: who may assume them, how long, and their boundaries.

use serde_json::{Value, json};

use super::boundary_keys;
use super::errors::{conflict, exists, invalid, missing, quota, validation};
use super::pages::listing;
use super::service::{Iam, encoded, new_role, role};
use super::service_linked::modifiable;
use super::state::{Document, Identity, Kind, Role, State, Tags, date, tag_list};
use super::tag_set;
use crate::authorization::managed::aws_policy;
use crate::authorization::validate;
use crate::core::{Arn, Reply, Request, ServiceError};
use crate::operations::Operation;

/// IAM's quota for a trust policy, without its white space.
const TRUST_SIZE: usize = 2048;

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now(
        "CreateRole",
        "Path RoleName AssumeRolePolicyDocument Description MaxSessionDuration PermissionsBoundary Tags",
        Iam::create_role,
    )
    .on_found(new_role)
    .asking(boundary_keys::of_role),
    Operation::<Iam>::now("GetRole", "RoleName", |iam, request| {
        iam.directory.read(|state| Ok(json!({ "Role": state.role(request.input.str("RoleName")?)?.describe() })))
    })
    .on_found(role)
    .asking(boundary_keys::of_role),
    Operation::<Iam>::now("ListRoles", "PathPrefix Marker MaxItems", |iam, request| {
        let prefix = request.input.opt_str("PathPrefix").unwrap_or("/");
        let all = iam.directory.read(|state| {
            let under = state.roles.iter().filter(|(_, role)| role.own.path.starts_with(prefix));
            under.map(|(name, role)| (name.clone(), role.summary())).collect()
        });
        listing(request, "Roles", all)
    }),
    Operation::<Iam>::now("UpdateRole", "RoleName Description MaxSessionDuration", |iam, request| {
        iam.update_role(request).map(|_| json!({}))
    })
    .on_found(role)
    .asking(boundary_keys::of_role)
    .sound(modifiable),
    Operation::<Iam>::now("UpdateRoleDescription", "RoleName Description", Iam::update_role).on_found(role),
    Operation::<Iam>::now("UpdateAssumeRolePolicy", "RoleName PolicyDocument", |iam, request| {
        let name = request.input.str("RoleName")?;
        iam.directory.read(|state| state.role(name).map(|_| ()))?;
        let trust = iam.trust(request.input.str("PolicyDocument")?)?;
        iam.directory.write(|state| state.role_mut(name).map(|role| role.trust = trust))?;
        Ok(Value::Null)
    })
    .on_found(role)
    .asking(boundary_keys::of_role)
    .sound(modifiable),
    Operation::<Iam>::now("DeleteRole", "RoleName", |iam, request| {
        iam.directory.write(|state| delete(state, request.input.str("RoleName")?))
    })
    .on_found(role)
    .asking(boundary_keys::of_role)
    .sound(modifiable),
    Operation::<Iam>::now("PutRolePermissionsBoundary", "RoleName PermissionsBoundary", |iam, request| {
        iam.set_boundary(Kind::Role, request)
    })
    .on_found(role)
    .asking(boundary_keys::of_role)
    .sound(modifiable),
    Operation::<Iam>::now("DeleteRolePermissionsBoundary", "RoleName", |iam, request| {
        iam.drop_boundary(Kind::Role, request)
    })
    .on_found(role)
    .asking(boundary_keys::of_role)
    .sound(modifiable),
];

impl Role {
    /// The role as lists have it: without tags, boundary and last use.
    fn summary(&self) -> Value {
        json!({
            "RoleName": self.own.name, "RoleId": self.own.id, "Arn": self.own.arn, "Path": self.own.path,
            "CreateDate": date(self.own.created), "AssumeRolePolicyDocument": encoded(&self.trust.text),
            "Description": self.description, "MaxSessionDuration": self.max_session,
        })
    }

    /// The role as `GetRole` has it.
    pub(super) fn describe(&self) -> Value {
        let mut role = self.summary();
        if !self.own.tags.is_empty() {
            role["Tags"] = tag_list(&self.own.tags);
        }
        role["PermissionsBoundary"] = self.own.boundary();
        role["RoleLastUsed"] = self.last_used();
        role
    }

    /// The time and the region of its last use; nothing if it was never used.
    pub(super) fn last_used(&self) -> Value {
        self.last_used.map_or_else(|| json!({}), |at| json!({ "LastUsedDate": date(at), "Region": "us-east-1" }))
    }
}

impl Iam {
    fn create_role(&self, request: &Request) -> Reply {
        let input = &request.input;
        let name = input.str("RoleName")?;
        let tags = tag_set::read(input)?;
        let boundary = input.opt_str("PermissionsBoundary").map(|arn| self.boundary(arn)).transpose()?;
        self.directory.read(|state| {
            let taken = state.roles.keys().any(|known| known.eq_ignore_ascii_case(name));
            if taken { Err(exists(format!("Role with name {name} already exists."))) } else { Ok(()) }
        })?;
        let path = input.opt_str("Path").unwrap_or("/");
        if path.starts_with("/aws-service-role/") {
            let text = "The path /aws-service-role/ is reserved for service-linked roles, which the service creates.";
            return Err(invalid(text));
        }
        let role = Role {
            own: self.identity("role", "AROA", path, name, tags, boundary),
            trust: self.trust(input.str("AssumeRolePolicyDocument")?)?,
            description: input.opt_str("Description").map(str::to_owned),
            max_session: input.opt_i64("MaxSessionDuration").unwrap_or(3600),
            last_used: None,
        };
        let mut made = role.describe();
        if let Some(made) = made.as_object_mut() {
            made.shift_remove("RoleLastUsed");
            // Only later reads tell the default. Assumed: a duration that was asked for is in the answer.
            if input.opt_i64("MaxSessionDuration").is_none() {
                made.shift_remove("MaxSessionDuration");
            }
        }
        self.directory.write(|state| state.roles.insert(name.to_owned(), role));
        Ok(json!({ "Role": made }))
    }

    /// A new role, user or group, without policies.
    pub(super) fn identity(
        &self,
        kind: &str,
        prefix: &str,
        path: &str,
        name: &str,
        tags: Tags,
        boundary: Option<String>,
    ) -> Identity {
        Identity {
            name: name.to_owned(),
            id: format!("{prefix}{}", self.hub.ids.capitals(17)),
            arn: self.arn(kind, path, name),
            path: path.to_owned(),
            created: self.hub.now(),
            inline: Default::default(),
            attached: Default::default(),
            boundary,
            tags,
        }
    }

    /// A trust policy whose form is right, whose principals exist and that is not too long.
    fn trust(&self, text: &str) -> Result<Document, ServiceError> {
        validate::trust(text)?;
        for arn in validate::trusted(text) {
            if !self.exists(&arn) {
                let text = format!("Invalid principal in policy: \"AWS\":\"{arn}\"");
                return Err(validate::Malformed(text).into());
            }
        }
        if text.chars().filter(|character| !character.is_whitespace()).count() > TRUST_SIZE {
            return Err(quota("ACLSizePerRole", TRUST_SIZE));
        }
        Document::new("AssumeRolePolicyDocument", text)
    }

    /// True if a user or a role is there. Of other accounts nothing is known, and nothing said.
    fn exists(&self, arn: &str) -> bool {
        let own = Arn::parse(arn).is_some_and(|arn| arn.account == self.hub.identity.account);
        !own || self.directory.read(|state| state.identities().any(|(_, identity)| identity.arn == arn))
    }

    /// A managed policy that can be a boundary.
    pub(super) fn boundary(&self, arn: &str) -> Result<String, ServiceError> {
        if Arn::parse(arn).is_none_or(|arn| arn.service != "iam" || arn.of_kind("policy").is_none()) {
            let text = format!("Value ({arn}) for parameter PermissionsBoundary is invalid.");
            return Err(validation(text));
        }
        let known = aws_policy(arn).is_some() || self.directory.read(|state| state.policies.contains_key(arn));
        if known {
            Ok(arn.to_owned())
        } else {
            Err(missing(format!("Scope ARN: {arn} does not exist or is not attachable.")))
        }
    }

    pub(super) fn set_boundary(&self, kind: Kind, request: &Request) -> Reply {
        let name = request.input.str(kind.member())?;
        self.directory.read(|state| state.identity(kind, name).map(|_| ()))?;
        let boundary = self.boundary(request.input.str("PermissionsBoundary")?)?;
        self.directory.write(|state| state.identity_mut(kind, name).map(|own| own.boundary = Some(boundary)))?;
        Ok(Value::Null)
    }

    pub(super) fn drop_boundary(&self, kind: Kind, request: &Request) -> Reply {
        let name = request.input.str(kind.member())?;
        self.directory.write(|state| {
            let own = state.identity_mut(kind, name)?;
            let gone = own.boundary.take();
            let text = format!("The {} {name} has no permissions boundary.", kind.noun());
            gone.map(|_| Value::Null).ok_or_else(|| missing(text))
        })
    }

    fn update_role(&self, request: &Request) -> Reply {
        let input = &request.input;
        self.directory.write(|state| {
            let role = state.role_mut(input.str("RoleName")?)?;
            if let Some(text) = input.opt_str("Description") {
                role.description = Some(text.to_owned());
            }
            if request.operation == "UpdateRole" {
                role.max_session = input.opt_i64("MaxSessionDuration").unwrap_or(role.max_session);
            }
            Ok(json!({ "Role": role.describe() }))
        })
    }
}

fn delete(state: &mut State, name: &str) -> Reply {
    let role = state.role(name)?;
    if state.profiles.values().any(|profile| profile.role.as_deref() == Some(name)) {
        return Err(conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    if !role.own.attached.is_empty() {
        return Err(conflict("Cannot delete entity, must detach all policies first."));
    }
    if !role.own.inline.is_empty() {
        return Err(conflict("Cannot delete entity, must delete policies first."));
    }
    state.roles.remove(name);
    Ok(Value::Null)
}

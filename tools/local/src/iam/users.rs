//! The operations on users.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::boundary_keys;
use super::errors::{conflict, exists, validation};
use super::pages::listing;
use super::service::{Iam, new_user, user};
use super::state::{Kind, State, User, date, tag_list};
use super::tag_set;
use crate::core::{Principal, Reply, Request, ServiceError};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("CreateUser", "Path UserName PermissionsBoundary Tags", Iam::create_user)
        .on_found(new_user)
        .asking(boundary_keys::of_user),
    Operation::<Iam>::now("GetUser", "UserName", Iam::get_user).on_found(user),
    Operation::<Iam>::now("ListUsers", "PathPrefix Marker MaxItems", |iam, request| {
        let prefix = request.input.opt_str("PathPrefix").unwrap_or("/");
        let all = iam.directory.read(|state| {
            let under = state.users.iter().filter(|(_, user)| user.own.path.starts_with(prefix));
            under.map(|(name, user)| (name.clone(), user.summary())).collect()
        });
        listing(request, "Users", all)
    }),
    Operation::<Iam>::now("UpdateUser", "UserName NewPath NewUserName", Iam::update_user).on_found(user),
    Operation::<Iam>::now("DeleteUser", "UserName", |iam, request| {
        iam.directory.write(|state| delete(state, request.input.str("UserName")?))
    })
    .on_found(user),
    Operation::<Iam>::now("PutUserPermissionsBoundary", "UserName PermissionsBoundary", |iam, request| {
        iam.set_boundary(Kind::User, request)
    })
    .on_found(user)
    .asking(boundary_keys::of_user),
    Operation::<Iam>::now("DeleteUserPermissionsBoundary", "UserName", |iam, request| {
        iam.drop_boundary(Kind::User, request)
    })
    .on_found(user)
    .asking(boundary_keys::of_user),
    Operation::<Iam>::now("ListGroupsForUser", "UserName Marker MaxItems", |iam, request| {
        let all = iam.directory.read(|state| {
            let groups = state.user(request.input.str("UserName")?)?.groups.iter();
            let groups = groups.filter_map(|name| state.groups.get(name));
            Ok::<_, ServiceError>(groups.map(|group| (group.name.clone(), super::groups::describe(group))).collect())
        })?;
        listing(request, "Groups", all)
    })
    .on_found(user),
];

impl User {
    /// The user as lists have it: without tags and boundary.
    pub(super) fn summary(&self) -> Value {
        json!({
            "UserName": self.own.name, "UserId": self.own.id, "Arn": self.own.arn, "Path": self.own.path,
            "CreateDate": date(self.own.created),
        })
    }

    fn describe(&self) -> Value {
        let mut user = self.summary();
        if !self.own.tags.is_empty() {
            user["Tags"] = tag_list(&self.own.tags);
        }
        user["PermissionsBoundary"] = self.own.boundary();
        user
    }
}

/// The user that a request names, or that signed it.
pub(super) fn named(request: &Request) -> Result<&str, ServiceError> {
    match (request.input.opt_str("UserName"), &request.caller.principal) {
        (Some(name), _) => Ok(name),
        (None, Principal::User(user)) => Ok(&user.name),
        _ => Err(validation("Must specify userName when calling with non-User credentials")),
    }
}

impl Iam {
    fn create_user(&self, request: &Request) -> Reply {
        let input = &request.input;
        let name = input.str("UserName")?;
        let tags = tag_set::read(input)?;
        let boundary = input.opt_str("PermissionsBoundary").map(|arn| self.boundary(arn)).transpose()?;
        let path = input.opt_str("Path").unwrap_or("/");
        let own = self.identity("user", "AIDA", path, name, tags, boundary);
        self.directory.write(|state| {
            if state.users.keys().any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(exists(format!("User with name {name} already exists.")));
            }
            let user = User { own, groups: BTreeSet::new(), keys: Vec::new() };
            let made = user.describe();
            state.users.insert(name.to_owned(), user);
            Ok(json!({ "User": made }))
        })
    }

    /// A user; the caller, when no name is given.
    fn get_user(&self, request: &Request) -> Reply {
        let account = &self.hub.identity.account;
        if request.input.opt_str("UserName").is_none() && request.caller.principal == Principal::Root {
            let root = format!("arn:aws:iam::{account}:root");
            return Ok(json!({ "User": { "UserId": account, "Arn": root, "CreateDate": 0 } }));
        }
        let name = named(request)?;
        self.directory.read(|state| Ok(json!({ "User": state.user(name)?.describe() })))
    }

    fn update_user(&self, request: &Request) -> Reply {
        let input = &request.input;
        let name = input.str("UserName")?;
        self.directory.write(|state| {
            let user = state.user(name)?;
            let new_name = input.opt_str("NewUserName").unwrap_or(name).to_owned();
            let path = input.opt_str("NewPath").unwrap_or(&user.own.path).to_owned();
            let other = state.users.keys().any(|known| known != name && known.eq_ignore_ascii_case(&new_name));
            if other {
                return Err(exists(format!("User with name {new_name} already exists.")));
            }
            if let Some(mut user) = state.users.remove(name) {
                user.own.arn = self.arn("user", &path, &new_name);
                (user.own.path, user.own.name) = (path, new_name.clone());
                state.users.insert(new_name, user);
            }
            Ok(Value::Null)
        })
    }
}

fn delete(state: &mut State, name: &str) -> Reply {
    let user = state.user(name)?;
    let held = [
        (!user.groups.is_empty(), "Cannot delete entity, must remove users from group first."),
        (!user.own.attached.is_empty(), "Cannot delete entity, must detach all policies first."),
        (!user.own.inline.is_empty(), "Cannot delete entity, must delete policies first."),
        (!user.keys.is_empty(), "Cannot delete entity, must delete access keys first."),
    ];
    if let Some((_, text)) = held.iter().find(|(holds, _)| *holds) {
        return Err(conflict(text));
    }
    state.users.remove(name);
    Ok(Value::Null)
}

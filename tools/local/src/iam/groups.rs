//! Groups and who is in them.

use serde_json::{Value, json};

use super::errors::{conflict, exists, missing};
use super::pages::{listing, listing_with};
use super::service::{Iam, group, new_group};
use super::state::{Identity, Tags, date};
use crate::core::{Reply, Request, ServiceError};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("CreateGroup", "Path GroupName", |iam, request| {
        let (name, path) = (request.input.str("GroupName")?, request.input.opt_str("Path").unwrap_or("/"));
        let made = iam.identity("group", "AGPA", path, name, Tags::new(), None);
        iam.directory.write(|state| {
            if state.groups.keys().any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(exists(format!("Group with name {name} already exists.")));
            }
            let answer = json!({ "Group": describe(&made) });
            state.groups.insert(name.to_owned(), made);
            Ok(answer)
        })
    })
    .on_found(new_group),
    Operation::<Iam>::now("GetGroup", "GroupName Marker MaxItems", Iam::get_group).on_found(group),
    Operation::<Iam>::now("ListGroups", "PathPrefix Marker MaxItems", |iam, request| {
        let prefix = request.input.opt_str("PathPrefix").unwrap_or("/");
        let all = iam.directory.read(|state| {
            let under = state.groups.iter().filter(|(_, group)| group.path.starts_with(prefix));
            under.map(|(name, group)| (name.clone(), describe(group))).collect()
        });
        listing(request, "Groups", all)
    }),
    Operation::<Iam>::now("UpdateGroup", "GroupName NewPath NewGroupName", Iam::update_group).on_found(group),
    Operation::<Iam>::now("DeleteGroup", "GroupName", Iam::delete_group).on_found(group),
    Operation::<Iam>::now("AddUserToGroup", "GroupName UserName", |iam, request| {
        iam.membership(request, |groups, group| {
            groups.insert(group.to_owned());
            Ok(())
        })
    })
    .on_found(group),
    Operation::<Iam>::now("RemoveUserFromGroup", "GroupName UserName", |iam, request| {
        let user = request.input.str("UserName")?;
        iam.membership(request, |groups, group| {
            let text = format!("User {user} is not in group {group}.");
            if groups.remove(group) { Ok(()) } else { Err(missing(text)) }
        })
    })
    .on_found(group),
];

/// A group as IAM answers it.
pub(super) fn describe(group: &Identity) -> Value {
    json!({
        "GroupName": group.name, "GroupId": group.id, "Arn": group.arn, "Path": group.path,
        "CreateDate": date(group.created),
    })
}

impl Iam {
    /// A group and a page of its users.
    fn get_group(&self, request: &Request) -> Reply {
        let name = request.input.str("GroupName")?;
        let (group, users) = self.directory.read(|state| {
            let group = describe(state.group(name)?);
            let users = state.users.values().filter(|user| user.groups.contains(name));
            Ok::<_, ServiceError>((group, users.map(|user| (user.own.name.clone(), user.summary())).collect()))
        })?;
        listing_with(request, users, |users| {
            [("Group".to_owned(), group), ("Users".to_owned(), Value::Array(users))].into_iter().collect()
        })
    }

    fn update_group(&self, request: &Request) -> Reply {
        let name = request.input.str("GroupName")?;
        self.directory.write(|state| {
            let group = state.group(name)?;
            let new_name = request.input.opt_str("NewGroupName").unwrap_or(name).to_owned();
            let path = request.input.opt_str("NewPath").unwrap_or(&group.path).to_owned();
            if state.groups.keys().any(|known| known != name && known.eq_ignore_ascii_case(&new_name)) {
                return Err(exists(format!("Group with name {new_name} already exists.")));
            }
            if let Some(mut group) = state.groups.remove(name) {
                group.arn = self.arn("group", &path, &new_name);
                (group.path, group.name) = (path, new_name.clone());
                state.groups.insert(new_name.clone(), group);
            }
            for user in state.users.values_mut() {
                if user.groups.remove(name) {
                    user.groups.insert(new_name.clone());
                }
            }
            Ok(Value::Null)
        })
    }

    fn delete_group(&self, request: &Request) -> Reply {
        let name = request.input.str("GroupName")?;
        self.directory.write(|state| {
            let group = state.group(name)?;
            if state.users.values().any(|user| user.groups.contains(name)) {
                return Err(conflict("Cannot delete entity, must remove users from group first."));
            }
            if !group.attached.is_empty() {
                return Err(conflict("Cannot delete entity, must detach all policies first."));
            }
            if !group.inline.is_empty() {
                return Err(conflict("Cannot delete entity, must delete policies first."));
            }
            state.groups.remove(name);
            Ok(Value::Null)
        })
    }

    fn membership(
        &self,
        request: &Request,
        change: impl FnOnce(&mut std::collections::BTreeSet<String>, &str) -> Result<(), ServiceError>,
    ) -> Reply {
        let (group, user) = (request.input.str("GroupName")?, request.input.str("UserName")?);
        self.directory.write(|state| {
            state.group(group)?;
            change(&mut state.user_mut(user)?.groups, group)?;
            Ok(Value::Null)
        })
    }
}

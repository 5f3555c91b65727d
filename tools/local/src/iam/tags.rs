//! Tags of roles, users, policies and instance profiles.

use serde_json::{Value, json};

use super::errors::limit;
use super::pages::listing;
use super::service::{self, Iam, role, user};
use super::state::{State, Tags};
use super::tag_set::read;
use crate::core::{Input, Reply, Request, ServiceError};
use crate::operations::Operation;

/// IAM's quota of tags for a resource.
const MOST: usize = 50;
const PROFILE: &str = "instance-profile/{InstanceProfileName}";

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("TagRole", "RoleName Tags", |iam, r| iam.tag(r, of_role)).on_found(role),
    Operation::<Iam>::now("TagUser", "UserName Tags", |iam, r| iam.tag(r, of_user)).on_found(user),
    Operation::<Iam>::now("TagPolicy", "PolicyArn Tags", |iam, r| iam.tag(r, of_policy)).on_found(service::policy),
    Operation::<Iam>::now("TagInstanceProfile", "InstanceProfileName Tags", |iam, r| iam.tag(r, of_profile))
        .on(PROFILE),
    Operation::<Iam>::now("UntagRole", "RoleName TagKeys", |iam, r| iam.untag(r, of_role)).on_found(role),
    Operation::<Iam>::now("UntagUser", "UserName TagKeys", |iam, r| iam.untag(r, of_user)).on_found(user),
    Operation::<Iam>::now("UntagPolicy", "PolicyArn TagKeys", |iam, r| iam.untag(r, of_policy))
        .on_found(service::policy),
    Operation::<Iam>::now("UntagInstanceProfile", "InstanceProfileName TagKeys", |iam, r| iam.untag(r, of_profile))
        .on(PROFILE),
    Operation::<Iam>::now("ListRoleTags", "RoleName Marker MaxItems", |iam, r| iam.list_tags(r, of_role))
        .on_found(role),
    Operation::<Iam>::now("ListUserTags", "UserName Marker MaxItems", |iam, r| iam.list_tags(r, of_user))
        .on_found(user),
    Operation::<Iam>::now("ListPolicyTags", "PolicyArn Marker MaxItems", |iam, r| iam.list_tags(r, of_policy))
        .on_found(service::policy),
    Operation::<Iam>::now("ListInstanceProfileTags", "InstanceProfileName Marker MaxItems", |iam, r| {
        iam.list_tags(r, of_profile)
    })
    .on(PROFILE),
];

/// Finds the tags that a request is about.
type Find = for<'a> fn(&'a mut State, &Input) -> Result<&'a mut Tags, ServiceError>;

fn of_role<'a>(state: &'a mut State, input: &Input) -> Result<&'a mut Tags, ServiceError> {
    Ok(&mut state.role_mut(input.str("RoleName")?)?.own.tags)
}

fn of_user<'a>(state: &'a mut State, input: &Input) -> Result<&'a mut Tags, ServiceError> {
    Ok(&mut state.user_mut(input.str("UserName")?)?.own.tags)
}

fn of_policy<'a>(state: &'a mut State, input: &Input) -> Result<&'a mut Tags, ServiceError> {
    Ok(&mut state.policy_mut(input.str("PolicyArn")?)?.tags)
}

fn of_profile<'a>(state: &'a mut State, input: &Input) -> Result<&'a mut Tags, ServiceError> {
    Ok(&mut state.profile_mut(input.str("InstanceProfileName")?)?.tags)
}

impl Iam {
    /// Sets tags. A key that differs only in case is the same key, and takes the new spelling.
    fn tag(&self, request: &Request, find: Find) -> Reply {
        self.directory.write(|state| {
            let tags = find(state, &request.input)?;
            let mut changed = tags.clone();
            for (key, value) in read(&request.input)? {
                match changed.get_index_of(&key) {
                    Some(at) => changed[at] = value,
                    None => {
                        changed.retain(|known, _| !known.eq_ignore_ascii_case(&key));
                        changed.insert(key, value);
                    }
                }
            }
            if changed.len() > MOST {
                return Err(limit(format!("The number of tags has reached the maximum limit: {MOST}.")));
            }
            *tags = changed;
            Ok(Value::Null)
        })
    }

    fn untag(&self, request: &Request, find: Find) -> Reply {
        self.directory.write(|state| {
            let keys = request.input.strings("TagKeys");
            let tags = find(state, &request.input)?;
            tags.retain(|known, _| !keys.iter().any(|key| key.eq_ignore_ascii_case(known)));
            Ok(Value::Null)
        })
    }

    fn list_tags(&self, request: &Request, find: Find) -> Reply {
        let all = self.directory.write(|state| {
            let tags = find(state, &request.input)?.iter().enumerate();
            Ok::<_, ServiceError>(
                tags.map(|(at, (key, value))| (format!("{at:03}"), json!({ "Key": key, "Value": value }))).collect(),
            )
        })?;
        listing(request, "Tags", all)
    }
}

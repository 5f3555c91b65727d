//! Instance profiles. The plane has no instances: they are kept, with the one role that each may hold.

use serde_json::{Value, json};

use super::errors::{conflict, exists, missing, quota};
use super::pages::listing;
use super::service::{Iam, role};
use super::state::{InstanceProfile, State, date, tag_list};
use super::tag_set;
use crate::core::{Reply, Request, ServiceError};
use crate::operations::Operation;

const RESOURCE: &str = "instance-profile/{InstanceProfileName}";

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("CreateInstanceProfile", "InstanceProfileName Path Tags", Iam::create_profile).on(RESOURCE),
    Operation::<Iam>::now("GetInstanceProfile", "InstanceProfileName", |iam, request| {
        let name = request.input.str("InstanceProfileName")?;
        iam.directory.read(|state| {
            let profile = state.profiles.get(name).ok_or_else(|| absent(name))?;
            Ok(json!({ "InstanceProfile": profile.describe(state) }))
        })
    })
    .on(RESOURCE),
    Operation::<Iam>::now("ListInstanceProfiles", "PathPrefix Marker MaxItems", |iam, request| {
        let prefix = request.input.opt_str("PathPrefix").unwrap_or("/");
        let all = iam.directory.read(|state| {
            let under = state.profiles.iter().filter(|(_, profile)| profile.path.starts_with(prefix));
            under.map(|(name, profile)| (name.clone(), profile.describe(state))).collect()
        });
        listing(request, "InstanceProfiles", all)
    }),
    Operation::<Iam>::now("ListInstanceProfilesForRole", "RoleName Marker MaxItems", |iam, request| {
        let name = request.input.str("RoleName")?;
        let all = iam.directory.read(|state| {
            state.role(name)?;
            let with = state.profiles.iter().filter(|(_, profile)| profile.role.as_deref() == Some(name));
            Ok::<_, ServiceError>(with.map(|(key, profile)| (key.clone(), profile.describe(state))).collect())
        })?;
        listing(request, "InstanceProfiles", all)
    })
    .on_found(role),
    Operation::<Iam>::now("DeleteInstanceProfile", "InstanceProfileName", |iam, request| {
        let name = request.input.str("InstanceProfileName")?;
        iam.directory.write(|state| {
            if state.profile_mut(name)?.role.is_some() {
                return Err(conflict("Cannot delete entity, must remove roles from instance profile first."));
            }
            state.profiles.remove(name);
            Ok(Value::Null)
        })
    })
    .on(RESOURCE),
    Operation::<Iam>::now("AddRoleToInstanceProfile", "InstanceProfileName RoleName", |iam, request| {
        let (name, role) = (request.input.str("InstanceProfileName")?, request.input.str("RoleName")?);
        iam.directory.write(|state| {
            state.profile_mut(name)?;
            state.role(role)?;
            let profile = state.profile_mut(name)?;
            if profile.role.is_some() {
                return Err(quota("InstanceSessionsPerInstanceProfile", 1));
            }
            profile.role = Some(role.to_owned());
            Ok(Value::Null)
        })
    })
    .on(RESOURCE),
    Operation::<Iam>::now("RemoveRoleFromInstanceProfile", "InstanceProfileName RoleName", |iam, request| {
        let (name, role) = (request.input.str("InstanceProfileName")?, request.input.str("RoleName")?);
        iam.directory.write(|state| {
            let profile = state.profile_mut(name)?;
            if profile.role.as_deref() != Some(role) {
                return Err(super::errors::no_such("role", role));
            }
            profile.role = None;
            Ok(Value::Null)
        })
    })
    .on(RESOURCE),
];

fn absent(name: &str) -> ServiceError {
    missing(format!("Instance Profile {name} cannot be found."))
}

impl InstanceProfile {
    pub(super) fn describe(&self, state: &State) -> Value {
        let roles: Vec<Value> = self
            .role
            .iter()
            .filter_map(|name| state.roles.get(name))
            .map(|role| {
                let mut described = role.describe();
                for member in ["Tags", "RoleLastUsed", "PermissionsBoundary", "MaxSessionDuration", "Description"] {
                    described.as_object_mut().map(|members| members.shift_remove(member));
                }
                described
            })
            .collect();
        let mut made = json!({
            "InstanceProfileName": self.name, "InstanceProfileId": self.id, "Arn": self.arn, "Path": self.path,
            "CreateDate": date(self.created), "Roles": roles,
        });
        if !self.tags.is_empty() {
            made["Tags"] = tag_list(&self.tags);
        }
        made
    }
}

impl Iam {
    fn create_profile(&self, request: &Request) -> Reply {
        let (name, path) = (request.input.str("InstanceProfileName")?, request.input.opt_str("Path").unwrap_or("/"));
        let profile = InstanceProfile {
            name: name.to_owned(),
            id: format!("AIPA{}", self.hub.ids.capitals(17)),
            arn: self.arn("instance-profile", path, name),
            path: path.to_owned(),
            created: self.hub.now(),
            role: None,
            tags: tag_set::read(&request.input)?,
        };
        self.directory.write(|state| {
            if state.profiles.contains_key(name) {
                return Err(exists(format!("Instance Profile {name} already exists.")));
            }
            let made = profile.describe(state);
            state.profiles.insert(name.to_owned(), profile);
            Ok(json!({ "InstanceProfile": made }))
        })
    }
}

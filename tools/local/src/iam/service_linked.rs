//! Service-linked roles: AWS makes their trust and their permissions, and nobody else changes them.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>
//!
//! Their managed policies are named, but their documents are not known: no service of the plane works in such a role.

use serde_json::{Value, json};

use super::errors::{invalid, missing, no_such};
use super::linked_names::{Linked, PATH, linked};
use super::service::{Iam, encoded, role};
use super::state::{Document, Role, State, Tags};
use crate::core::{Input, Reply, Request, ServiceError};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Iam>] = &[
    Operation::<Iam>::now("CreateServiceLinkedRole", "AWSServiceName Description CustomSuffix", Iam::create_linked)
        .on_found(|iam, input| {
            let service = input.opt_str("AWSServiceName").unwrap_or("*");
            let name = linked(service).map_or_else(|| "*".to_owned(), |linked| name_of(linked, input));
            vec![iam.arn("role", &format!("{PATH}{service}/"), &name)]
        })
        .asking(|_, input| {
            let service = input.opt_str("AWSServiceName").unwrap_or_default();
            vec![("iam:AWSServiceName".to_owned(), vec![service.to_owned()])]
        }),
    Operation::<Iam>::now("DeleteServiceLinkedRole", "RoleName", Iam::delete_linked).on_found(role),
    Operation::<Iam>::now("GetServiceLinkedRoleDeletionStatus", "DeletionTaskId", |iam, request| {
        let task = request.input.str("DeletionTaskId")?;
        // A role is gone when its task is answered. Assumed: the text.
        let done = iam.directory.read(|state| state.deletions.contains(task));
        if done { Ok(json!({ "Status": "SUCCEEDED" })) } else { Err(missing(format!("Task {task} cannot be found."))) }
    })
    .on_found(|iam, input| {
        // `task/aws-service-role/SERVICE/NAME/ID`
        let task = input.opt_str("DeletionTaskId").unwrap_or_default();
        let role = task.strip_prefix("task").and_then(|rest| rest.rsplit_once('/')).map_or("/*", |(role, _)| role);
        vec![iam.arn("role", role, "")]
    }),
];

/// Refuses to change a role that only AWS changes.
pub(super) fn modifiable(iam: &Iam, input: &Input) -> Result<(), ServiceError> {
    let name = input.opt_str("RoleName").unwrap_or_default();
    let is_protected = |state: &State| state.role(name).is_ok_and(|role| role.own.path.starts_with(PATH));
    if !iam.directory.read(is_protected) {
        return Ok(());
    }
    let text =
        format!("Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS");
    Err(ServiceError::new("UnmodifiableEntity", text))
}

fn name_of(linked: Linked, input: &Input) -> String {
    let suffix = input.opt_str("CustomSuffix").map(|suffix| format!("_{suffix}")).unwrap_or_default();
    format!("AWSServiceRoleFor{}{suffix}", linked.name)
}

impl Iam {
    fn create_linked(&self, request: &Request) -> Reply {
        let input = &request.input;
        let service = input.str("AWSServiceName")?;
        let Some(known) = linked(service) else {
            return Err(ServiceError::not_implemented("iam", &format!("CreateServiceLinkedRole of {service}")));
        };
        if input.opt_str("CustomSuffix").is_some() && !known.suffix {
            return Err(invalid(format!("Custom suffix is not allowed for {service}")));
        }
        let name = name_of(known, input);
        let statement = json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" });
        let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let mut own = self.identity("role", "AROA", &format!("{PATH}{service}/"), &name, Tags::default(), None);
        own.attached.insert(format!("arn:aws:iam::aws:policy{PATH}{}", known.policy));
        let role = Role {
            own,
            trust: Document::new("AssumeRolePolicyDocument", &trust)?,
            description: input.opt_str("Description").map(str::to_owned),
            max_session: 3600,
            last_used: None,
        };
        let made = created(&role, service);
        self.directory.write(|state| {
            if state.roles.contains_key(&name) {
                let text =
                    format!("Service role name {name} has been taken in this account, please try a different suffix.");
                return Err(invalid(text));
            }
            state.roles.insert(name, role);
            Ok(())
        })?;
        Ok(json!({ "Role": made }))
    }

    fn delete_linked(&self, request: &Request) -> Reply {
        let name = request.input.str("RoleName")?;
        let id = self.hub.ids.uuid();
        self.directory.write(|state| {
            let path = state.role(name)?.own.path.clone();
            let Some(service) = path.strip_prefix(PATH) else { return Err(no_such("role", name)) };
            let task = format!("task{PATH}{service}{name}/{id}");
            state.roles.remove(name);
            state.deletions.insert(task.clone());
            Ok(json!({ "DeletionTaskId": task }))
        })
    }
}

/// The role as it is answered when it is made: its trust names the service and the action in lists.
fn created(role: &Role, service: &str) -> Value {
    let statement = json!({ "Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": { "Service": [service] } });
    let trust = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let mut made = role.describe();
    made["AssumeRolePolicyDocument"] = json!(encoded(&trust));
    if let Some(made) = made.as_object_mut() {
        made.shift_remove("RoleLastUsed");
        made.shift_remove("MaxSessionDuration");
    }
    made
}

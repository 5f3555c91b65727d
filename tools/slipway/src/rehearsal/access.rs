//! The calls that each role was denied, the grants that it never used, and the least policy that it needed.
//!
//! The last rehearsal's is kept beside it, for `slipway policy`.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_local::{Plane, RoleAccess};

use crate::failure::Failure;
use crate::toolchain;

/// The lines of unused grants that the report has for each role; the JSON report has all.
const SHOWN: usize = 12;

/// The use that one role made of its grants.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleUse {
    /// The role's ARN.
    pub role: String,
    /// Calls that were denied.
    pub denied: Vec<Denied>,
    /// The number of different actions on resources that were allowed.
    pub allowed: usize,
    /// Actions that were granted and never used: policy, statement, action.
    pub unused: Vec<[String; 3]>,
    /// The least policy that allows what was allowed.
    pub least_policy: Value,
}

/// A call that was denied, and how often.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Denied {
    /// The refusal as the caller read it.
    pub message: String,
    /// The number of times that it was denied.
    pub times: u64,
}

/// The use of the roles of a plane: those that made a call, and those that were denied one.
pub fn of(plane: &Plane) -> Vec<RoleUse> {
    plane.access().into_iter().filter(|role| !role.allowed.is_empty() || !role.denied.is_empty()).map(read).collect()
}

fn read(role: RoleAccess) -> RoleUse {
    RoleUse {
        role: role.role,
        denied: role.denied.into_iter().map(|call| Denied { message: call.message, times: call.times }).collect(),
        allowed: role.allowed.len(),
        unused: role.unused.into_iter().map(|grant| [grant.policy, grant.statement, grant.action]).collect(),
        least_policy: role.least_policy,
    }
}

/// Keeps what the roles did for `slipway policy`.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn keep(roles: &[RoleUse]) -> Result<(), Failure> {
    let file = file();
    let cannot =
        |error: &dyn std::fmt::Display| Failure::environment(format!("cannot write {}", file.display()), error);
    let text = serde_json::to_string_pretty(roles).map_err(|error| cannot(&error))?;
    fs::write(&file, text).map_err(|error| cannot(&error))
}

/// The use of the roles in the last rehearsal.
///
/// # Errors
/// Fails if there was none.
pub fn last() -> Result<Vec<RoleUse>, Failure> {
    let file = file();
    let text = fs::read_to_string(&file).map_err(|_| {
        Failure::Environment("no rehearsal has ended in this checkout yet; run `cargo slipway rehearse`".to_owned())
    })?;
    serde_json::from_str(&text).map_err(|error| Failure::environment(file.display(), error))
}

fn file() -> PathBuf {
    toolchain::work_dir().join("rehearsal").join("access.json")
}

/// The least policy of the role that `asked` means.
///
/// # Errors
/// Fails if no role of the rehearsal is called so, or more than one.
pub fn least_policy(roles: &[RoleUse], asked: &str) -> Result<String, Failure> {
    let exact = |role: &&RoleUse| role.role == asked || name(&role.role) == asked;
    let found: Vec<&RoleUse> = match roles.iter().find(exact) {
        Some(role) => vec![role],
        None => roles.iter().filter(|role| name(&role.role).contains(asked)).collect(),
    };
    match found.as_slice() {
        [role] => serde_json::to_string_pretty(&role.least_policy)
            .map_err(|error| Failure::environment("the policy cannot be written", error)),
        [] => Err(Failure::Environment(format!(
            "no role of the last rehearsal is called {asked}; it had {}",
            listed(roles.iter())
        ))),
        several => Err(Failure::Environment(format!("{asked} may be any of {}", listed(several.iter().copied())))),
    }
}

fn listed<'a>(roles: impl Iterator<Item = &'a RoleUse>) -> String {
    let names: Vec<&str> = roles.map(|role| name(&role.role)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The report's section on roles.
pub fn text(roles: &[RoleUse]) -> String {
    let mut text = String::new();
    if roles.is_empty() {
        return text;
    }
    text.push_str("\n== what roles did\n");
    for role in roles {
        let (denied, unused) = (role.denied.len(), role.unused.len());
        text.push_str(&format!(
            "   {}: {} grants used, {denied} calls denied, {unused} never used\n",
            name(&role.role),
            role.allowed
        ));
        for call in &role.denied {
            text.push_str(&format!("     denied   {} times: {}\n", call.times, call.message));
        }
        for [policy, statement, action] in role.unused.iter().take(SHOWN) {
            text.push_str(&format!("     unused   {action} ({policy}, statement {statement})\n"));
        }
        if unused > SHOWN {
            text.push_str(&format!("     unused   and {} more; all are in the report of --json\n", unused - SHOWN));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(name: &str) -> RoleUse {
        RoleUse {
            role: format!("arn:aws:iam::000000000000:role/{name}"),
            denied: vec![Denied { message: "User: x is not authorized".to_owned(), times: 2 }],
            allowed: 1,
            unused: vec![["app".to_owned(), "1".to_owned(), "sns:Publish".to_owned()]],
            least_policy: json!({ "Version": "2012-10-17", "Statement": [{ "Sid": name }] }),
        }
    }

    #[test]
    fn a_role_is_found_by_its_name_or_a_part_that_is_its_alone() {
        let roles = [role("app-trigger"), role("app-hook"), role("app")];
        assert!(least_policy(&roles, "trigger").unwrap().contains("app-trigger"));
        assert!(least_policy(&roles, "app").unwrap().contains("\"app\""));
        assert!(least_policy(&roles, "app-").unwrap_err().text().contains("app-trigger, app-hook"));
        assert!(least_policy(&roles, "none").unwrap_err().text().contains("no role"));
    }

    #[test]
    fn the_report_tells_denials_and_grants_that_were_never_used() {
        let text = text(&[role("app")]);
        assert!(text.contains("denied   2 times: User: x is not authorized"), "{text}");
        assert!(text.contains("unused   sns:Publish (app, statement 1)"), "{text}");
    }
}

//! The service role of a stack: CloudFormation assumes it, and it acts in the place of who asked.

use std::sync::Arc;

use serde_json::{Value, json};

use super::errors::validation;
use crate::core::{Caller, Hub, Principal, ServiceError, Session};

/// The service principal that a role has to trust.
pub const SERVICE: &str = "cloudformation.amazonaws.com";
/// The member of a request that hands a role to CloudFormation.
pub const ROLES: &[(&str, &str)] = &[("RoleARN", SERVICE)];
/// The name of CloudFormation's role sessions.
const SESSION: &str = "AWSCloudFormation";

/// A session of the role.
///
/// # Errors
/// `ValidationError` when there is no such role, or CloudFormation may not assume it.
pub async fn session(hub: &Arc<Hub>, role: &str) -> Result<Caller, ServiceError> {
    let input = json!({ "RoleArn": role, "RoleSessionName": SESSION });
    let assumed = hub.call_as(&Caller::service(SERVICE), "sts", "AssumeRole", input).await;
    let refused = |_| validation(format!("Role {role} is invalid or cannot be assumed"));
    let id = assumed.map_err(refused)?;
    let id = id.pointer("/AssumedRoleUser/AssumedRoleId").and_then(Value::as_str).unwrap_or_default();
    let session = Session {
        role: role.to_owned(),
        role_id: id.split(':').next().unwrap_or_default().to_owned(),
        name: SESSION.to_owned(),
        policies: Vec::new(),
        tags: Vec::new(),
        transitive: Vec::new(),
    };
    Ok(Principal::Session(Arc::new(session)).into())
}

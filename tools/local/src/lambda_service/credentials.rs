//! A function's role: whether Lambda may assume it, and the temporary credentials that come of it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::errors::invalid;
use super::execution::{Credentials, Runnable};
use crate::core::{Caller, Hub, Question, ServiceError};

const LAMBDA: &str = "lambda.amazonaws.com";

/// One set of credentials per role, made when a function of the role first starts.
#[derive(Debug, Default)]
pub(super) struct RoleCredentials(Mutex<HashMap<String, Credentials>>);

impl RoleCredentials {
    /// The credentials of a version's role, from STS; of the same shape where the plane has no STS.
    ///
    /// # Errors
    /// When STS refuses the role.
    pub(super) async fn of(&self, hub: &Hub, runnable: &Runnable) -> Result<Credentials, ServiceError> {
        let role = &runnable.settings.role;
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(role) {
            return Ok(known.clone());
        }
        let session = json!({ "RoleArn": role, "RoleSessionName": runnable.function });
        let made = match hub.call_as(&Caller::service(LAMBDA), "sts", "AssumeRole", session).await {
            Ok(reply) => {
                let text = |member: &str| reply["Credentials"][member].as_str().unwrap_or_default().to_owned();
                Credentials {
                    access_key: text("AccessKeyId"),
                    secret_key: text("SecretAccessKey"),
                    session_token: text("SessionToken"),
                }
            }
            Err(error) if error.is("NotImplemented") => Credentials {
                access_key: format!("ASIA{}", hub.ids.capitals(16)),
                secret_key: hub.ids.hex(40),
                session_token: hub.ids.lower(120),
            },
            Err(error) => return Err(ServiceError::new("AccessDeniedException", error.message).with_status(403)),
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(known.entry(role.clone()).or_insert(made).clone())
    }
}

/// Refuses a role that the caller may not pass, that is not there, or that does not trust Lambda, as AWS does when a
/// function is created.
///
/// # Errors
/// `AccessDeniedException` or `InvalidParameterValueException`.
pub(super) async fn check_role(hub: &Hub, caller: &Caller, role: &str) -> Result<(), ServiceError> {
    if let Some(authority) = hub.authority().filter(|_| !caller.is_plane()) {
        let context = vec![("iam:PassedToService".to_owned(), vec![LAMBDA.to_owned()])];
        authority.decide(&Question { caller, action: "iam:PassRole", resources: &[role.to_owned()], context })?;
    }
    let name = role.rsplit('/').next().unwrap_or_default();
    match hub.call("iam", "GetRole", json!({ "RoleName": name })).await {
        Ok(reply) if trusts_lambda(&reply["Role"]["AssumeRolePolicyDocument"]) => Ok(()),
        // A plane without IAM has no roles to look at.
        Err(error) if error.is("NotImplemented") => Ok(()),
        _ => Err(invalid("The role defined for the function cannot be assumed by Lambda.")),
    }
}

/// Whether a trust policy lets Lambda in. IAM answers it percent-encoded; a document of its own is read too.
fn trusts_lambda(document: &Value) -> bool {
    let document = match document {
        Value::String(text) => {
            let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
            serde_json::from_str(&decoded).unwrap_or_default()
        }
        other => other.clone(),
    };
    each(&document["Statement"]).any(|statement| {
        statement["Effect"] == "Allow" && each(&statement["Principal"]["Service"]).any(|service| service == LAMBDA)
    })
}

/// The items of a list, or the one item that stands for a list.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(json!({ "Statement": [{ "Effect": "Allow", "Principal": { "Service": LAMBDA } }] }), true; "document")]
    #[test_case(json!({ "Statement": { "Effect": "Allow", "Principal": { "Service": ["x", LAMBDA] } } }), true; "lists")]
    #[test_case(json!("%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22lambda.amazonaws.com%22%7D%7D%5D%7D"), true; "encoded")]
    #[test_case(json!({ "Statement": [{ "Effect": "Deny", "Principal": { "Service": LAMBDA } }] }), false; "denied")]
    #[test_case(json!({ "Statement": [{ "Effect": "Allow", "Principal": { "Service": "ec2.amazonaws.com" } }] }), false; "another service")]
    #[test_case(json!(null), false; "none")]
    fn a_trust_policy_lets_lambda_in(document: Value, expected: bool) {
        assert_eq!(trusts_lambda(&document), expected);
    }
}

//! A function's role: whether Lambda may assume it, and the temporary credentials that come of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::errors::invalid;
use super::execution::Credentials;
use crate::core::{Caller, Hub, Principal, Question, ServiceError, Session};

const LAMBDA: &str = "lambda.amazonaws.com";

/// A function's session of its role: whom it is to other services, and the keys that say so.
#[derive(Clone, Debug)]
pub(super) struct Assumed {
    pub(super) caller: Caller,
    pub(super) credentials: Credentials,
}

/// One session per role and function, made when the function first starts.
#[derive(Debug, Default)]
pub(super) struct RoleCredentials(Mutex<HashMap<(String, String), Assumed>>);

impl RoleCredentials {
    /// The session of a function's role, from STS; of the same shape where the plane has no STS.
    ///
    /// # Errors
    /// Fails if STS refuses the role.
    pub(super) async fn of(&self, hub: &Hub, role: &str, function: &str) -> Result<Assumed, ServiceError> {
        let key = (role.to_owned(), function.to_owned());
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(known.clone());
        }
        let asked = json!({ "RoleArn": key.0, "RoleSessionName": key.1 });
        let made = match hub.call_as(&Caller::service(LAMBDA), "sts", "AssumeRole", asked).await {
            Ok(reply) => Assumed::issued(&key, &reply),
            Err(error) if error.is("NotImplemented") => Assumed::without_sts(hub, &key),
            Err(error) => return Err(ServiceError::new("AccessDeniedException", error.message).with_status(403)),
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(known.entry(key).or_insert(made).clone())
    }
}

impl Assumed {
    fn issued(key: &(String, String), reply: &Value) -> Self {
        let text = |pointer: &str| reply.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let credentials = Credentials {
            access_key: text("/Credentials/AccessKeyId"),
            secret_key: text("/Credentials/SecretAccessKey"),
            session_token: text("/Credentials/SessionToken"),
        };
        // `AROA…:function`.
        let id = text("/AssumedRoleUser/AssumedRoleId");
        Self::of(key, id.split(':').next().unwrap_or_default(), credentials)
    }

    fn without_sts(hub: &Hub, key: &(String, String)) -> Self {
        let credentials = Credentials {
            access_key: format!("ASIA{}", hub.ids.capitals(16)),
            secret_key: hub.ids.hex(40),
            session_token: hub.ids.lower(120),
        };
        Self::of(key, "", credentials)
    }

    fn of((role, function): &(String, String), role_id: &str, credentials: Credentials) -> Self {
        let session = Session {
            role: role.clone(),
            role_id: role_id.to_owned(),
            name: function.clone(),
            policies: Vec::new(),
            tags: Vec::new(),
            transitive: Vec::new(),
        };
        let principal = Principal::Session(Arc::new(session));
        Self {
            caller: Caller { principal, access_key: Some(credentials.access_key.clone()), through: None },
            credentials,
        }
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

/// True if a trust policy lets Lambda in. IAM answers it percent-encoded; a document of its own is read too.
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

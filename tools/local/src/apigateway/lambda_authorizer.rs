//! Asking a Lambda authorizer, and keeping what it said.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::access_log;
use super::authorizer::LambdaAuthorizer;
use super::denial::Denial;
use super::event::Asked;
use super::identity::Identity;
use super::identity_source::{IdentitySource, at_path};
use super::integration::{Payload, function_of, with_stage_variables};
use super::permission;
use super::wildcard::matches;
use crate::core::{Caller, Hub};

/// The time after which AWS reports "Timeout for Lambda authorizer response".
const PATIENCE: Duration = Duration::from_secs(10);
const ACTION: &str = "execute-api:Invoke";

/// The key of a kept answer: the caller's identity, for one authorizer of one stage.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) api: String,
    pub(super) stage: String,
    pub(super) authorizer: String,
    identity: Vec<String>,
}

/// The answers of authorizers, for as long as they want them kept.
#[derive(Debug, Default)]
pub(super) struct Verdicts(Mutex<HashMap<Key, (Instant, Verdict)>>);

/// The answer of an authorizer: its decision, and the context for the function.
#[derive(Clone, Debug, PartialEq)]
struct Verdict {
    decision: Decision,
    principal: Option<String>,
    context: Value,
}

#[derive(Clone, Debug, PartialEq)]
enum Decision {
    Simple(bool),
    Policy(Vec<Statement>),
}

#[derive(Clone, Debug, PartialEq)]
struct Statement {
    allows: bool,
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Verdicts {
    fn kept(&self, key: &Key, now: Instant) -> Option<Verdict> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(key).filter(|(until, _)| now < *until).map(|(_, verdict)| verdict.clone())
    }

    fn keep(&self, key: Key, until: Instant, verdict: Verdict) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        held.retain(|_, (until, _)| now < *until);
        held.insert(key, (until, verdict));
    }

    /// Forgets what is kept under some keys.
    pub(super) fn forget(&self, is_of: impl Fn(&Key) -> bool) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|key, _| !is_of(key));
    }
}

/// Asks the authorizer, or what is kept of it, whether a request may go on.
pub(super) async fn ask(
    hub: &Hub,
    verdicts: &Verdicts,
    id: &str,
    authorizer: &LambdaAuthorizer,
    asked: Asked<'_>,
) -> Result<Identity, Denial> {
    let way = asked.way;
    let context = access_log::of_the_request(asked, &Identity::Anybody);
    let value = |source: &IdentitySource| {
        source.value(&asked.incoming.parts, |name| at_path(&context, name), &way.stage_variables)
    };
    let identity = authorizer.sources.iter().map(value).collect::<Option<Vec<_>>>().ok_or(Denial::NoIdentity)?;
    let key = Key { api: way.api_id.clone(), stage: way.stage.clone(), authorizer: id.to_owned(), identity };
    let now = Instant::now();
    let verdict = match verdicts.kept(&key, now) {
        Some(verdict) => verdict,
        None => {
            let verdict = fresh(hub, &key, authorizer, asked).await.map_err(Denial::Broken)?;
            if authorizer.ttl > 0 {
                verdicts.keep(key, now + Duration::from_secs(authorizer.ttl), verdict.clone());
            }
            verdict
        }
    };
    if verdict.allows(&asked.route_arn(hub)) {
        Ok(Identity::Lambda { principal: verdict.principal, context: verdict.context })
    } else {
        Err(Denial::Forbidden)
    }
}

/// Invokes the function. An error is what the access log says of it.
async fn fresh(hub: &Hub, key: &Key, authorizer: &LambdaAuthorizer, asked: Asked<'_>) -> Result<Verdict, String> {
    let uri = with_stage_variables(&authorizer.uri, &asked.way.stage_variables);
    let function = function_of(&uri).ok_or("the authorizer's URI names no function")?;
    let source = hub.arn("execute-api", &format!("{}/authorizers/{}", key.api, key.authorizer));
    if !permission::allows(hub, function, &source).await {
        return Err("The API Gateway doesn't have permissions to call the Lambda authorizer function.".to_owned());
    }
    let event = event(hub, &key.identity, authorizer, asked);
    let input = json!({ "FunctionName": function, "Payload": STANDARD.encode(event.to_string()) });
    let caller = Caller::service_for(permission::SERVICE, source);
    let reply = tokio::time::timeout(PATIENCE, hub.call_as(&caller, "lambda", "Invoke", input)).await;
    let reply = reply.map_err(|_| "The Lambda authorizer timed out")?;
    let reply = reply.map_err(|error| error.message)?;
    if reply["FunctionError"].is_string() {
        return Err("The Lambda authorizer failed".to_owned());
    }
    let payload = reply["Payload"].as_str().and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    Verdict::read(&payload, authorizer.simple).ok_or_else(|| "Invalid Lambda authorizer response".to_owned())
}

fn event(hub: &Hub, identity: &[String], authorizer: &LambdaAuthorizer, asked: Asked<'_>) -> Value {
    let arn = asked.route_arn(hub);
    match authorizer.payload {
        Payload::V1 => {
            let mut event = asked.without_body_1(&Identity::Anybody);
            event["type"] = json!("REQUEST");
            event["methodArn"] = json!(arn);
            event["identitySource"] = json!(identity.join(","));
            event["authorizationToken"] = json!(identity.join(","));
            event
        }
        Payload::V2 => {
            let mut event = asked.without_body_2();
            event.insert("type".to_owned(), json!("REQUEST"));
            event.insert("routeArn".to_owned(), json!(arn));
            let identity = (!identity.is_empty()).then_some(identity);
            event.insert("identitySource".to_owned(), json!(identity));
            Value::Object(event)
        }
    }
}

impl Verdict {
    fn read(payload: &[u8], simple: bool) -> Option<Self> {
        let answer: Value = serde_json::from_slice(payload).ok()?;
        let context = &answer["context"];
        if !context.is_null() && !context.is_object() {
            return None;
        }
        let decision = if simple {
            Decision::Simple(answer["isAuthorized"].as_bool()?)
        } else {
            let statements = &answer["policyDocument"]["Statement"];
            let list = statements.as_array().map_or(std::slice::from_ref(statements), Vec::as_slice);
            Decision::Policy(list.iter().map(Statement::read).collect::<Option<_>>()?)
        };
        let principal = answer["principalId"].as_str().map(str::to_owned);
        Some(Self { decision, principal, context: context.clone() })
    }

    fn allows(&self, arn: &str) -> bool {
        match &self.decision {
            Decision::Simple(allows) => *allows,
            Decision::Policy(statements) => {
                let mut applying = statements.iter().filter(|statement| statement.applies(arn)).peekable();
                applying.peek().is_some() && applying.all(|statement| statement.allows)
            }
        }
    }
}

impl Statement {
    /// Reads a statement; one with members that are not evaluated here is none.
    fn read(statement: &Value) -> Option<Self> {
        let allows = match statement["Effect"].as_str()? {
            "Allow" => true,
            "Deny" => false,
            _ => return None,
        };
        let evaluated = ["Sid", "Effect", "Action", "Resource"];
        let known = statement.as_object()?.keys().all(|member| evaluated.contains(&member.as_str()));
        let texts = |member: &str| -> Option<Vec<String>> {
            match &statement[member] {
                Value::String(text) => Some(vec![text.clone()]),
                Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
                _ => None,
            }
        };
        known.then_some(Self { allows, actions: texts("Action")?, resources: texts("Resource")? })
    }

    fn applies(&self, arn: &str) -> bool {
        let acts =
            self.actions.iter().any(|action| matches(&action.to_ascii_lowercase(), &ACTION.to_ascii_lowercase()));
        acts && self.resources.iter().any(|pattern| matches(pattern, arn))
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:000000000000:a1/$default/GET/pets";

    fn allowed(answer: Value, simple: bool) -> Option<bool> {
        Verdict::read(answer.to_string().as_bytes(), simple).map(|verdict| verdict.allows(ARN))
    }

    fn policy(statements: Value) -> Value {
        json!({ "principalId": "p", "policyDocument": { "Version": "2012-10-17", "Statement": statements } })
    }

    #[test_case(json!({ "isAuthorized": true }), Some(true))]
    #[test_case(json!({ "isAuthorized": false, "context": { "a": 1 } }), Some(false))]
    #[test_case(json!({ "isAuthorized": "true" }), None; "a text")]
    #[test_case(json!({}), None; "nothing")]
    #[test_case(json!({ "isAuthorized": true, "context": [] }), None; "a context that is a list")]
    #[test_case(policy(json!([])), None; "a policy")]
    fn simple_answers(answer: Value, expected: Option<bool>) {
        assert_eq!(allowed(answer, true), expected);
    }

    #[test_case(json!([{ "Effect": "Allow", "Action": ACTION, "Resource": ARN }]), Some(true); "this route")]
    #[test_case(json!({ "Effect": "Allow", "Action": "execute-api:*", "Resource": ["arn:aws:execute-api:*:*:a1/*/GET/*"] }), Some(true); "wildcards, and no list")]
    #[test_case(json!([{ "Effect": "Allow", "Action": ACTION, "Resource": "*" }, { "Effect": "Deny", "Action": ACTION, "Resource": ARN }]), Some(false); "a denial counts more")]
    #[test_case(json!([{ "Effect": "Allow", "Action": ACTION, "Resource": "arn:aws:execute-api:*:*:a1/*/POST/*" }]), Some(false); "another route")]
    #[test_case(json!([]), Some(false); "no statement")]
    #[test_case(json!([{ "Effect": "Maybe", "Action": ACTION, "Resource": ARN }]), None; "another effect")]
    #[test_case(json!([{ "Effect": "Allow", "Action": ACTION, "Resource": ARN, "Condition": {} }]), None; "a condition")]
    fn policies(statements: Value, expected: Option<bool>) {
        assert_eq!(allowed(policy(statements), false), expected);
    }
}

//! `AssumeRole`: a session of a role, for whom its trust policy lets in.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::state::Sts;
use crate::authorization::validate;
use crate::core::{Arn, Caller, Hub, Input, Principal, Question, Reply, Request, ServiceError, Session};
use crate::iam::TrustedRole;
use crate::operations::Operation;

/// The seconds of a session unless the request says otherwise.
const USUAL: i64 = 3600;
/// The most seconds of a session that another session asks for.
const CHAINED: i64 = 3600;
/// The seconds, of the machine's clock, of a service's session: a function's credentials outlast it.
const OF_A_SERVICE: u64 = 43_200;
/// The characters that the policies of a session may have together.
const PACKED: usize = 2048;

pub(super) const OPERATIONS: &[Operation<Sts>] = &[Operation::<Sts>::now(
    "AssumeRole",
    "RoleArn RoleSessionName PolicyArns{arn} Policy DurationSeconds Tags{Key Value} TransitiveTagKeys ExternalId SourceIdentity",
    Sts::assume_role,
)
.on_found(|_, input| vec![input.opt_str("RoleArn").unwrap_or("*").to_owned()])
.asking(|_, input| keys(input))
.sound(|_, input| {
    let arn = input.str("RoleArn")?;
    match Arn::parse(arn) {
        Some(_) => Ok(()),
        None => Err(ServiceError::new("ValidationError", format!("{arn} is invalid"))),
    }
})];

/// The condition keys of the request.
fn keys(input: &Input) -> Vec<(String, Vec<String>)> {
    let members = [
        ("ExternalId", "sts:ExternalId"),
        ("RoleSessionName", "sts:RoleSessionName"),
        ("SourceIdentity", "sts:SourceIdentity"),
    ];
    let given = members.into_iter().filter_map(|(member, key)| Some((key, input.opt_str(member)?)));
    let transitive = Some(input.strings("TransitiveTagKeys")).filter(|keys| !keys.is_empty());
    given
        .map(|(key, value)| (key.to_owned(), vec![value.to_owned()]))
        .chain(transitive.map(|keys| ("sts:TransitiveTagKeys".to_owned(), keys)))
        .collect()
}

/// A session of a role for a service that acts as it, such as `codebuild.amazonaws.com`.
///
/// # Errors
/// Fails if the role is not there or does not trust the service.
pub(crate) async fn session(hub: &Hub, role: &str, name: &str, service: &'static str) -> Result<Caller, ServiceError> {
    chained(hub, &Caller::service(service), role, name).await
}

/// A session of a role for a caller who assumes it, such as another session.
///
/// # Errors
/// Fails if the role is not there, does not trust the caller, or the caller may not assume it.
pub(crate) async fn chained(hub: &Hub, caller: &Caller, role: &str, name: &str) -> Result<Caller, ServiceError> {
    let input = json!({ "RoleArn": role, "RoleSessionName": session_name(name) });
    let made = hub.call_as(caller, "sts", "AssumeRole", input).await?;
    let text = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let id = text("/AssumedRoleUser/AssumedRoleId").split(':').next().unwrap_or_default();
    let session = Session {
        role: role.to_owned(),
        role_id: id.to_owned(),
        name: session_name(name),
        policies: Vec::new(),
        tags: Vec::new(),
        transitive: Vec::new(),
    };
    let access_key = Some(text("/Credentials/AccessKeyId").to_owned());
    Ok(Caller { principal: Principal::Session(Arc::new(session)), access_key, through: None })
}

/// A name that STS takes: two to 64 letters, digits and `_+=,.@-`.
fn session_name(name: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    let kept: String = name.chars().map(|letter| if allowed(letter) { letter } else { '-' }).take(64).collect();
    format!("{kept:-<2}")
}

impl Sts {
    fn assume_role(&self, request: &Request) -> Reply {
        let input = &request.input;
        let arn = input.str("RoleArn")?;
        let Some(role) = self.directory.trusted_role(arn) else { return Err(self.refused(request, arn)) };
        let name = input.str("RoleSessionName")?;
        let lifetime = self.lifetime(request, &role)?;
        let policies = self.session_policies(input)?;
        let (tags, transitive) = self.tags(request, arn)?;
        let packed = policies.iter().map(String::len).sum::<usize>();
        let session = Session {
            role: role.arn.clone(),
            role_id: role.id.clone(),
            name: name.to_owned(),
            policies,
            tags,
            transitive,
        };
        let caller = Caller::from(Principal::Session(Arc::new(session)));
        let account = &self.hub.identity.account;
        let assumed = json!({ "AssumedRoleId": caller.user_id(account), "Arn": caller.arn(account) });
        let credentials = self.credentials.give(&self.hub, caller.principal, lifetime);
        let mut answer = json!({ "Credentials": credentials, "AssumedRoleUser": assumed });
        if packed > 0 {
            answer["PackedPolicySize"] = json!(packed * 100 / PACKED);
        }
        if let Some(identity) = input.opt_str("SourceIdentity") {
            answer["SourceIdentity"] = json!(identity);
        }
        Ok(answer)
    }

    /// The answer of STS for a role that is not there: the same as for one that trusts somebody else.
    fn refused(&self, request: &Request, arn: &str) -> ServiceError {
        let caller = request.caller.arn(&self.hub.identity.account);
        let text = format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        ServiceError::new("AccessDenied", text).with_status(403)
    }

    fn lifetime(&self, request: &Request, role: &TrustedRole) -> Result<Duration, ServiceError> {
        if matches!(request.caller.principal, Principal::Service(_) | Principal::Plane) {
            return Ok(Duration::from_secs(OF_A_SERVICE).mul_f64(self.hub.clock.scale()));
        }
        let seconds = request.input.opt_i64("DurationSeconds").unwrap_or(USUAL);
        if seconds > role.max_session {
            let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
            return Err(ServiceError::new("ValidationError", text));
        }
        if matches!(request.caller.principal, Principal::Session(_)) && seconds > CHAINED {
            let text =
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
            return Err(ServiceError::new("ValidationError", text));
        }
        Ok(Duration::from_secs(seconds.unsigned_abs()))
    }

    /// The documents that narrow the session.
    fn session_policies(&self, input: &Input) -> Result<Vec<String>, ServiceError> {
        let malformed = |text: String| ServiceError::new("MalformedPolicyDocument", text);
        let mut policies = Vec::new();
        if let Some(text) = input.opt_str("Policy") {
            validate::inline(text).map_err(|fault| malformed(fault.0))?;
            policies.push(text.to_owned());
        }
        for given in input.list("PolicyArns") {
            let arn = given["arn"].as_str().unwrap_or_default();
            let text = self.directory.policy_document(arn);
            policies.push(text.ok_or_else(|| malformed(format!("Policy {arn} does not exist or is not attachable.")))?);
        }
        Ok(policies)
    }

    /// The session's tags, and the keys of those that go on to the next session. Tags of the request take a permission of
    /// their own; those that the calling session hands on are there without.
    fn tags(&self, request: &Request, role: &str) -> Result<(Tags, Vec<String>), ServiceError> {
        let given = given_tags(&request.input)?;
        let handed_on = match &request.caller.principal {
            Principal::Session(session) => handed_on(session),
            _ => Vec::new(),
        };
        if given.iter().any(|(key, _)| has(&handed_on, key)) {
            let text = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
            return Err(ServiceError::new("InvalidParameterValue", text));
        }
        let asked = request.input.strings("TransitiveTagKeys");
        if asked.iter().any(|key| !has(&given, key)) {
            let text = "The specified transitive tag key must be included in the requested tags.";
            return Err(ServiceError::new("InvalidParameterValue", text));
        }
        if let Some(authority) = self.hub.authority().filter(|_| !given.is_empty() && !request.caller.is_plane()) {
            let (caller, resources) = (&request.caller, [role.to_owned()]);
            let context = tag_keys(&given, &asked);
            let denied =
                authority.decide(&Question { caller, action: "sts:TagSession", resources: &resources, context });
            denied.map_err(|denial| ServiceError { code: "AccessDenied".to_owned(), ..denial })?;
        }
        let transitive = handed_on.iter().map(|(key, _)| key.clone()).chain(asked).collect();
        Ok((handed_on.into_iter().chain(given).collect(), transitive))
    }
}

/// Tags by key.
type Tags = Vec<(String, String)>;

/// True if a key is among tags, however it is spelt.
fn has(tags: &Tags, key: &str) -> bool {
    tags.iter().any(|(known, _)| known.eq_ignore_ascii_case(key))
}

/// The tags of a request.
fn given_tags(input: &Input) -> Result<Tags, ServiceError> {
    let mut tags = Tags::new();
    for tag in input.list("Tags") {
        let text = |member: &str| tag[member].as_str().unwrap_or_default().to_owned();
        let key = text("Key");
        if has(&tags, &key) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(ServiceError::new("InvalidParameterValue", text));
        }
        tags.push((key, text("Value")));
    }
    Ok(tags)
}

/// The tags of a session that the sessions after it have, too.
fn handed_on(session: &Session) -> Tags {
    let goes_on = |key: &str| session.transitive.iter().any(|known| known.eq_ignore_ascii_case(key));
    session.tags.iter().filter(|(key, _)| goes_on(key)).cloned().collect()
}

/// The condition keys of `sts:TagSession`.
fn tag_keys(given: &Tags, transitive: &[String]) -> Vec<(String, Vec<String>)> {
    let mut keys: Vec<(String, Vec<String>)> =
        given.iter().map(|(key, value)| (format!("aws:RequestTag/{key}"), vec![value.clone()])).collect();
    keys.push(("aws:TagKeys".to_owned(), given.iter().map(|(key, _)| key.clone()).collect()));
    if !transitive.is_empty() {
        keys.push(("sts:TransitiveTagKeys".to_owned(), transitive.to_vec()));
    }
    keys
}

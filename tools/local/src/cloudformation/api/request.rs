//! The common members of the requests that change stacks: names, templates, settings, tokens.

use std::sync::Arc;

use serde_json::Value;

use super::state::CloudFormation;
use crate::cloudformation::errors::{unsupported, validation};
use crate::cloudformation::parameters::Given;
use crate::cloudformation::plan::{Draft, Prepared, Refusal, Settings};
use crate::cloudformation::provider::Actor;
use crate::cloudformation::roles;
use crate::cloudformation::stack::Stack;
use crate::cloudformation::status::OnFailure;
use crate::cloudformation::template::Source;
use crate::core::{Caller, Hub, Input, Request, ServiceError};

/// The most bytes of a template in a request, and of one in S3 (CloudFormation's quotas).
const MAX_BODY: usize = 51_200;
const MAX_OBJECT: usize = 1_000_000;

/// A rollback that alarms set off is not run; a configuration without triggers asks for none.
pub(super) fn refuse_rollback_configuration(input: &Input) -> Result<(), ServiceError> {
    let configuration = input.object("RollbackConfiguration");
    let monitors = configuration.opt_i64("MonitoringTimeInMinutes").unwrap_or(0) > 0;
    if configuration.list("RollbackTriggers").is_empty() && !monitors {
        return Ok(());
    }
    Err(unsupported("cloudformation with RollbackConfiguration"))
}

/// The effect of a failure, by the name in a request.
pub(super) fn on_failure(name: Option<&str>, member: &str) -> Result<OnFailure, ServiceError> {
    match name {
        None | Some("ROLLBACK") => Ok(OnFailure::Rollback),
        Some("DO_NOTHING") => Ok(OnFailure::DoNothing),
        Some("DELETE") => Ok(OnFailure::Delete),
        Some(other) => Err(validation(format!("{other} is not a value of {member}"))),
    }
}

/// The actor of the request's operation: the stack's role, or its caller.
pub(super) fn actor(request: &Request, role: Option<&String>) -> Actor {
    Actor { caller: request.caller.clone(), role: role.cloned() }
}

/// The tags that a stack has.
pub(super) fn tags_of(stack: &Stack) -> Vec<(String, String)> {
    stack.current.as_ref().map(|current| current.settings.tags.clone()).unwrap_or_default()
}

/// A name for a new stack or change set.
pub(super) fn new_name(name: &str, member: &str) -> Result<(), ServiceError> {
    let fine = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.len() <= 128
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if fine {
        return Ok(());
    }
    Err(validation(format!(
        "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
    )))
}

/// A member that must be there.
pub(super) fn required<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    input.opt_str(member).filter(|text| !text.is_empty()).ok_or_else(|| {
        validation(format!("1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"))
    })
}

/// Tags, capabilities, role and topics. A member that a request leaves out stays as it is; of a change set (which is not
/// `direct`) the capabilities do not.
pub(super) fn settings(input: &Input, previous: Option<&Settings>, direct: bool) -> Result<Settings, ServiceError> {
    let previous = previous.cloned().unwrap_or_default();
    let tag = |item: &Value| {
        let item = Input::from(item.clone());
        Some((item.opt_str("Key")?.to_owned(), item.opt_str("Value").unwrap_or_default().to_owned()))
    };
    let tags: Vec<(String, String)> = match input.get("Tags") {
        Some(_) => input.list("Tags").iter().filter_map(tag).collect(),
        None => previous.tags,
    };
    check_tags(&tags)?;
    Ok(Settings {
        tags,
        capabilities: match input.get("Capabilities") {
            None if direct => previous.capabilities,
            _ => input.strings("Capabilities"),
        },
        role_arn: input.opt_str("RoleARN").map(str::to_owned).or(previous.role_arn),
        notification_arns: match input.get("NotificationARNs") {
            Some(_) => input.strings("NotificationARNs"),
            None => previous.notification_arns,
        },
    })
}

/// AWS keeps keys that begin with `aws:` to itself, and takes each key once. Assumed: the texts.
fn check_tags(tags: &[(String, String)]) -> Result<(), ServiceError> {
    for (index, (key, _)) in tags.iter().enumerate() {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(validation(format!("Tag keys that begin with aws: are reserved: {key}")));
        }
        if tags[..index].iter().any(|(other, _)| other == key) {
            return Err(validation(format!("Tags contain the key {key} more than once")));
        }
    }
    Ok(())
}

/// True if the request of that token was taken already; notes it when it was not.
pub(super) fn is_retry(stack: &mut Stack, token: Option<&str>, what: &str) -> Result<bool, ServiceError> {
    let Some(token) = token else { return Ok(false) };
    match stack.tokens.get(token) {
        Some(taken) if taken == what => Ok(true),
        Some(_) => Err(ServiceError::new(
            "TokenAlreadyExistsException",
            format!("A client request token already exists: {token}"),
        )),
        None => {
            stack.tokens.insert(token.to_owned(), what.to_owned());
            Ok(false)
        }
    }
}

impl CloudFormation {
    /// The form that the request gives the stack.
    pub(super) async fn prepare(
        &self,
        request: &Request,
        before: &Stack,
        direct: bool,
    ) -> Result<Arc<Prepared>, Refusal> {
        let input = &request.input;
        let current = before.current.as_deref();
        let settings = settings(input, current.map(|current| &current.settings), direct)?;
        let caller = match &settings.role_arn {
            Some(role) => roles::session(&self.hub, role).await?,
            None => request.caller.through(roles::SERVICE),
        };
        let draft = Draft {
            stack: before.identity.clone(),
            source: self.source(request, current.map(|current| &current.source)).await?,
            given: Given::list(input),
            previous: current.map(|current| current.parameters.clone()).unwrap_or_default(),
            settings,
            acknowledged: input.strings("Capabilities"),
            allowed_types: input.strings("ResourceTypes"),
            exports: self.exported_values(),
            live: before
                .resources
                .iter()
                .filter_map(|(id, resource)| Some((id.clone(), resource.live.as_ref()?.properties.clone())))
                .collect(),
            caller,
            direct,
        };
        let prepared = Prepared::of(&self.hub, self.lookup, draft).await?;
        check_types(before, &prepared)?;
        Ok(prepared)
    }

    /// The template of a request, or the stack's own where the request says so.
    pub(super) async fn source(&self, request: &Request, previous: Option<&Source>) -> Result<Source, ServiceError> {
        let input = &request.input;
        let (body, url) = (input.opt_str("TemplateBody"), input.opt_str("TemplateURL"));
        if input.opt_bool("UsePreviousTemplate").unwrap_or(false) {
            // Assumed: the text. That the two exclude each other is documented with both members.
            if body.is_some() || url.is_some() {
                return Err(validation(
                    "You cannot specify both usePreviousTemplate and Template Body or Template URL.",
                ));
            }
            return previous.cloned().ok_or_else(|| validation("there is no previous template to use"));
        }
        match (body, url) {
            (Some(body), None) if body.len() > MAX_BODY => Err(validation(format!(
                "1 validation error detected: Value '{body}' at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to {MAX_BODY}"
            ))),
            (Some(body), None) => Source::read(body.to_owned()),
            (None, Some(url)) => Source::read(self.read_object(&request.caller, url, "TemplateURL", MAX_OBJECT).await?),
            _ => Err(validation("Either Template URL or Template Body must be specified.")),
        }
    }

    /// The text of an object in S3 that a member of a request names by its URL, read for the caller.
    pub(super) async fn read_object(
        &self,
        caller: &Caller,
        url: &str,
        member: &str,
        most: usize,
    ) -> Result<String, ServiceError> {
        if let Some(rest) = url.strip_prefix("s3://") {
            let bucket = rest.split('/').next().unwrap_or_default();
            return Err(validation(format!("S3 error: Domain name specified in {bucket} is not a valid S3 domain")));
        }
        let (bucket, key) =
            object_of(&self.hub, url).ok_or_else(|| validation(format!("{member} must be a supported URL.")))?;
        let object =
            self.hub.objects_as(&caller.through(roles::SERVICE))?.get(&bucket, &key).await.map_err(|error| {
                let message = if error.is("AccessDenied") { "Access Denied" } else { &error.message };
                validation(format!("S3 error: {message} (s3://{bucket}/{key})"))
            })?;
        if object.body.len() > most {
            return Err(validation(format!("Template may not exceed {most} bytes in size.")));
        }
        String::from_utf8(object.body.to_vec())
            .map_err(|_| validation(format!("Template format error: s3://{bucket}/{key} is not UTF-8")))
    }
}

fn check_types(before: &Stack, wanted: &Prepared) -> Result<(), ServiceError> {
    let changed: Vec<&str> = wanted
        .graph
        .ids()
        .filter(|id| {
            let old = before.resources.get(*id).filter(|resource| resource.live.is_some());
            let new = wanted.template.resources.get(*id);
            old.zip(new).is_some_and(|(old, new)| old.resource_type != new.resource_type)
        })
        .map(String::as_str)
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    Err(validation(format!(
        "Update of resource type is not permitted. The new template modifies resource type of the following resources: [{}]",
        changed.join(", ")
    )))
}

/// The bucket and key of an S3 URL, in whichever style: virtual-hosted, path, the plane's own endpoint.
fn object_of(hub: &Hub, url: &str) -> Option<(String, String)> {
    let decode = |text: &str| {
        let text = text.split(['?', '#']).next().unwrap_or(text);
        percent_encoding::percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
    };
    let pair = |path: &str| {
        let (bucket, key) = path.split_once('/')?;
        Some((bucket.to_owned(), decode(key)?)).filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
    };
    if let Some(path) = url.strip_prefix(&hub.endpoint) {
        return pair(path.strip_prefix('/')?);
    }
    let (host, path) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?.split_once('/')?;
    let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    let own_port = hub.endpoint.rsplit_once(':').map(|(_, port)| port);
    if port.is_some() && port == own_port {
        // The plane by another name: `localhost`, or a bucket in front of it.
        return match host.split_once('.') {
            Some((bucket, "localhost")) => Some((bucket.to_owned(), decode(path)?)),
            _ => pair(path),
        };
    }
    let service = |host: &str| {
        let region = host.strip_suffix(".amazonaws.com");
        region.is_some_and(|name| name == "s3" || name.starts_with("s3.") || name.starts_with("s3-"))
    };
    if service(host) {
        return pair(path);
    }
    let bucket_end = host.match_indices(".s3").map(|(index, _)| index).find(|index| service(&host[index + 1..]))?;
    Some((host[..bucket_end].to_owned(), decode(path)?))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::core::{Clock, Ids, PlaneIdentity};

    #[test_case("http://127.0.0.1:4566/b/k%20t.json?versionId=1", Some(("b", "k t.json")))]
    #[test_case("http://localhost:4566/b/t.json", Some(("b", "t.json")))]
    #[test_case("http://b.localhost:4566/t.json", Some(("b", "t.json")))]
    #[test_case("https://b.s3.amazonaws.com/t.json", Some(("b", "t.json")))]
    #[test_case("https://my.b.s3.us-east-1.amazonaws.com/t.json", Some(("my.b", "t.json")))]
    #[test_case("https://b.s3-us-west-2.amazonaws.com/k/t.json", Some(("b", "k/t.json")))]
    #[test_case("https://s3.amazonaws.com/b/t.json", Some(("b", "t.json")))]
    #[test_case("https://s3.eu-west-1.amazonaws.com/b/t.json", Some(("b", "t.json")))]
    #[test_case("https://s3-eu-west-1.amazonaws.com/b/t.json", Some(("b", "t.json")))]
    #[test_case("https://example.com/b/t.json", None)]
    #[test_case("s3://b/k", None)]
    #[test_case("t.json", None)]
    fn a_template_url_names_an_object(url: &str, expected: Option<(&str, &str)>) {
        let endpoint = "http://127.0.0.1:4566".to_owned();
        let hub = Hub::new(Clock::scaled(1.0), Ids::seeded(1), PlaneIdentity::default(), endpoint, "/nowhere".into());
        let found = object_of(&hub, url);
        assert_eq!(found, expected.map(|(bucket, key)| (bucket.to_owned(), key.to_owned())));
    }
}

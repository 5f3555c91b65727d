//! What the requests that change stacks have in common: names, templates, settings, tokens.

use serde_json::Value;

use super::CloudFormation;
use crate::cloudformation::errors::{unsupported, validation};
use crate::cloudformation::plan::Settings;
use crate::cloudformation::stack::Stack;
use crate::cloudformation::template::Source;
use crate::core::{Hub, Input, ServiceError};

/// The most bytes of a template in a request, and of one in S3 (CloudFormation's quotas).
const MAX_BODY: usize = 51_200;
const MAX_OBJECT: usize = 1_000_000;

/// Refuses members that would change what the operation means and that the plane does not run.
pub(super) fn refuse(input: &Input, members: &[&str]) -> Result<(), ServiceError> {
    let asked = |name: &&&str| match input.get(name) {
        None | Some(Value::Bool(false)) => false,
        Some(Value::String(text)) => text != "false",
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        Some(_) => true,
    };
    match members.iter().find(asked) {
        Some(member) => Err(unsupported(format_args!("cloudformation with {member}"))),
        None => Ok(()),
    }
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

/// Tags, capabilities, role and topics. What a request leaves out stays as it is; capabilities are acknowledged anew.
pub(super) fn settings(input: &Input, previous: Option<&Settings>) -> Settings {
    let previous = previous.cloned().unwrap_or_default();
    let tag = |item: &Value| {
        let item = Input::from(item.clone());
        Some((item.opt_str("Key")?.to_owned(), item.opt_str("Value").unwrap_or_default().to_owned()))
    };
    Settings {
        tags: match input.get("Tags") {
            Some(_) => input.list("Tags").iter().filter_map(tag).collect(),
            None => previous.tags,
        },
        capabilities: input.strings("Capabilities"),
        role_arn: input.opt_str("RoleARN").map(str::to_owned).or(previous.role_arn),
        notification_arns: match input.get("NotificationARNs") {
            Some(_) => input.strings("NotificationARNs"),
            None => previous.notification_arns,
        },
    }
}

/// Whether the request of that token was taken already; notes it when it was not.
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
    /// The template of a request, or the stack's own where the request says so.
    pub(super) async fn source(&self, input: &Input, previous: Option<&Source>) -> Result<Source, ServiceError> {
        if input.opt_bool("UsePreviousTemplate").unwrap_or(false) {
            return previous.cloned().ok_or_else(|| validation("there is no previous template to use"));
        }
        match (input.opt_str("TemplateBody"), input.opt_str("TemplateURL")) {
            (Some(body), None) if body.len() > MAX_BODY => Err(validation(format!(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to {MAX_BODY}"
            ))),
            (Some(body), None) => Source::read(body.to_owned()),
            (None, Some(url)) => self.read_url(url).await,
            _ => Err(validation("Either Template URL or Template Body must be specified.")),
        }
    }

    async fn read_url(&self, url: &str) -> Result<Source, ServiceError> {
        let (bucket, key) =
            object_of(&self.hub, url).ok_or_else(|| validation("TemplateURL must be a supported URL."))?;
        let object = self
            .hub
            .objects()?
            .get(&bucket, &key)
            .await
            .map_err(|error| validation(format!("S3 error: {} (s3://{bucket}/{key})", error.message)))?;
        if object.body.len() > MAX_OBJECT {
            return Err(validation(format!("Template may not exceed {MAX_OBJECT} bytes in size.")));
        }
        let body = String::from_utf8(object.body.to_vec())
            .map_err(|_| validation(format!("Template format error: s3://{bucket}/{key} is not UTF-8")))?;
        Source::read(body)
    }
}

/// The bucket and key of an S3 URL, in whichever style: virtual-hosted, path, the plane's own endpoint, `s3://`.
fn object_of(hub: &Hub, url: &str) -> Option<(String, String)> {
    let decode = |text: &str| {
        let text = text.split(['?', '#']).next().unwrap_or(text);
        percent_encoding::percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
    };
    let pair = |path: &str| {
        let (bucket, key) = path.split_once('/')?;
        Some((bucket.to_owned(), decode(key)?)).filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
    };
    if let Some(path) = url.strip_prefix("s3://") {
        return pair(path);
    }
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

    #[test_case("s3://b/k/t.json", Some(("b", "k/t.json")))]
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
    #[test_case("s3://b", None)]
    #[test_case("t.json", None)]
    fn a_template_url_names_an_object(url: &str, expected: Option<(&str, &str)>) {
        let endpoint = "http://127.0.0.1:4566".to_owned();
        let hub = Hub::new(Clock::scaled(1.0), Ids::seeded(1), PlaneIdentity::default(), endpoint, "/nowhere".into());
        let found = object_of(&hub, url);
        assert_eq!(found, expected.map(|(bucket, key)| (bucket.to_owned(), key.to_owned())));
    }
}

//! Tags on applications and deployment groups.

use serde_json::{Value, json};

use super::catalog::Catalog;
use super::service::CodeDeploy;
use super::tag_set::Tags;
use crate::core::{Arn, Input, Reply, ServiceError};
use crate::operations::Operation;

/// <https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html>
const MOST: usize = 50;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

type Declared = Operation<CodeDeploy>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("TagResource", "*", |service, request| {
        service.catalog(|catalog| {
            let tags = of_resource(catalog, &request.input)?;
            let given = request.input.list("Tags");
            if given.is_empty() {
                return Err(required());
            }
            let mut all = tags.clone();
            all.extend(read(given)?);
            *tags = limited(all)?;
            Ok(json!({}))
        })
    })
    .on("{ResourceArn}"),
    Declared::now("UntagResource", "*", |service, request| {
        service.catalog(|catalog| {
            let tags = of_resource(catalog, &request.input)?;
            let keys = request.input.strings("TagKeys");
            if keys.is_empty() {
                return Err(required());
            }
            tags.retain(|key, _| !keys.contains(key));
            Ok(json!({}))
        })
    })
    .on("{ResourceArn}"),
    Declared::now("ListTagsForResource", "*", |service, request| {
        service.catalog(|catalog| list(catalog, &request.input))
    })
    .on("{ResourceArn}"),
];

fn list(catalog: &mut Catalog, input: &Input) -> Reply {
    let tags = of_resource(catalog, input)?;
    let all = tags.iter().map(|(key, value)| (key.as_str(), json!({ "Key": key, "Value": value })));
    let page = super::names::page("ListTagsForResource", input, all)?;
    Ok(json!({ "Tags": page.items, "NextToken": page.next }))
}

/// Reads tags (`Key`, `Value`).
///
/// # Errors
/// `InvalidTagsToAddException` for tags that cannot be put on anything.
pub(super) fn read(tags: &[Value]) -> Result<Tags, ServiceError> {
    let pair = |tag: &Value| {
        let key = tag["Key"].as_str().unwrap_or_default();
        let value = tag["Value"].as_str().unwrap_or_default();
        if key.is_empty() || key.chars().count() > LONGEST_KEY {
            return Err(invalid(format!("A tag's key must have 1 to {LONGEST_KEY} characters")));
        }
        if value.chars().count() > LONGEST_VALUE {
            return Err(invalid(format!("A tag's value must have at most {LONGEST_VALUE} characters")));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(invalid("Tag keys that begin with aws: are reserved".to_owned()));
        }
        Ok((key.to_owned(), value.to_owned()))
    };
    limited(tags.iter().map(pair).collect::<Result<Tags, ServiceError>>()?)
}

fn limited(tags: Tags) -> Result<Tags, ServiceError> {
    if tags.len() > MOST { Err(invalid(format!("A resource can have at most {MOST} tags"))) } else { Ok(tags) }
}

fn invalid(message: String) -> ServiceError {
    ServiceError::new("InvalidTagsToAddException", message)
}

fn required() -> ServiceError {
    ServiceError::new("TagRequiredException", "A tag must be specified")
}

/// The tags of the application or group that the request names.
fn of_resource<'a>(catalog: &'a mut Catalog, input: &Input) -> Result<&'a mut Tags, ServiceError> {
    let text = input.opt_str("ResourceArn").unwrap_or_default();
    let arn = Arn::parse(text)
        .filter(|arn| arn.service == "codedeploy")
        .ok_or_else(|| ServiceError::new("InvalidArnException", format!("The ARN is not valid: {text}")))?;
    if let Some(name) = arn.of_kind("application") {
        return Ok(&mut catalog.application_mut(name)?.tags);
    }
    match arn.of_kind("deploymentgroup").and_then(|name| name.split_once('/')) {
        Some((application, group)) => Ok(&mut catalog.group_mut(application, group)?.tags),
        None => Err(ServiceError::new("ArnNotSupportedException", format!("The ARN cannot have tags: {text}"))),
    }
}

//! Tags on applications and deployment groups.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::core::{Input, Reply, ServiceError};

use super::catalog::Catalog;

/// `TagResource`.
pub(super) fn tag(catalog: &mut Catalog, input: &Input) -> Reply {
    let arn = resource(catalog, input)?;
    put(catalog, &arn, input.list("Tags"))?;
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn untag(catalog: &mut Catalog, input: &Input) -> Reply {
    let arn = resource(catalog, input)?;
    if let Some(tags) = catalog.tags.get_mut(&arn) {
        for key in input.strings("TagKeys") {
            tags.remove(&key);
        }
    }
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(catalog: &Catalog, input: &Input) -> Reply {
    let arn = resource(catalog, input)?;
    let tags: Vec<Value> = catalog
        .tags
        .get(&arn)
        .into_iter()
        .flatten()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "Tags": tags }))
}

/// Puts tags (`Key`, `Value`) on an ARN.
///
/// # Errors
/// `InvalidTagsToAddException` for a tag without a key.
pub(super) fn put(catalog: &mut Catalog, arn: &str, tags: &[Value]) -> Result<(), ServiceError> {
    let pairs = tags
        .iter()
        .map(|tag| {
            let key = tag["Key"].as_str().filter(|key| !key.is_empty());
            let key = key.ok_or_else(|| ServiceError::new("InvalidTagsToAddException", "A tag needs a key"))?;
            Ok((key.to_owned(), tag["Value"].as_str().unwrap_or_default().to_owned()))
        })
        .collect::<Result<BTreeMap<_, _>, ServiceError>>()?;
    catalog.tags.entry(arn.to_owned()).or_default().extend(pairs);
    Ok(())
}

/// The ARN that the request names, when it is one of an application or group that exists.
fn resource(catalog: &Catalog, input: &Input) -> Result<String, ServiceError> {
    let arn = input
        .opt_str("ResourceArn")
        .ok_or_else(|| ServiceError::new("ResourceArnRequiredException", "ResourceArn is required"))?;
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let [_, _, "codedeploy", _, _, kind, name] = parts[..] else {
        return Err(ServiceError::new("InvalidArnException", format!("{arn} is not an ARN of CodeDeploy")));
    };
    match (kind, name.split_once('/')) {
        ("application", _) => catalog.application(name).map(|_| ())?,
        ("deploymentgroup", Some((application, group))) => catalog.group(application, group).map(|_| ())?,
        _ => return Err(ServiceError::new("ArnNotSupportedException", format!("{arn} cannot have tags"))),
    }
    Ok(arn.to_owned())
}

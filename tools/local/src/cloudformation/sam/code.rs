//! `CodeUri`: the place of a function's code in S3.

use serde_json::{Map, Value, json};

use super::resource::SamResource;
use super::transform_error::TransformError;

/// The `Code` of a function. A path on this machine is an error, as it is to CloudFormation: it must be uploaded first.
pub(super) fn code(function: &SamResource) -> Result<Value, TransformError> {
    if let inline @ Value::String(_) = function.property("InlineCode") {
        return Ok(json!({ "ZipFile": inline }));
    }
    match function.property("CodeUri") {
        Value::Null => Err(function.fault("Only one of 'InlineCode' or 'CodeUri' can be set.")),
        Value::String(uri) => from_uri(function, &uri),
        Value::Object(location) => from_location(function, &location),
        _ => Err(function.fault("'CodeUri' must be of type dict or string.")),
    }
}

fn from_uri(function: &SamResource, uri: &str) -> Result<Value, TransformError> {
    let invalid = || {
        function.fault(format!(
            "'CodeUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter: \
             {uri} must be uploaded first"
        ))
    };
    let rest = uri.strip_prefix("s3://").ok_or_else(invalid)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (bucket, key) = path.split_once('/').filter(|(bucket, _)| !bucket.is_empty()).ok_or_else(invalid)?;
    let mut code = Map::new();
    code.insert("S3Bucket".to_owned(), json!(bucket));
    code.insert("S3Key".to_owned(), json!(key.trim_start_matches('/')));
    let version = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "versionId");
    if let Some((_, version)) = version {
        code.insert("S3ObjectVersion".to_owned(), json!(version));
    }
    Ok(Value::Object(code))
}

fn from_location(function: &SamResource, location: &Map<String, Value>) -> Result<Value, TransformError> {
    let mut code = Map::new();
    for (from, to) in [("Bucket", "S3Bucket"), ("Key", "S3Key"), ("Version", "S3ObjectVersion")] {
        match location.get(from) {
            Some(value) => {
                code.insert(to.to_owned(), value.clone());
            }
            None if from == "Version" => {}
            None => return Err(function.fault("'CodeUri' requires Bucket and Key properties to be specified.")),
        }
    }
    Ok(Value::Object(code))
}

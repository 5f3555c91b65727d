//! The places in a template that refer to code in the artifact.

use serde_json::{Value, json};
use slipway_shared::objects::ObjectLocation;
use thiserror::Error;

/// A place in a template that names a file or folder of the artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalCode {
    /// The part of the template that refers to it: a resource's logical id, or `Globals`.
    pub(crate) owner: String,
    /// JSON pointer to the reference.
    pub(crate) pointer: String,
    /// Path inside the artifact, without `./` and trailing `/`; empty for the whole artifact.
    pub(crate) path: String,
    /// True if the folder must hold a `bootstrap`, because the runtime is one that starts nothing else.
    pub(crate) needs_bootstrap: bool,
    form: Form,
}

/// The spelling of the reference once the code is in S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `s3://bucket/key`, as SAM's resources take it.
    Uri,
    /// `{"S3Bucket": …, "S3Key": …}`, as Lambda's own resources take it.
    BucketAndKey,
}

/// A reference that cannot be released.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum CodeReferenceError {
    #[error("the template has no Resources")]
    NoResources,
    #[error("{owner} ({kind}) has neither CodeUri nor InlineCode nor an image")]
    NoCode { owner: String, kind: String },
    #[error(
        "{owner} ({kind}) refers by {property} to the local file {path}, which Slipway cannot release: refer to S3"
    )]
    Unsupported { owner: String, kind: String, property: &'static str, path: String },
    #[error("{owner} refers to {path}, which leads out of the artifact")]
    Outside { owner: String, path: String },
}

/// Properties by which other resources may refer to local files, none of which are packaged here.
const UNSUPPORTED: [(&str, &str); 7] = [
    ("AWS::Serverless::Api", "DefinitionUri"),
    ("AWS::Serverless::HttpApi", "DefinitionUri"),
    ("AWS::Serverless::StateMachine", "DefinitionUri"),
    ("AWS::Serverless::GraphQLApi", "SchemaUri"),
    ("AWS::Serverless::Application", "Location"),
    ("AWS::CloudFormation::Stack", "TemplateURL"),
    ("AWS::ApiGateway::RestApi", "BodyS3Location"),
];

/// The JSON pointer to the code that SAM gives to every function without its own.
pub(super) const GLOBAL_CODE: &str = "/Globals/Function/CodeUri";

/// The JSON pointer to a resource's property.
pub(super) fn place_of(id: &str, property: &str) -> String {
    format!("/Resources/{}/Properties/{property}", id.replace('~', "~0").replace('/', "~1"))
}

/// Every reference to local code in `template`, in the order of the template.
pub(crate) fn code_references(template: &Value) -> Result<Vec<LocalCode>, CodeReferenceError> {
    let mut found = Vec::new();
    let globals = &template["Globals"]["Function"];
    if let Some(path) = local_path(&globals["CodeUri"]) {
        let needs_bootstrap = is_provided(&globals["Runtime"]);
        let pointer = GLOBAL_CODE.to_owned();
        found.push(local_code("Globals", pointer, path, Form::Uri, needs_bootstrap)?);
    }
    let resources = template["Resources"].as_object().ok_or(CodeReferenceError::NoResources)?;
    for (id, resource) in resources {
        let kind = resource["Type"].as_str().unwrap_or_default();
        refuse_unsupported(id, kind, &resource["Properties"])?;
        found.extend(of_resource(id, kind, resource, globals)?);
    }
    Ok(found)
}

/// Replaces a reference by the object that now holds the code.
pub(crate) fn point_to(template: &mut Value, code: &LocalCode, location: &ObjectLocation) {
    if let Some(reference) = template.pointer_mut(&code.pointer) {
        *reference = match code.form {
            Form::Uri => json!(location.uri()),
            Form::BucketAndKey => json!({"S3Bucket": location.bucket, "S3Key": location.key}),
        };
    }
}

fn of_resource(
    id: &str,
    kind: &str,
    resource: &Value,
    globals: &Value,
) -> Result<Option<LocalCode>, CodeReferenceError> {
    let properties = &resource["Properties"];
    let (property, form) = match kind {
        "AWS::Serverless::Function" => ("CodeUri", Form::Uri),
        "AWS::Lambda::Function" => ("Code", Form::BucketAndKey),
        "AWS::Serverless::LayerVersion" => ("ContentUri", Form::Uri),
        "AWS::Lambda::LayerVersion" => ("Content", Form::BucketAndKey),
        _ => return Ok(None),
    };
    let reference = &properties[property];
    if kind == "AWS::Serverless::Function" && reference.is_null() && !has_code(properties, globals) {
        return Err(CodeReferenceError::NoCode { owner: id.to_owned(), kind: kind.to_owned() });
    }
    let Some(path) = local_path(reference) else { return Ok(None) };
    let runtime = if properties["Runtime"].is_null() { &globals["Runtime"] } else { &properties["Runtime"] };
    let needs_bootstrap = kind.ends_with("::Function") && is_provided(runtime);
    local_code(id, place_of(id, property), path, form, needs_bootstrap).map(Some)
}

/// True if a SAM function without a `CodeUri` of its own has code all the same.
fn has_code(properties: &Value, globals: &Value) -> bool {
    let is_image = |of: &Value| of["PackageType"] == "Image" || !of["ImageUri"].is_null();
    !properties["InlineCode"].is_null() || is_image(properties) || is_image(globals) || !globals["CodeUri"].is_null()
}

fn refuse_unsupported(id: &str, kind: &str, properties: &Value) -> Result<(), CodeReferenceError> {
    let property = UNSUPPORTED.iter().find(|(refused, _)| *refused == kind).map(|(_, property)| *property);
    match property.and_then(|property| Some((property, local_path(&properties[property])?))) {
        Some((property, path)) => Err(CodeReferenceError::Unsupported {
            owner: id.to_owned(),
            kind: kind.to_owned(),
            property,
            path: path.to_owned(),
        }),
        None => Ok(()),
    }
}

fn local_code(
    owner: &str,
    pointer: String,
    path: &str,
    form: Form,
    needs_bootstrap: bool,
) -> Result<LocalCode, CodeReferenceError> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    if path.starts_with('/') || segments.contains(&"..") {
        return Err(CodeReferenceError::Outside { owner: owner.to_owned(), path: path.to_owned() });
    }
    Ok(LocalCode { owner: owner.to_owned(), pointer, path: segments.join("/"), needs_bootstrap, form })
}

/// The path, if the reference is a text that names no remote place.
fn local_path(reference: &Value) -> Option<&str> {
    reference.as_str().filter(|text| !text.contains("://") && !text.starts_with("arn:"))
}

pub(super) fn is_provided(runtime: &Value) -> bool {
    runtime.as_str().is_some_and(|runtime| runtime.starts_with("provided"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test]
    fn references_are_found_in_globals_functions_and_layers() {
        let template = json!({
            "Globals": {"Function": {"Runtime": "provided.al2023", "CodeUri": "./shared/"}},
            "Resources": {
                "Own": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "target/lambda/own/"}},
                "Inherits": {"Type": "AWS::Serverless::Function", "Properties": {}},
                "Plain": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "python3.13", "Code": "src"}},
                "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "layer"}},
                "Remote": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "s3://b/k"}},
                "Object": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": {"Bucket": "b", "Key": "k"}}},
                "Inline": {"Type": "AWS::Serverless::Function", "Properties": {"InlineCode": "x"}},
                "Table": {"Type": "AWS::DynamoDB::Table"}
            }
        });
        let found: Vec<_> = code_references(&template).unwrap();
        let short: Vec<_> =
            found.iter().map(|code| (code.owner.as_str(), code.path.as_str(), code.needs_bootstrap)).collect();
        assert_eq!(
            short,
            [
                ("Globals", "shared", true),
                ("Own", "target/lambda/own", true),
                ("Plain", "src", false),
                ("Layer", "layer", false)
            ]
        );
    }

    #[test]
    fn a_reference_is_rewritten_in_its_resources_own_form() {
        let mut template = json!({"Resources": {
            "Sam": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "a"}},
            "Plain": {"Type": "AWS::Lambda::Function", "Properties": {"Code": "a"}}}});
        for code in code_references(&template).unwrap() {
            point_to(&mut template, &code, &ObjectLocation::new("bucket", "functions/1.zip"));
        }
        assert_eq!(template["Resources"]["Sam"]["Properties"]["CodeUri"], "s3://bucket/functions/1.zip");
        let code = &template["Resources"]["Plain"]["Properties"]["Code"];
        assert_eq!(*code, json!({"S3Bucket": "bucket", "S3Key": "functions/1.zip"}));
    }

    #[test_case(json!({"Type": "AWS::Serverless::HttpApi", "Properties": {"DefinitionUri": "api.yaml"}}), "DefinitionUri"; "a local definition")]
    #[test_case(json!({"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./nested.yaml"}}), "TemplateURL"; "a nested template")]
    #[test_case(json!({"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "../other"}}), "leads out"; "a path out of the artifact")]
    #[test_case(json!({"Type": "AWS::Serverless::Function", "Properties": {}}), "neither"; "no code at all")]
    fn is_refused_and_named(resource: Value, says: &str) {
        let error = code_references(&json!({"Resources": {"Thing": resource}})).unwrap_err().to_string();
        assert!(error.contains("Thing") && error.contains(says), "{error}");
    }
}

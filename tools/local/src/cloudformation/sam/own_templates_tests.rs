//! This repository's own templates: everything in them is something that the plane runs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::expand;
use crate::cloudformation::providers::provider;

const TEMPLATE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml"));
const PIPELINE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../pipeline.yaml"));

/// The template with every function's code uploaded, as the deploy trigger rewrites it.
fn uploaded(text: &str) -> Value {
    let mut template = slipway_shared::template::parse(text).unwrap().to_json();
    for resource in template["Resources"].as_object_mut().unwrap().values_mut() {
        if resource["Type"] == "AWS::Serverless::Function" {
            resource["Properties"]["CodeUri"] = json!("s3://artifacts/functions/0123.zip");
        }
    }
    template
}

fn expanded(text: &str) -> Value {
    let given = [("Stage", "production"), ("PipelineName", "slipway"), ("ArtifactBucket", "artifacts")];
    let parameters: BTreeMap<String, String> =
        given.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    expand(&uploaded(text), &parameters).unwrap()
}

/// Types and properties that no provider knows.
fn unknown(template: &Value) -> Vec<String> {
    let mut unknown = Vec::new();
    for (logical_id, resource) in template["Resources"].as_object().unwrap() {
        let kind = resource["Type"].as_str().unwrap();
        match provider(kind) {
            None => unknown.push(format!("{logical_id}: {kind}")),
            Some(provider) => {
                let properties = resource["Properties"].as_object().into_iter().flatten();
                let strange = properties.filter(|(name, _)| !provider.properties().contains(&name.as_str()));
                unknown.extend(strange.map(|(name, _)| format!("{logical_id}: {name} of {kind}")));
            }
        }
    }
    unknown
}

#[test]
fn the_application_expands_to_what_the_plane_runs() {
    let template = expanded(TEMPLATE);
    assert_eq!(unknown(&template), Vec::<String>::new());
    let resources = template["Resources"].as_object().unwrap();
    for id in [
        "ContactsApi",
        "ContactsApiAliaslive",
        "ContactsApiDeploymentGroup",
        "ServerlessDeploymentApplication",
        "ContactsHttpApi",
        "ContactsHttpApiStage",
    ] {
        assert!(resources.contains_key(id), "{id} is missing");
    }
    let target = &resources["ContactsIntegration"]["Properties"]["IntegrationUri"];
    assert_eq!(*target, json!({ "Ref": "ContactsApiAliaslive" }), "users must reach the alias that is shifted");
    let policy = &resources["ContactsApiAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"];
    assert_eq!(policy["BeforeAllowTrafficHook"], json!({ "Ref": "PreTraffic" }));
}

#[test]
fn the_pipeline_is_what_the_plane_runs() {
    assert_eq!(unknown(&expanded(PIPELINE)), Vec::<String>::new());
}

//! Declarations that are read, and what is wrong with others.

use serde_json::{Value, json};
use test_case::test_case;

use super::*;

fn action(name: &str, kind: [&str; 2], inputs: &[&str], outputs: &[&str]) -> Value {
    let artifacts = |names: &[&str]| -> Vec<Value> { names.iter().map(|name| json!({ "name": name })).collect() };
    json!({
        "name": name, "inputArtifacts": artifacts(inputs), "outputArtifacts": artifacts(outputs),
        "actionTypeId": { "owner": "AWS", "category": kind[0], "provider": kind[1], "version": "1" },
        "configuration": { "RepositoryName": "r", "BranchName": "b", "ProjectName": "p" },
    })
}

fn pipeline(stages: &[Vec<Value>]) -> Value {
    let stages: Vec<Value> = stages
        .iter()
        .enumerate()
        .map(|(index, actions)| json!({ "name": format!("Stage{index}"), "actions": actions }))
        .collect();
    json!({ "name": "app", "roleArn": "r", "artifactStore": { "type": "S3", "location": "b" }, "stages": stages })
}

fn source() -> Value {
    action("Source", ["Source", "CodeCommit"], &[], &["In"])
}

#[test]
fn a_usual_pipeline_is_read() {
    let build = action("Build", ["Build", "CodeBuild"], &["In"], &["Out"]);
    let read = Declaration::read(&pipeline(&[vec![source()], vec![build]])).unwrap();
    assert_eq!((read.mode, read.stages.len(), read.bucket.as_str()), (Mode::Superseded, 2, "b"));
    assert_eq!(read.stages[1].actions[0].provider, Provider::CodeBuild);
}

#[test_case(pipeline(&[vec![source()]]), "minimum of 2 stages"; "one stage")]
#[test_case(pipeline(&[vec![action("B", ["Build", "CodeBuild"], &["In"], &[])], vec![source()]]), "first stage"; "source is not first")]
#[test_case(pipeline(&[vec![source()], vec![action("B", ["Build", "CodeBuild"], &["Other"], &[])]]), "makes the artifact Other"; "unknown artifact")]
#[test_case(pipeline(&[vec![source()], vec![action("B", ["Build", "CodeBuild"], &["In"], &["In"])]]), "two actions make the artifact In"; "artifact made twice")]
#[test_case(pipeline(&[vec![source()], vec![action("D", ["Deploy", "ECS"], &["In"], &[])]]), "AWS Deploy ECS"; "an action type that is not run")]
#[test_case(pipeline(&[vec![source()], vec![action("L", ["Invoke", "Lambda"], &[], &[])]]), "FunctionName"; "missing configuration")]
fn what_is_wrong_is_named(declaration: Value, message: &str) {
    let error = Declaration::read(&declaration).unwrap_err();
    assert!(error.message.contains(message), "{error}");
}

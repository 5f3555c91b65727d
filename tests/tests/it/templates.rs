//! The templates under AWS's own linters, with no error and no warning.

use std::process::Command;

use slipway_tests::{program, project_dir};

fn lint(name: &str, words: &[&str]) {
    let output = Command::new(program(name))
        .args(words)
        .current_dir(project_dir())
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("SAM_CLI_TELEMETRY", "0")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && !said.to_lowercase().contains("warning"), "{name} {words:?}:\n{said}");
}

#[test]
fn cfn_lint_finds_nothing() {
    lint("cfn-lint", &["--include-checks", "W", "--", "template.yaml", "pipeline.yaml"]);
}

#[test]
fn sam_finds_both_valid() {
    lint("sam", &["validate", "--lint", "--template-file", "template.yaml", "--region", "us-east-1"]);
    lint("sam", &["validate", "--lint", "--template-file", "pipeline.yaml", "--region", "us-east-1"]);
}

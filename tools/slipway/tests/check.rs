//! `slipway check` as people run it: the program, its output and its exit code.

#![expect(clippy::unwrap_used, reason = "what a test arranges may unwrap")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use test_case::test_case;

const TEMPLATE: &str = "\
Resources:
  Shop:
    Type: AWS::Serverless::Function
  Table:
    Type: AWS::DynamoDB::Table
";

const HEAD: &str = "application: shop\nfunctions:\n  Shop:\n    suite:\n";

/// A folder with a template, and the files of a case.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in [("template.yaml", TEMPLATE.as_bytes())].iter().chain(files) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

/// What the program prints to both its streams, and its exit code.
fn checked(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_slipway")).arg("check").args(arguments).current_dir(folder).output();
    let output = output.unwrap();
    let texts = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    format!("{}{}exit {}", texts[0], texts[1], output.status.code().unwrap())
}

fn manifest(text: &str) -> String {
    checked(folder(&[("slipway.yaml", text.as_bytes())]).path(), &[])
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_repositorys_own_manifest_is_valid() {
    insta::assert_snapshot!(checked(&project(), &[]));
}

#[test]
fn there_is_no_manifest() {
    let output = checked(folder(&[]).path(), &["elsewhere.yaml"]);
    assert_eq!(
        output,
        "slipway: there is no manifest at elsewhere.yaml: No such file or directory (os error 2)\nexit 2"
    );
}

#[test]
fn a_folder_is_no_manifest() {
    assert_eq!(checked(folder(&[]).path(), &["."]), "slipway: . is no file\nexit 2");
}

#[test]
fn every_fault_of_every_kind_is_told_with_its_place() {
    let text = include_str!("faults/slipway.yaml");
    let folder = folder(&[
        ("slipway.yaml", text.as_bytes()),
        ("suites/binary.yaml", b"checks: \0\x01"),
        ("suites/latin.yaml", b"checks: [] # caf\xe9"),
        ("suites/empty.yaml", b""),
        ("suites/broken.yaml", b"checks:\n  - name: [\n"),
        ("suites/list.yaml", b"- a\n"),
        ("suites/schema.yaml", include_bytes!("faults/schema.yaml")),
        ("suites/contact.json", br#"{"type": "objekt"}"#),
    ]);
    insta::assert_snapshot!(checked(folder.path(), &[]));
}

#[test]
fn every_fault_of_stages_is_told_with_its_place() {
    insta::assert_snapshot!(manifest(include_str!("faults/stages.yaml")));
}

#[test]
fn two_hundred_faults_of_one_file_are_two_hundred_lines() {
    let checks: String = (0..200).map(|n| format!("      - {{name: c{n}, kind: invok, event: {{}}}}\n")).collect();
    let output = manifest(&format!("{HEAD}      checks:\n{checks}"));
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!((lines.len(), lines[200], lines[201]), (202, "slipway: 200 faults in slipway.yaml", "exit 1"));
    for (n, line) in lines[..200].iter().enumerate() {
        let place = format!("slipway.yaml:{}:{}: ", n + 6, "      - {name: c, kind: i".len() + n.to_string().len());
        assert!(line.starts_with(&place), "{line} is not at {place}");
    }
}

#[test]
fn faults_of_named_files_are_named_from_where_the_program_was_called() {
    let folder = folder(&[
        ("shop/slipway.yaml", b"application: shop\ntemplate: t.yaml\nfunctions: {Shop: {suite: s.yaml}}\n"),
        ("shop/t.yaml", TEMPLATE.as_bytes()),
        ("shop/s.yaml", b"checks: 1\n"),
    ]);
    let output = checked(folder.path(), &["shop/slipway.yaml"]);
    assert_eq!(
        output,
        "shop/s.yaml:1:9: expected a list, found a number\nslipway: 1 fault in shop/slipway.yaml\nexit 1"
    );
}

#[test_case("functions: {}\n" => "slipway.yaml:1:1: application is missing\nslipway.yaml:1:12: no function is named\nslipway: 2 faults in slipway.yaml\nexit 1"; "too little")]
#[test_case("" => "slipway.yaml:1:1: the file is empty\nslipway: 1 fault in slipway.yaml\nexit 1"; "nothing")]
#[test_case("a: [1" => "slipway.yaml:2:1: while parsing a flow sequence, expected ',' or ']'\nslipway: 1 fault in slipway.yaml\nexit 1"; "no yaml")]
#[test_case("application: shop\nfunctions: {Shop: {suite: {}}}\npromotion: {}\nnotifications: {}" => "slipway.yaml:3:1: promotion has no effect yet: this release of Slipway does not read it\nslipway.yaml:4:1: notifications has no effect yet: this release of Slipway does not read it\nslipway: 2 faults in slipway.yaml\nexit 1"; "members for later")]
#[test_case("application: shop\nfunctions: {Shp: {suite: {}}, Table: {suite: {}}}\ntemplate: template.yaml" => "slipway.yaml:2:13: there is no function Shp in template.yaml; did you mean Shop?\nslipway.yaml:2:31: Table is no function in template.yaml, but \"AWS::DynamoDB::Table\"\nslipway: 2 faults in slipway.yaml\nexit 1"; "functions that are none")]
#[test_case("application: shop\nfunctions: {Shop: {suite: {}}}\ntemplate: other.yaml" => "slipway.yaml:3:11: there is no file other.yaml\nslipway: 1 fault in slipway.yaml\nexit 1"; "no template")]
#[test_case("application: shop\nfunctions: {Shop: {suite: {}}}\nguard: {alias: '7', deployment: {Prod: AllAtOnce}}" => "slipway.yaml:3:16: \"7\" is no alias: up to 128 letters, digits, hyphens and underscores, and not digits alone\nslipway.yaml:3:34: \"Prod\" is not a stage (1 to 32 lower-case letters, digits and hyphens, beginning with a letter)\nslipway: 2 faults in slipway.yaml\nexit 1"; "a guard that cannot be")]
#[test_case("application: shop\nfunctions: {Shop: {suite: {}}}" => "slipway.yaml is valid: shop with 1 function, 0 checks before a shift and 0 after it, in 2 files\nexit 0"; "just enough")]
fn a_manifest_is_judged(text: &str) -> String {
    manifest(text)
}

#[test]
fn a_suite_is_checked_by_itself() {
    let folder = folder(&[
        ("suite.yaml", b"checks: [{name: a, kind: invoke, event: {}, expect: {}, schema: s.json}]"),
        ("s.json", b"{}"),
        ("parameter.json", br#"{"public": [{"name": "a", "path": "/", "expect": {"status": 200}}]}"#),
        ("bad.yaml", b"checks:\n- {name: a, event: {}, expect: {}}\n- {name: b, kind: invok}\npublic: 1\n"),
        ("bad.json", br#"{"checks": [{"name": "a", "event": {}, "schema": "s.json", "timeout": 0}]}"#),
    ]);
    let told = |file| checked(folder.path(), &[file]);
    assert_eq!(
        told("suite.yaml"),
        "suite.yaml is a valid suite: 1 check before a shift and 0 after it, in 2 files\nexit 0"
    );
    let valid = "parameter.json is a valid suite: 0 checks before a shift and 1 after it, in 1 file\nexit 0";
    assert_eq!(told("parameter.json"), valid);
    insta::assert_snapshot!([told("bad.yaml"), told("bad.json")].join("\n\n"));
}

#[test]
fn an_example_is_held_against_its_own_check() {
    let text = format!(
        "{HEAD}{}",
        r#"      checks:
        - {name: create, kind: invoke, event: {}, expect: {statusCode: 201}, capture: {id: /body/id},
           example: {statusCode: 201, body: '{"id": "7"}'}}
        - {name: read, kind: invoke, event: {rawPath: "/${id}"}, expect: {body: {id: "${id}"}}, jmespath: body.total,
           example: {statusCode: 200, body: {id: "8"}}}
"#
    );
    insta::assert_snapshot!(manifest(&text));
}

//! The part of AWS's models that the plane runs: a document that is checked, and a walk that sends every operation and every member.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::services as with_iam;
use crate::core::testing::{hub_in, with};
use crate::core::{Caller, Declared, Hub, Request, Service};
use crate::model::{self, Model, WireProtocol, example};

/// The document, from the package's directory.
const DOCUMENT: &str = "../../docs/coverage.md";

const HEAD: &str = "# What the plane runs

Generated from the declarations of the services and AWS's models; do not edit. `UPDATE_COVERAGE=1 cargo test -p slipway-local --lib
coverage` writes it anew, and a test compares.

An operation that is not listed, or a member that is not, is one of AWS's that the plane does not run: it answers `NotImplemented` and
names it, unless the member says what it says when it is left out. `*` stands for every member.
";

/// Every service over a directory and credentials of its own.
fn services(hub: &Arc<Hub>) -> Vec<Arc<dyn Service>> {
    with_iam(hub, &Default::default(), &Default::default())
}

fn declared(service: &dyn Service) -> BTreeMap<&'static str, Declared> {
    service.declared().into_iter().map(|declared| (declared.operation, declared)).collect()
}

fn section(model: &Model, run: &BTreeMap<&'static str, Declared>) -> String {
    let all = model.operations().count();
    let mut text =
        format!("\n## {}\n\n{} of {all} operations.\n\n| operation | members |\n|---|---|\n", model.service, run.len());
    for (name, declared) in run {
        let input = model.operation(name).and_then(|operation| model.structure(operation.input?));
        let known = input.map_or(0, |structure| structure.members.len());
        let members =
            if declared.members.len() == known && known > 0 { "*".to_owned() } else { declared.members.join(" ") };
        let _ = writeln!(text, "| {name} | {members} |");
    }
    text
}

#[tokio::test]
async fn the_document_says_what_is_declared() {
    let directory = tempfile::tempdir().unwrap();
    let hub = hub_in(directory.path());
    let mut document = HEAD.to_owned();
    let mut sections = BTreeMap::new();
    for service in services(&hub) {
        let run = declared(service.as_ref());
        if let Some(model) = model::of(service.name()).filter(|_| !run.is_empty()) {
            sections.insert(service.name(), section(model, &run));
        }
    }
    document.extend(sections.into_values());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    if std::env::var_os("UPDATE_COVERAGE").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        document,
        "docs/coverage.md is not what is declared"
    );
}

/// The codes with which AWS refuses what its model does not take.
fn is_aws_refusal(service: &str, operation: &model::Operation, code: &str) -> bool {
    let listed = [
        "ValidationException",
        "ValidationError",
        "SerializationException",
        "InvalidParameterException",
        "InvalidParameter",
        "InvalidInputException",
        "BadRequestException",
        "InvalidParameterValueException",
    ];
    let model = model::of(service);
    listed.contains(&code)
        || operation.errors.iter().any(|id| {
            let name = model.map(|model| model.shape(*id).name.as_str()).unwrap_or_default();
            name == code && (code.starts_with("Invalid") || code.ends_with("RequiredException"))
        })
}

#[tokio::test]
async fn every_operation_is_run_or_named() {
    let directory = tempfile::tempdir().unwrap();
    let hub = hub_in(directory.path());
    let all = services(&hub);
    with(&hub, all.clone());
    let mut wrong = Vec::new();
    for service in all.iter().filter(|service| !service.declared().is_empty()) {
        let (model, run) = (model::of(service.name()).unwrap(), declared(service.as_ref()));
        for operation in model.operations().filter(|operation| !run.contains_key(operation.name.as_str())) {
            let input =
                operation.input.map_or_else(|| serde_json::json!({}), |shape| example::input_with(model, shape, None));
            let reply = service.call(Request::from_wire(operation.name.clone(), input, Caller::root())).await;
            let named = format!("{}:{};", service.name(), operation.name);
            if !reply.as_ref().is_err_and(|error| error.is("NotImplemented") && error.message.contains(&named)) {
                wrong.push(format!("{named} {reply:?}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn every_member_is_honoured_or_named_or_refused_as_aws_does() {
    let directory = tempfile::tempdir().unwrap();
    let hub = hub_in(directory.path());
    let all = services(&hub);
    with(&hub, all.clone());
    let mut wrong = Vec::new();
    for service in all.iter() {
        let model = model::of(service.name()).unwrap();
        for (name, declared) in declared(service.as_ref()) {
            let operation = model.operation(name).unwrap();
            let Some(shape) = operation.input else { continue };
            for member in
                model.structure(shape).unwrap().members.keys().filter(|name| !declared.members.contains(*name))
            {
                let input = example::input_with(model, shape, Some(member));
                let reply = service.call(Request::from_wire(name, input, Caller::root())).await;
                let fine = reply.as_ref().is_err_and(|error| {
                    let named = error.is("NotImplemented") && error.message.contains(member.as_str());
                    // Another member that must be there may be refused, or not be run with that value, before this one.
                    named || error.is("NotImplemented") || is_aws_refusal(service.name(), operation, &error.code)
                });
                if !fine {
                    wrong.push(format!("{}:{name} with {member}: {reply:?}", service.name()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_path_of_every_rest_operation_leads_to_it() {
    for name in model::names() {
        let model = model::of(name).unwrap();
        if model.protocol != WireProtocol::RestJson {
            continue;
        }
        for operation in model.operations() {
            let uri = operation.uri.example(|member| Some(format!("x{}", member.len())));
            let (path, query) = uri.split_once('?').unwrap_or((&uri, ""));
            let found = model.route(&operation.method, path, query).map(|(found, _)| found.name.as_str());
            assert_eq!(found, Some(operation.name.as_str()), "{} {uri}", operation.method);
        }
    }
}

/// Every `.rs` file below a directory that is no test.
fn sources(directory: &std::path::Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "tests" {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.contains("test") {
            found.push(path);
        }
    }
}

#[tokio::test]
async fn every_operation_that_one_service_asks_of_another_is_run() {
    let directory = tempfile::tempdir().unwrap();
    let hub = hub_in(directory.path());
    let all = services(&hub);
    let call =
        regex::Regex::new(r#"call(?:_as)?\(\s*(?:&?[\w.:()]+(?:\([^"]*\))?,\s*)?"([a-z0-9]+)",\s*"([A-Za-z]+)""#)
            .unwrap();
    let mut files = Vec::new();
    sources(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let (mut calls, mut wrong) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        for found in call.captures_iter(shipped) {
            let Some(service) = all.iter().find(|service| service.name() == &found[1]) else { continue };
            calls += 1;
            let known = service.declared();
            let private = model::of(&found[1]).is_some_and(|model| model.operation(&found[2]).is_none());
            if !known.is_empty() && !private && !known.iter().any(|declared| declared.operation == &found[2]) {
                wrong.push(format!("{}: {}:{}", file.display(), &found[1], &found[2]));
            }
        }
    }
    assert!(calls > 50, "the calls are written in another way: {calls} were found");
    assert_eq!(wrong, Vec::<String>::new());
}

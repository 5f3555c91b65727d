//! Every event of `events/` has an origin and a test that reads it: a fixture that nobody reads proves nothing.

#![expect(clippy::unwrap_used, reason = "a test's helpers may unwrap, too")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn sources(directory: &Path, found: &mut Vec<String>) {
    for path in entries(directory) {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

#[test]
fn every_event_has_an_origin_and_a_reader() {
    let mut code = Vec::new();
    for directory in ["shared", "functions", "tests", "tools"] {
        sources(&root().join(directory), &mut code);
    }
    let mut faults = Vec::new();
    for directory in entries(&root().join("events")).iter().filter(|path| path.is_dir()) {
        let source = format!("events/{}", name(directory));
        let origins = fs::read_to_string(directory.join("ORIGINS.md")).unwrap_or_default();
        let readers: Vec<&String> = code.iter().filter(|text| text.contains(&source)).collect();
        for event in entries(directory).iter().filter(|path| name(path) != "ORIGINS.md") {
            let (file, case) = (name(event), event.file_stem().unwrap().to_str().unwrap());
            if !origins.contains(&format!("| `{file}` |")) {
                faults.push(format!("{source}/{file} has no row in {source}/ORIGINS.md"));
            }
            let named = [format!("\"{case}\""), format!("\"{file}\""), format!("/{file}\"")];
            if !readers.iter().any(|text| named.iter().any(|each| text.contains(each))) {
                faults.push(format!("{source}/{file} is named by no test that reads {source}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_origin_is_of_an_event_that_exists() {
    for directory in entries(&root().join("events")).iter().filter(|path| path.is_dir()) {
        let origins = fs::read_to_string(directory.join("ORIGINS.md")).unwrap();
        for row in origins.lines().filter_map(|line| line.strip_prefix("| `")) {
            let file = row.split('`').next().unwrap();
            assert!(directory.join(file).is_file(), "{} is listed but not there", directory.join(file).display());
        }
    }
}

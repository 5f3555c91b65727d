//! The workspace's own rules: lints are inherited, versions are central, dependencies point one way.

use std::fs;
use std::path::PathBuf;

use slipway_tests::project_dir;

/// The manifest of every member.
fn manifests() -> Vec<(PathBuf, String)> {
    let root = project_dir();
    let mut members = vec![root.join("shared"), root.join("shared/judge"), root.join("tests")];
    for folder in ["functions", "tools"] {
        members.extend(fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    let manifests = members.into_iter().map(|member| member.join("Cargo.toml")).filter(|manifest| manifest.exists());
    manifests.map(|manifest| (manifest.clone(), fs::read_to_string(manifest).unwrap())).collect()
}

#[test]
fn every_member_inherits_the_lints() {
    let manifests = manifests();
    assert!(manifests.len() >= 8, "members were missed: {manifests:?}");
    for (path, text) in manifests {
        assert!(text.contains("[lints]\nworkspace = true"), "{} does not inherit the lints", path.display());
    }
}

#[test]
fn versions_are_named_in_the_workspace_alone() {
    for (path, text) in manifests() {
        let dependencies = text.split("dependencies]").skip(1).flat_map(|section| {
            section.lines().take_while(|line| !line.starts_with('[')).filter(|line| line.contains('='))
        });
        for line in dependencies {
            assert!(line.contains("workspace = true"), "{}: {line}", path.display());
        }
    }
}

#[test]
fn what_ships_depends_on_no_tool_and_on_no_fake() {
    for (path, text) in manifests() {
        let ships = !path.starts_with(project_dir().join("tools")) && !path.starts_with(project_dir().join("tests"));
        let normal = text.split("[dev-dependencies]").next().unwrap();
        let needs = |name: &str| normal.split("[dependencies]").nth(1).is_some_and(|section| section.contains(name));
        assert!(
            !ships || !(needs("slipway-local") || needs("\"fakes\"")),
            "{} ships what tests alone may use",
            path.display()
        );
    }
}

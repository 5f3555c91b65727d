//! The programs that are measured, built where they are the repository's.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde::Serialize;

use crate::cli::Options;
use crate::note;

/// The part that a program has in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The contacts API, whose figures have bars.
    Subject,
    /// An ordinary function, `tools/bench/baseline`.
    Baseline,
    /// Given by `--against`.
    Added,
}

/// One program of the comparison.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name in the tables.
    pub name: String,
    /// Its `bootstrap`.
    pub path: PathBuf,
    /// Its part in the comparison.
    pub role: Role,
    /// The variables that it gets beside those of every program.
    pub variables: Vec<(String, String)>,
}

impl Program {
    fn new(name: &str, path: PathBuf, role: Role) -> Self {
        Self { name: name.to_owned(), path, role, variables: Vec::new() }
    }
}

/// The workspace that this program was built from.
pub fn project_dir() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own)
}

/// All programs, the contacts API first; builds what is not there.
///
/// # Errors
/// Fails if one cannot be built or an option cannot be understood.
pub fn all(options: &Options) -> anyhow::Result<Vec<Program>> {
    let target = project_dir().join("target");
    let contacts_api = match &options.bootstrap {
        Some(path) => path.clone(),
        None => build(project_dir(), &functions()?, "contacts-api", &target)?,
    };
    let mut programs = vec![Program::new("contacts-api", contacts_api, Role::Subject)];
    if !options.no_baseline {
        let own = ["sdk-defaults".to_owned()];
        let baseline = build(&project_dir().join("tools/bench/baseline"), &own, "sdk-defaults", &target.join("bench"))?;
        programs.push(Program::new("sdk-defaults", baseline, Role::Baseline));
    }
    let variables: Vec<_> = options.against_env.iter().map(|text| variable(text)).collect::<Result<_, _>>()?;
    for text in &options.against {
        let (name, path) = named(text);
        programs.push(Program { variables: variables.clone(), ..Program::new(&name, path, Role::Added) });
    }
    for program in &programs {
        anyhow::ensure!(program.path.is_file(), "{} is no program", program.path.display());
    }
    Ok(programs)
}

/// The packages that `buildspec.yml` builds together: what one of them asks of a dependency, all get.
fn functions() -> anyhow::Result<Vec<String>> {
    let directory = project_dir().join("functions");
    let entries = std::fs::read_dir(&directory).with_context(|| format!("{}", directory.display()))?;
    entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

/// Builds one program of some packages, as it ships.
fn build(workspace: &Path, packages: &[String], program: &str, target: &Path) -> anyhow::Result<PathBuf> {
    note(&format!("building {program} with its release profile"));
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace).args(["build", "--release", "--locked", "--bin", program]);
    command.args(packages.iter().flat_map(|package| ["--package", package]));
    // Not where `CARGO_TARGET_DIR` says: that is meant for one workspace, and these are two.
    command.arg("--target-dir").arg(target);
    // This repository's guard (`.cargo/config.toml`) is none of the defaults that the baseline is there for.
    command.env("AWS_LC_SYS_NO_JITTER_ENTROPY", "0");
    let status = command.status().context("cargo does not run")?;
    anyhow::ensure!(status.success(), "{program} does not build");
    Ok(target.join("release").join(program))
}

/// `NAME=PATH`, or a path whose directory names the program as in `target/lambda/<name>/bootstrap`.
fn named(text: &str) -> (String, PathBuf) {
    if let Some((name, path)) = text.split_once('=') {
        return (name.to_owned(), path.into());
    }
    let path = Path::new(text);
    let file = path.file_name().unwrap_or(path.as_os_str());
    let name = if file == "bootstrap" { path.parent().and_then(Path::file_name).unwrap_or(file) } else { file };
    (name.to_string_lossy().into_owned(), path.to_owned())
}

fn variable(text: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = text.split_once('=').with_context(|| format!("{text} is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("target/lambda/get-product/bootstrap", "get-product"; "by its directory")]
    #[test_case("target/release/get-product", "get-product"; "by its file")]
    #[test_case("demo=target/release/get-product", "demo"; "by its given name")]
    fn a_program_has_a_name(text: &str, expected: &str) {
        let (name, path) = named(text);
        assert_eq!(name, expected);
        assert!(path.starts_with("target"), "{}", path.display());
    }

    #[test]
    fn a_variable_without_a_value_is_refused() {
        assert!(variable("RUST_LOG").is_err());
    }
}

//! The commits of a rehearsal apply to the tree as it is, in the order in which the rehearsal pushes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

const CRATE: &str = "functions/contacts-api";
const COMMITS: [&str; 5] = ["good", "wrong-answer", "silent-failures", "flaky-under-load", "slow-lists"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn patch(name: &str) -> PathBuf {
    repository().join("tools/slipway/commits").join(name).with_extension("patch")
}

/// A copy of what the patches change, outside of any repository.
fn tree() -> Result<TempDir> {
    let directory = tempfile::tempdir()?;
    copy(&repository().join(CRATE), &directory.path().join(CRATE))?;
    Ok(directory)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn apply(tree: &TempDir, name: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new("git")
        .arg("apply")
        .args(arguments)
        .arg(fs::canonicalize(patch(name))?)
        .current_dir(tree.path())
        // Were the temporary directory inside a repository, git would skip what lies outside of that one's tree.
        .env("GIT_CEILING_DIRECTORIES", tree.path())
        .output()
        .context("git cannot be run")?;
    ensure!(output.status.success(), "{name} does not apply: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn read(tree: &TempDir, file: &str) -> Result<String> {
    Ok(fs::read_to_string(tree.path().join(CRATE).join("src").join(file))?)
}

#[test]
fn apply_in_the_order_of_the_rehearsal() -> Result<()> {
    let tree = tree()?;
    apply(&tree, "good", &[])?;
    ensure!(read(&tree, "http/version.rs")?.contains("capabilities"));
    apply(&tree, "wrong-answer", &[])?;
    ensure!(!read(&tree, "http/health.rs")?.contains(r#""ok""#));
    apply(&tree, "wrong-answer", &["--reverse"])?;
    apply(&tree, "silent-failures", &[])?;
    ensure!(read(&tree, "http/health.rs")?.contains(r#""ok""#));
    ensure!(read(&tree, "lambda/serve.rs")?.contains("made % 8"));
    apply(&tree, "silent-failures", &["--reverse"])?;
    apply(&tree, "flaky-under-load", &[])?;
    ensure!(read(&tree, "lambda/serve.rs")?.contains("taken % 5"));
    apply(&tree, "flaky-under-load", &["--reverse"])?;
    apply(&tree, "slow-lists", &[])?;
    ensure!(read(&tree, "store/dynamodb/list.rs")?.contains("from_millis(150)"));
    Ok(())
}

#[test]
fn apply_each_to_the_tree_as_it_is() -> Result<()> {
    for name in COMMITS {
        apply(&tree()?, name, &["--check"])?;
    }
    Ok(())
}

#[test]
fn begin_with_a_subject_for_the_commit() -> Result<()> {
    for name in COMMITS {
        let text = fs::read_to_string(patch(name))?;
        let (subject, rest) = text.split_once("\n\n").context("no subject")?;
        ensure!((10..=72).contains(&subject.len()) && rest.starts_with("diff --git"), "{name}: {subject}");
    }
    Ok(())
}

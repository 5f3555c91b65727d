//! The files of a commit, by path.

use std::collections::BTreeMap;

use crate::core::ServiceError;

use super::git::Git;

/// One file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The mode in git's spelling, such as `100644`.
    pub mode: String,
    /// The blob's id; for a submodule the commit's.
    pub id: String,
    /// The size in bytes; 0 for a submodule.
    pub size: u64,
}

/// Every file of a commit, by its path from the root. Folders are not there: git keeps none without files.
pub type Tree = BTreeMap<String, Entry>;

/// The mode of a commit of another repository.
pub const SUBMODULE: &str = "160000";

/// The tree of a commit.
///
/// # Errors
/// Fails if git cannot read it.
pub async fn read(git: &Git, commit: &str) -> Result<Tree, ServiceError> {
    Ok(parse(&git.run(&["ls-tree", "-r", "-z", "-l", commit]).await?))
}

fn parse(printed: &[u8]) -> Tree {
    let lines = printed.split(|byte| *byte == 0).filter(|line| !line.is_empty());
    lines.filter_map(|line| entry(&String::from_utf8_lossy(line))).collect()
}

/// `<mode> <type> <id> <size>\t<path>`.
fn entry(line: &str) -> Option<(String, Entry)> {
    let (head, path) = line.split_once('\t')?;
    let mut words = head.split_whitespace();
    let (mode, _, id, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let entry = Entry { mode: mode.to_owned(), id: id.to_owned(), size: size.parse().unwrap_or_default() };
    Some((path.to_owned(), entry))
}

/// True if there is a folder of that path.
pub fn has_folder(tree: &Tree, path: &str) -> bool {
    let prefix = format!("{path}/");
    path.is_empty() || tree.range(prefix.clone()..).next().is_some_and(|(found, _)| found.starts_with(&prefix))
}

/// `NORMAL`, `EXECUTABLE` or `SYMLINK`.
pub fn mode_name(mode: &str) -> &'static str {
    match mode {
        "100755" => "EXECUTABLE",
        "120000" => "SYMLINK",
        _ => "NORMAL",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_may_hold_anything_and_folders_are_where_files_are() {
        let tree = parse(b"100644 blob aa      12\ta b/c\"d\n\x00160000 commit bb       -\tsub\x00");
        assert_eq!(tree["a b/c\"d\n"], Entry { mode: "100644".to_owned(), id: "aa".to_owned(), size: 12 });
        assert_eq!(tree["sub"].mode, SUBMODULE);
        assert!(has_folder(&tree, "a b") && has_folder(&tree, "") && !has_folder(&tree, "a"));
    }
}

//! The changes of a commit made through the API: pure over the files of its parent.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::core::{Input, ServiceError};

use super::names::{self, refused};
use super::tree::{Entry, SUBMODULE, Tree, has_folder, mode_name};

/// The most that a file may hold, in bytes.
pub(super) const FILE_LIMIT: usize = 6 * 1024 * 1024;

/// The most that the files of one commit may hold together.
const COMMIT_LIMIT: usize = 20 * 1024 * 1024;

/// The most files of one commit.
const ENTRY_LIMIT: usize = 100;

/// An edit of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Edit {
    Put { path: String, mode: Option<String>, content: Content },
    Delete { path: String },
    SetMode { path: String, mode: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Bytes(Vec<u8>),
    Of { path: String, moved: bool },
}

/// The edits of one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    edits: Vec<Edit>,
    keep_empty_folders: bool,
}

/// The outcome of a commit's edits.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    /// The files after the edits.
    pub tree: Tree,
    /// New contents by blob id.
    pub contents: BTreeMap<String, Vec<u8>>,
}

impl Edits {
    /// The edits of `CreateCommit`.
    ///
    /// # Errors
    /// Fails on edits that are wrong whatever the repository holds.
    pub fn of_commit(input: &Input) -> Result<Self, ServiceError> {
        let (puts, deletes, modes) = (input.list("putFiles"), input.list("deleteFiles"), input.list("setFileModes"));
        let count = puts.len() + deletes.len() + modes.len();
        if count == 0 {
            let message = "The commit cannot be created because no files have been specified as added, updated, or \
                           changed (PutFile or DeleteFile) for the commit.";
            return Err(refused("FileEntryRequiredException", message));
        }
        if count > ENTRY_LIMIT {
            let message =
                format!("The number of specified files to change as part of this commit exceeds {ENTRY_LIMIT}.");
            return Err(refused("MaximumFileEntriesExceededException", message));
        }
        let mut edits = puts.iter().map(put).collect::<Result<Vec<_>, _>>()?;
        for given in deletes {
            edits.push(Edit::Delete { path: path(given)? });
        }
        for given in modes {
            edits.push(Edit::SetMode { path: path(given)?, mode: required_mode(&given["fileMode"])? });
        }
        check_paths(&edits)?;
        check_sizes(&edits)?;
        Ok(Self { edits, keep_empty_folders: input.opt_bool("keepEmptyFolders").unwrap_or_default() })
    }

    /// The one edit of `PutFile`.
    ///
    /// # Errors
    /// Fails if a member is wrong.
    pub fn of_put(input: &Input) -> Result<Self, ServiceError> {
        let path = names::file(input, "filePath")?.to_owned();
        let message = "The file cannot be added because file content is required.";
        let content = input.opt_str("fileContent").ok_or_else(|| refused("FileContentRequiredException", message))?;
        let mode = input.get("fileMode").map(required_mode).transpose()?;
        let edits = vec![Edit::Put { path, mode, content: Content::Bytes(bytes(content)?) }];
        check_sizes(&edits)?;
        Ok(Self { edits, keep_empty_folders: false })
    }

    /// The one edit of `DeleteFile`.
    ///
    /// # Errors
    /// Fails if a member is wrong.
    pub fn of_delete(input: &Input) -> Result<Self, ServiceError> {
        let edits = vec![Edit::Delete { path: names::file(input, "filePath")?.to_owned() }];
        Ok(Self { edits, keep_empty_folders: input.opt_bool("keepEmptyFolders").unwrap_or_default() })
    }

    /// Makes the edits.
    ///
    /// # Errors
    /// Fails on an edit that these files do not allow.
    pub fn apply(self, tree: &Tree) -> Result<Changed, ServiceError> {
        let mut changed = Changed { tree: tree.clone(), contents: BTreeMap::new() };
        let mut emptied = BTreeSet::new();
        for edit in self.edits {
            changed.make(edit, tree, &mut emptied)?;
        }
        changed.check_conflicts()?;
        if self.keep_empty_folders {
            changed.keep(emptied);
        }
        Ok(changed)
    }
}

impl Changed {
    fn make(&mut self, edit: Edit, before: &Tree, emptied: &mut BTreeSet<String>) -> Result<(), ServiceError> {
        match edit {
            Edit::Put { path, mode, content } => {
                let (id, size, old_mode) = self.content(content, before, emptied)?;
                let mode = mode.or(old_mode).or_else(|| before.get(&path).map(|entry| entry.mode.clone()));
                let entry = Entry { mode: mode.unwrap_or_else(|| "100644".to_owned()), id, size };
                self.tree.insert(path, entry);
            }
            Edit::Delete { path } => {
                existing(before, &path)?;
                self.tree.remove(&path);
                emptied.insert(path);
            }
            Edit::SetMode { path, mode } => {
                existing(before, &path)?;
                if let Some(entry) = self.tree.get_mut(&path) {
                    entry.mode = mode;
                }
            }
        }
        Ok(())
    }

    fn content(
        &mut self,
        content: Content,
        before: &Tree,
        emptied: &mut BTreeSet<String>,
    ) -> Result<(String, u64, Option<String>), ServiceError> {
        match content {
            Content::Bytes(bytes) => {
                let (id, size) = (blob_id(&bytes), bytes.len() as u64);
                self.contents.insert(id.clone(), bytes);
                Ok((id, size, None))
            }
            Content::Of { path, moved } => {
                let source = existing(before, &path)?.clone();
                if moved {
                    self.tree.remove(&path);
                    emptied.insert(path);
                }
                Ok((source.id, source.size, Some(source.mode)))
            }
        }
    }

    /// A path cannot be a file and a folder.
    fn check_conflicts(&self) -> Result<(), ServiceError> {
        for path in self.tree.keys() {
            if has_folder(&self.tree, path) {
                let message = format!("A file cannot be added because a folder of that name is there: {path}");
                return Err(refused("FileNameConflictsWithDirectoryNameException", message));
            }
        }
        Ok(())
    }

    /// Leaves a `.gitkeep` in the folders of which the last file has gone.
    fn keep(&mut self, gone: BTreeSet<String>) {
        for path in gone {
            let Some((folder, _)) = path.rsplit_once('/') else { continue };
            if !has_folder(&self.tree, folder) {
                let (id, mode) = (blob_id(b""), "100644".to_owned());
                self.contents.insert(id.clone(), Vec::new());
                self.tree.insert(format!("{folder}/.gitkeep"), Entry { mode, id, size: 0 });
            }
        }
    }
}

/// The differences between two trees, as `filesAdded`, `filesUpdated` and `filesDeleted` show them.
pub fn told(before: &Tree, after: &Tree) -> [Vec<Value>; 3] {
    let shown = |(path, entry): (&String, &Entry)| json!({ "absolutePath": path, "blobId": entry.id, "fileMode": mode_name(&entry.mode) });
    let is_new = |(path, _): &(&String, &Entry)| !before.contains_key(*path);
    let is_other = |(path, entry): &(&String, &Entry)| before.get(*path).is_some_and(|old| old != *entry);
    [
        after.iter().filter(is_new).map(shown).collect(),
        after.iter().filter(is_other).map(shown).collect(),
        before.iter().filter(|(path, _)| !after.contains_key(*path)).map(shown).collect(),
    ]
}

/// The id that git gives a file's content.
pub fn blob_id(content: &[u8]) -> String {
    hex::encode(Sha1::new().chain_update(format!("blob {}\0", content.len())).chain_update(content).finalize())
}

fn existing<'a>(tree: &'a Tree, path: &str) -> Result<&'a Entry, ServiceError> {
    let missing = || refused("FileDoesNotExistException", format!("The specified file does not exist: {path}"));
    tree.get(path).filter(|entry| entry.mode != SUBMODULE).ok_or_else(missing)
}

fn put(given: &Value) -> Result<Edit, ServiceError> {
    let input = Input::from(given.clone());
    let path = path(given)?;
    let mode = input.get("fileMode").map(required_mode).transpose()?;
    let content = match (input.opt_str("fileContent"), input.get("sourceFile")) {
        (Some(_), Some(_)) => {
            let message = "The commit cannot be created because both a source file and file content have been specified \
                           for the same file.";
            return Err(refused("FileContentAndSourceFileSpecifiedException", message));
        }
        (None, None) => {
            let message = "The commit cannot be created because no source files or file content have been specified.";
            return Err(refused("SourceFileOrContentRequiredException", message));
        }
        (Some(content), None) => Content::Bytes(bytes(content)?),
        (None, Some(source)) => {
            Content::Of { path: self::path(source)?, moved: source["isMove"].as_bool().unwrap_or_default() }
        }
    };
    Ok(Edit::Put { path, mode, content })
}

fn path(given: &Value) -> Result<String, ServiceError> {
    Ok(names::file(&Input::from(given.clone()), "filePath")?.to_owned())
}

fn required_mode(given: &Value) -> Result<String, ServiceError> {
    match given.as_str() {
        Some("NORMAL") => Ok("100644".to_owned()),
        Some("EXECUTABLE") => Ok("100755".to_owned()),
        Some("SYMLINK") => Ok("120000".to_owned()),
        None => Err(refused("FileModeRequiredException", "A file mode is required to update mode permissions.")),
        Some(other) => {
            Err(refused("InvalidFileModeException", format!("The specified file mode is not valid: {other}")))
        }
    }
}

fn bytes(content: &str) -> Result<Vec<u8>, ServiceError> {
    let decoded = BASE64_STANDARD.decode(content);
    decoded.map_err(|error| refused("SerializationException", format!("fileContent is not base64: {error}")))
}

/// Checks that no file is named twice.
fn check_paths(edits: &[Edit]) -> Result<(), ServiceError> {
    let (mut put, mut other) = (BTreeSet::new(), BTreeSet::new());
    for edit in edits {
        match edit {
            Edit::Put { path, .. } if !put.insert(path) => {
                let message = format!("Two files of the commit have the same path: {path}");
                return Err(refused("PutFileEntryConflictException", message));
            }
            Edit::Put { .. } => {}
            Edit::Delete { path } | Edit::SetMode { path, .. } if put.contains(path) || !other.insert(path) => {
                let message = format!("The path is in more than one request for the same commit: {path}");
                return Err(refused("SamePathRequestException", message));
            }
            Edit::Delete { .. } | Edit::SetMode { .. } => {}
        }
    }
    Ok(())
}

fn check_sizes(edits: &[Edit]) -> Result<(), ServiceError> {
    let mut whole = 0;
    for edit in edits {
        if let Edit::Put { content: Content::Bytes(bytes), path, .. } = edit {
            whole += bytes.len();
            if bytes.len() > FILE_LIMIT {
                let message = format!("The file cannot be added because it is too large (6 MB): {path}");
                return Err(refused("FileContentSizeLimitExceededException", message));
            }
        }
    }
    if whole > COMMIT_LIMIT {
        let message = "The commit cannot be created because at least one of the overall changes in the commit results in a \
                       folder whose contents exceed the limit of 20 MB.";
        return Err(refused("FolderContentSizeLimitExceededException", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn tree() -> Tree {
        let entry = |content: &[u8]| Entry { mode: "100644".to_owned(), id: blob_id(content), size: 1 };
        Tree::from([("a".to_owned(), entry(b"1")), ("d/b".to_owned(), entry(b"2"))])
    }

    fn applied(commit: Value) -> Result<Changed, ServiceError> {
        Edits::of_commit(&Input::from(commit))?.apply(&tree())
    }

    #[test]
    fn a_commit_adds_updates_deletes_and_moves() {
        let changed = applied(json!({
            "putFiles": [
                { "filePath": "new", "fileContent": BASE64_STANDARD.encode("3") },
                { "filePath": "e/moved", "sourceFile": { "filePath": "d/b", "isMove": true } },
            ],
            "setFileModes": [{ "filePath": "a", "fileMode": "EXECUTABLE" }],
            "keepEmptyFolders": true,
        }))
        .unwrap();
        let [added, updated, deleted] = told(&tree(), &changed.tree);
        let paths = |files: &[Value]| files.iter().map(|file| file["absolutePath"].clone()).collect::<Vec<_>>();
        assert_eq!(paths(&added), ["d/.gitkeep", "e/moved", "new"]);
        assert_eq!(added[2]["blobId"], "e440e5c842586965a7fb77deda2eca68612b1f53");
        assert_eq!(updated[0]["fileMode"], "EXECUTABLE");
        assert_eq!(paths(&deleted), ["d/b"]);
    }

    #[test_case(json!({}), "FileEntryRequiredException"; "nothing to do")]
    #[test_case(json!({ "putFiles": [{ "filePath": "x" }] }), "SourceFileOrContentRequiredException"; "no content")]
    #[test_case(json!({ "putFiles": [{ "filePath": "x", "fileContent": "", "sourceFile": { "filePath": "a" } }] }), "FileContentAndSourceFileSpecifiedException"; "two contents")]
    #[test_case(json!({ "putFiles": [{ "filePath": "x", "fileContent": "" }, { "filePath": "/x", "fileContent": "" }] }), "PutFileEntryConflictException"; "put twice")]
    #[test_case(json!({ "putFiles": [{ "filePath": "a", "fileContent": "" }], "deleteFiles": [{ "filePath": "a" }] }), "SamePathRequestException"; "put and deleted")]
    #[test_case(json!({ "putFiles": [{ "filePath": "", "fileContent": "" }] }), "PathRequiredException"; "no path")]
    #[test_case(json!({ "putFiles": [{ "filePath": "../x", "fileContent": "" }] }), "InvalidPathException"; "path outside")]
    #[test_case(json!({ "putFiles": [{ "filePath": "x", "fileContent": "", "fileMode": "WILD" }] }), "InvalidFileModeException"; "mode")]
    #[test_case(json!({ "deleteFiles": [{ "filePath": "x" }] }), "FileDoesNotExistException"; "delete what is not there")]
    #[test_case(json!({ "setFileModes": [{ "filePath": "a" }] }), "FileModeRequiredException"; "no mode")]
    #[test_case(json!({ "putFiles": [{ "filePath": "a/x", "fileContent": "" }] }), "FileNameConflictsWithDirectoryNameException"; "a file as a folder")]
    #[test_case(json!({ "putFiles": [{ "filePath": "d", "fileContent": "" }] }), "FileNameConflictsWithDirectoryNameException"; "a folder as a file")]
    fn what_cannot_be_committed_is_refused(commit: Value, code: &str) {
        assert_eq!(applied(commit).unwrap_err().code, code);
    }
}

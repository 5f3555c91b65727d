//! Operations that read files and folders.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::edits::FILE_LIMIT;
use super::names::{self, refused};
use super::repositories::Repository;
use super::state::{CodeCommit, Declared};
use super::tree::{SUBMODULE, mode_name};
use super::{commits, revisions};
use crate::core::{Input, Page, Reply, ServiceError};

/// The most commits of a file in a page (assumed: AWS documents no number).
const PAGE: usize = 50;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later("GetFile", "repositoryName commitSpecifier filePath", |service, request| {
        Box::pin(service.get_file(&request.input))
    })
    .on("{repositoryName}"),
    Declared::later("GetFolder", "repositoryName commitSpecifier folderPath", |service, request| {
        Box::pin(service.get_folder(&request.input))
    })
    .on("{repositoryName}"),
    Declared::later("GetBlob", "repositoryName blobId", |service, request| Box::pin(service.get_blob(&request.input)))
        .on("{repositoryName}"),
    Declared::later(
        "ListFileCommitHistory",
        "repositoryName commitSpecifier filePath maxResults nextToken",
        |service, request| Box::pin(service.file_history(&request.input)),
    )
    .on("{repositoryName}"),
];

/// One line of a folder.
struct Line {
    mode: String,
    id: String,
    size: u64,
    name: String,
}

impl CodeCommit {
    async fn get_file(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let path = names::file(input, "filePath")?;
        let commit = revisions::specified(&repository, input, "commitSpecifier", false).await?;
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let lines = lines(&repository, &commit, folder).await?.unwrap_or_default();
        let is_file = |line: &Line| line.name == name && line.mode != SUBMODULE && line.mode != "040000";
        let Some(line) = lines.into_iter().find(is_file) else {
            let message = format!("The specified file does not exist: {path}");
            return Err(refused("FileDoesNotExistException", message));
        };
        check_size(line.size)?;
        let content = repository.git.run(&["cat-file", "blob", &line.id]).await?;
        Ok(json!({
            "commitId": commit, "blobId": line.id, "filePath": path, "fileMode": mode_name(&line.mode),
            "fileSize": line.size, "fileContent": BASE64_STANDARD.encode(content),
        }))
    }

    async fn get_folder(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let folder = names::folder(input, "folderPath")?;
        let commit = revisions::specified(&repository, input, "commitSpecifier", false).await?;
        let Some(lines) = lines(&repository, &commit, folder).await? else {
            let message = format!("The specified folder does not exist: {folder}");
            return Err(refused("FolderDoesNotExistException", message));
        };
        let tree = revisions::object(&repository, &format!("{commit}:{folder}")).await?;
        let [mut folders, mut files, mut links, mut modules] = [const { Vec::<Value>::new() }; 4];
        for line in lines {
            let path = if folder.is_empty() { line.name.clone() } else { format!("{folder}/{}", line.name) };
            let mut shown = json!({ "absolutePath": path, "relativePath": line.name });
            let (member, list) = match line.mode.as_str() {
                "040000" => ("treeId", &mut folders),
                SUBMODULE => ("commitId", &mut modules),
                mode => {
                    shown["fileMode"] = json!(mode_name(mode));
                    ("blobId", if mode == "120000" { &mut links } else { &mut files })
                }
            };
            shown[member] = json!(line.id);
            list.push(shown);
        }
        Ok(json!({
            "commitId": commit, "folderPath": folder, "treeId": tree, "subFolders": folders, "files": files,
            "symbolicLinks": links, "subModules": modules,
        }))
    }

    async fn get_blob(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let required = || refused("BlobIdRequiredException", "A blob ID is required but was not specified.");
        let id = input.opt_str("blobId").filter(|id| !id.is_empty()).ok_or_else(required)?;
        if !names::is_id(id) {
            return Err(refused("InvalidBlobIdException", format!("The specified blob is not valid: {id}")));
        }
        let size = repository.git.ask(&["cat-file", "-s", &format!("{id}^{{blob}}")]).await?;
        let Some(size) = size else {
            return Err(refused("BlobIdDoesNotExistException", format!("The specified blob does not exist: {id}")));
        };
        check_size(String::from_utf8_lossy(&size).trim().parse().unwrap_or_default())?;
        let content = repository.git.run(&["cat-file", "blob", id]).await?;
        Ok(json!({ "content": BASE64_STANDARD.encode(content) }))
    }

    /// The commits that changed a file, the newest first.
    async fn file_history(&self, input: &Input) -> Reply {
        let repository = self.repository(input)?;
        let path = names::file(input, "filePath")?;
        let size = names::page_size(input, "maxResults", PAGE)?;
        let start = revisions::specified(&repository, input, "commitSpecifier", false).await?;
        let listed = repository.git.run(&["log", "--format=%H", &start, "--", path]).await?;
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let ids: Vec<&str> = listed.lines().collect();
        let keyed: Vec<(String, usize)> = (0..ids.len()).map(|place| (format!("{place:08}"), place)).collect();
        let items = keyed.iter().map(|(key, place)| (key.as_str(), *place));
        let scope = format!("ListFileCommitHistory {start} {path}");
        let page = Page::cut(items, input.opt_str("nextToken"), size, &scope).map_err(|_| names::bad_token())?;
        let mut shown = Vec::new();
        for place in page.items {
            let id = ids[place];
            let children: Vec<&str> = place.checked_sub(1).map(|newer| ids[newer]).into_iter().collect();
            shown.push(json!({
                "commit": commits::described(&repository, id).await?,
                "blobId": revisions::object(&repository, &format!("{id}:{path}")).await?,
                "path": path, "revisionChildren": children,
            }));
        }
        Ok(json!({ "revisionDag": shown, "nextToken": page.next }))
    }
}

fn check_size(size: u64) -> Result<(), ServiceError> {
    if size <= FILE_LIMIT as u64 {
        return Ok(());
    }
    let message = "The specified file exceeds the file size limit for AWS CodeCommit (6 MB).";
    Err(refused("FileTooLargeException", message))
}

/// The entries of a folder; none if there is no such folder.
async fn lines(repository: &Repository, commit: &str, folder: &str) -> Result<Option<Vec<Line>>, ServiceError> {
    let printed = repository.git.ask(&["ls-tree", "-z", "-l", &format!("{commit}:{folder}")]).await?;
    Ok(printed.map(|printed| {
        let lines = printed.split(|byte| *byte == 0).filter(|line| !line.is_empty());
        lines.filter_map(|line| read_line(&String::from_utf8_lossy(line))).collect()
    }))
}

fn read_line(line: &str) -> Option<Line> {
    let (head, name) = line.split_once('\t')?;
    let mut words = head.split_whitespace();
    let (mode, _, id, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let size = size.parse().unwrap_or_default();
    Some(Line { mode: mode.to_owned(), id: id.to_owned(), size, name: name.to_owned() })
}

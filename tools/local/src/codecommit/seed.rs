//! The first commit of a repository from a zip, for `AWS::CodeCommit::Repository`'s `Code`.

use std::io::{Cursor, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::core::ServiceError;

use super::git::Git;

/// The most that such a zip may hold, in bytes.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-codecommit-repository-code.html>
const LIMIT: usize = 20 * 1024 * 1024;

/// The author and the message of the first commit: assumed, for AWS documents neither.
const COMMIT: [&str; 7] =
    ["-c", "user.name=AWS CodeCommit", "-c", "user.email=", "commit-tree", "-m", "Initial commit by AWS CodeCommit"];

/// Commits the files of `archive` to a new branch. `folder` is a place that does not exist yet; it is gone afterwards.
///
/// # Errors
/// Fails if the archive is no zip, holds too much, or git refuses.
pub async fn commit(git: &Git, folder: &Path, archive: Vec<u8>, branch: &str) -> Result<(), ServiceError> {
    let place = folder.to_owned();
    let unpacked = tokio::task::spawn_blocking(move || unpack(&archive, &place)).await;
    let done = match unpacked.map_err(|error| ServiceError::internal(error.to_string())) {
        Ok(Ok(())) => commit_folder(git, folder, branch).await,
        Ok(Err(error)) | Err(error) => Err(error),
    };
    // The commit is made of git's own copies; what is left in the folder would help nobody.
    let _ = tokio::fs::remove_dir_all(folder).await;
    done
}

async fn commit_folder(git: &Git, folder: &Path, branch: &str) -> Result<(), ServiceError> {
    let tree = format!("--work-tree={}", folder.display());
    git.run(&["--git-dir=.", &tree, "add", "--all", "--force"]).await?;
    let tree = printed(&git.run(&["write-tree"]).await?);
    let commit = printed(&git.run(&[&COMMIT[..], &[tree.as_str()]].concat()).await?);
    git.run(&["update-ref", &format!("refs/heads/{branch}"), &commit]).await.map(drop)
}

fn printed(output: &[u8]) -> String {
    String::from_utf8_lossy(output).trim().to_owned()
}

fn unpack(archive: &[u8], folder: &Path) -> Result<(), ServiceError> {
    let invalid = |what: String| ServiceError::new("ValidationException", format!("the zip of the code {what}"));
    if archive.len() > LIMIT {
        return Err(invalid("is larger than 20 MB".to_owned()));
    }
    let mut zip = zip::ZipArchive::new(Cursor::new(archive)).map_err(|error| invalid(error.to_string()))?;
    std::fs::create_dir_all(folder).map_err(|error| invalid(error.to_string()))?;
    let mut left = LIMIT as u64;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|error| invalid(error.to_string()))?;
        let Some(path) = entry.enclosed_name() else { return Err(invalid("leads out of itself".to_owned())) };
        let place = folder.join(path);
        if entry.is_dir() {
            continue;
        }
        let mut content = Vec::new();
        let read = entry.by_ref().take(left + 1).read_to_end(&mut content);
        let read = read.map_err(|error| invalid(error.to_string()))? as u64;
        left = left.checked_sub(read).ok_or_else(|| invalid("holds more than 20 MB".to_owned()))?;
        let mode = entry.unix_mode().unwrap_or(0o644) & 0o777;
        write(&place, &content, mode).map_err(|error| invalid(error.to_string()))?;
    }
    Ok(())
}

fn write(place: &Path, content: &[u8], mode: u32) -> std::io::Result<()> {
    if let Some(parent) = place.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(place, content)?;
    std::fs::set_permissions(place, std::fs::Permissions::from_mode(mode | 0o600))
}

//! Fetching what a build is made from, and its buildspec out of it.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::json;

use crate::core::Hub;

use super::build::Build;
use super::buildspec::Buildspec;
use super::checkout;
use super::glob::Globs;
use super::plan::Source;
use super::record::Context;
use super::role;

/// The sources of a build, not yet unpacked.
pub struct Sources {
    primary: Option<Bytes>,
    secondary: Vec<(String, Option<Bytes>)>,
}

/// Fetches every source of a build.
///
/// # Errors
/// Fails if a source is not there; the context says so in CodeBuild's words.
pub async fn fetch(hub: &Hub, build: &Build) -> Result<Sources, Context> {
    let (primary, commit) = fetch_one(hub, build, &build.plan.source).await?;
    if let Some(commit) = commit {
        build.state().resolved_version = Some(commit);
    }
    let mut secondary = Vec::new();
    for (identifier, source) in &build.plan.secondary_sources {
        secondary.push((identifier.clone(), fetch_one(hub, build, source).await?.0));
    }
    Ok(Sources { primary, secondary })
}

async fn fetch_one(hub: &Hub, build: &Build, source: &Source) -> Result<(Option<Bytes>, Option<String>), Context> {
    let caller = build.caller();
    match source {
        Source::Nothing => Ok((None, None)),
        Source::Object { bucket, key } => {
            let objects = hub.objects_as(&caller).map_err(|error| client_error(error.to_string()))?;
            let object = objects.get(bucket, key).await;
            let object = object.map_err(|error| client_error(format!("{bucket}/{key} cannot be read: {error}")))?;
            Ok((Some(object.body), None))
        }
        Source::Repository { name, version } => {
            let input = json!({ "repositoryName": name, "commitSpecifier": version });
            let archive = match role::may_pull(hub, &caller, name) {
                Ok(()) => hub.call("codecommit", "GetArchive", input).await,
                Err(denial) => Err(denial),
            };
            let archive = archive.map_err(|error| client_error(format!("{name} cannot be read: {error}")))?;
            let bytes = BASE64_STANDARD.decode(archive["archive"].as_str().unwrap_or_default());
            let bytes = bytes.map_err(|error| client_error(format!("{name} cannot be read: {error}")))?;
            Ok((Some(bytes.into()), archive["commitId"].as_str().map(str::to_owned)))
        }
    }
}

impl Sources {
    /// The build's buildspec: inline, an object of S3, or the file that it or the default names in the primary
    /// source, which lies at `directory`.
    ///
    /// # Errors
    /// Fails if there is none or it cannot be run.
    pub async fn buildspec(
        &self,
        hub: &Hub,
        build: &Build,
        given: Option<&str>,
        directory: &Path,
    ) -> Result<Buildspec, Context> {
        let yaml_error = |message: String| Context { code: "YAML_FILE_ERROR".to_owned(), message };
        let path = given.unwrap_or("buildspec.yml");
        let missing = || yaml_error(format!("stat {}: no such file or directory", directory.join(path).display()));
        let text = match given {
            Some(text) if is_inline(text) => text.to_owned(),
            Some(arn) if arn.starts_with(S3_ARN) => stored_text(hub, build, arn).await?,
            _ => {
                let archive = self.primary.as_ref().ok_or_else(missing)?;
                let text = checkout::read_file(archive, path);
                text.map_err(|error| client_error(format!("the source: {error}")))?.ok_or_else(missing)?
            }
        };
        Buildspec::read(&text).map_err(|error| yaml_error(error.told()))
    }

    /// Brings the project's directories to what the sources hold, and says what changed. `kept` are the globs of the
    /// cache. Further sources lie beside the primary one.
    ///
    /// # Errors
    /// Fails if a source is no zip or a directory cannot be changed.
    pub async fn check_out(self, directory: &Path, kept: Globs) -> Result<Vec<String>, Context> {
        let mut said = Vec::new();
        let empty = || Bytes::from_static(EMPTY_ZIP);
        let mut all = vec![(source_directory(directory, None), self.primary.unwrap_or_else(empty), kept)];
        for (identifier, archive) in self.secondary {
            let place = source_directory(directory, Some(&identifier));
            all.push((place, archive.unwrap_or_else(empty), Globs::default()));
        }
        for (place, archive, kept) in all {
            let shown = place.display().to_string();
            let work = move || checkout::synchronize(&archive, &place, &kept);
            let changes = tokio::task::spawn_blocking(work).await.map_err(|error| client_error(error.to_string()))?;
            let changes = changes.map_err(|error| client_error(format!("the source cannot be unpacked: {error}")))?;
            said.push(format!(
                "{shown}: {} files written, {} removed, {} unchanged",
                changes.written, changes.removed, changes.unchanged
            ));
        }
        Ok(said)
    }
}

/// The beginning of an object's ARN.
const S3_ARN: &str = "arn:aws:s3:::";

async fn stored_text(hub: &Hub, build: &Build, arn: &str) -> Result<String, Context> {
    let (bucket, key) = arn.trim_start_matches(S3_ARN).split_once('/').unwrap_or_default();
    let objects = hub.objects_as(&build.caller()).map_err(|error| client_error(error.to_string()))?;
    let object = objects.get(bucket, key).await.map_err(|error| client_error(format!("{arn}: {error}")))?;
    Ok(String::from_utf8_lossy(&object.body).into_owned())
}

/// The end record of a zip without entries.
const EMPTY_ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// The directory of a source of the project in `directory`. Always the same place, so that tools that remember paths
/// (cargo) find what they built before.
pub fn source_directory(directory: &Path, identifier: Option<&str>) -> PathBuf {
    directory.join(identifier.map_or_else(|| "src".to_owned(), |identifier| format!("src_{identifier}")))
}

/// A buildspec's text has lines or is a flow; a path has neither.
fn is_inline(given: &str) -> bool {
    given.contains('\n') || given.trim_start().starts_with(['{', '"']) || given.trim_start().starts_with("version:")
}

/// CodeBuild's code for what is wrong on the user's side.
pub fn client_error(message: impl Into<String>) -> Context {
    Context { code: "CLIENT_ERROR".to_owned(), message: message.into() }
}

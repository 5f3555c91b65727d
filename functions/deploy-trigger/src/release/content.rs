//! Putting a release's contents where CloudFormation finds them.

use serde::{Deserialize, Serialize};
use slipway_shared::call::CallError;
use slipway_shared::objects::{GetObject, HeadObject, ObjectLocation, PutObject};
use slipway_shared::release::Content;

use super::attempt::Halt;
use crate::package::Packaged;
use crate::ports::Ports;
use crate::settings::Settings;

/// `releases/<digest>/release.json`: which commit first had this content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FirstRelease {
    release: String,
    commit: String,
    execution_id: String,
}

/// Stores the packages, the manifest and the template, each unless it is there already.
pub(super) async fn store<P: Ports>(ports: &P, packaged: &Packaged) -> Result<(), CallError> {
    for package in &packaged.packages {
        put_once(ports.objects(), &package.location, &package.content, "application/zip").await?;
    }
    if let Some(manifest) = &packaged.manifest {
        put_once(ports.objects(), &manifest.location, &manifest.content, "application/json").await?;
    }
    put_once(ports.objects(), &packaged.template_location, packaged.template.as_bytes(), "application/json").await
}

/// The release's identity, with the commit that first had it: a rebuild of the same code under another commit is the same
/// release, passes the same parameters and tags, and CloudFormation sees no change.
pub(super) async fn identify<P: Ports>(
    ports: &P,
    settings: &Settings,
    packaged: &Packaged,
    commit: &str,
    execution_id: &str,
) -> Result<Content, Halt> {
    let release = packaged.digest.to_string();
    let manifest = packaged.manifest.as_ref().map(|manifest| manifest.location.key.clone());
    let location = ObjectLocation::new(&settings.artifact_bucket, format!("releases/{release}/release.json"));
    match ports.objects().get_object(&location).await {
        Ok(stored) => {
            let damaged = |error| CallError::Unexpected { operation: "GetObject", source: Box::new(error) };
            let first: FirstRelease = serde_json::from_slice(&stored).map_err(damaged)?;
            Ok(Content { release, commit: first.commit, manifest })
        }
        Err(error) if error.is_not_found() => {
            let first = FirstRelease {
                release: release.clone(),
                commit: commit.to_owned(),
                execution_id: execution_id.to_owned(),
            };
            let unwritable = |error| CallError::Unexpected { operation: "PutObject", source: Box::new(error) };
            let text = serde_json::to_vec(&first).map_err(unwritable)?;
            ports.objects().put_object(&location, text, "application/json").await?;
            Ok(Content { release, commit: first.commit, manifest })
        }
        Err(error) => Err(error.into()),
    }
}

async fn put_once<O>(objects: &O, location: &ObjectLocation, content: &[u8], kind: &str) -> Result<(), CallError>
where
    O: HeadObject + PutObject,
{
    if objects.object_exists(location).await? {
        return Ok(());
    }
    objects.put_object(location, content.to_vec(), kind).await
}

//! Uploading what a build made.

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::core::{Hub, StoredObject};

use super::artifacts::{Collected, collect, pack};
use super::build::Build;
use super::buildspec::{Artifacts, Buildspec};
use super::journal::Journal;
use super::plan::Destination;
use super::record::Context;
use super::shell::{Setup, expand};
use super::sources::client_error;

/// Uploads every artifact of the build to where the plan says.
///
/// # Errors
/// Fails if a path is not there, in CodeBuild's words.
pub async fn upload(
    hub: &Hub,
    build: &Build,
    spec: &Buildspec,
    setup: &Setup,
    journal: &Journal,
) -> Result<(), Context> {
    for destination in &build.plan.destinations {
        let artifacts = match &destination.identifier {
            None => spec.artifacts.as_ref(),
            Some(wanted) => spec.secondary_artifacts.iter().find(|(name, _)| name == wanted).map(|(_, found)| found),
        };
        // Without `artifacts` in the buildspec nothing is uploaded, as CodeBuild does.
        let Some(artifacts) = artifacts else { continue };
        let shown = upload_one(hub, build, artifacts, destination, setup, journal).await?;
        let mut state = build.state();
        match &destination.identifier {
            None => state.artifact = Some(shown),
            Some(_) => state.secondary_artifacts.push(shown),
        }
    }
    Ok(())
}

async fn upload_one(
    hub: &Hub,
    build: &Build,
    artifacts: &Artifacts,
    destination: &Destination,
    setup: &Setup,
    journal: &Journal,
) -> Result<Value, Context> {
    let key = key(hub, build, artifacts, destination, setup).await?;
    let (wanted, source, packed) = (artifacts.clone(), setup.directory.clone(), destination.packed);
    let work = move || -> Result<(Collected, Option<Vec<u8>>), String> {
        let collected = collect(&wanted, &source)?;
        let zip = packed.then(|| pack(&collected)).transpose().map_err(|error| error.to_string())?;
        Ok((collected, zip))
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| client_error(error.to_string()))?;
    let (collected, zip) = done.map_err(client_error)?;
    journal.container(&format!("Found {} file(s)", collected.len()));
    let mut shown = json!({
        "location": format!("arn:aws:s3:::{}/{key}", destination.bucket),
        "artifactIdentifier": destination.identifier,
    });
    match zip {
        Some(zip) => {
            shown["sha256sum"] = json!(hex::encode(Sha256::digest(&zip)));
            put(hub, build, &destination.bucket, &key, zip).await?;
        }
        None => {
            for (name, place) in collected {
                let bytes = tokio::fs::read(&place).await.map_err(|error| client_error(error.to_string()))?;
                put(hub, build, &destination.bucket, &format!("{key}/{name}"), bytes).await?;
            }
        }
    }
    Ok(shown)
}

/// `<path>/<build id>/<name>`, without what is empty.
async fn key(
    hub: &Hub,
    build: &Build,
    artifacts: &Artifacts,
    destination: &Destination,
    setup: &Setup,
) -> Result<String, Context> {
    let name = match &artifacts.name {
        Some(name) if destination.name_from_buildspec => {
            expand(hub, setup, name).await.map_err(|error| client_error(error.to_string()))?
        }
        _ => destination.name.clone(),
    };
    let namespace = if destination.by_build { build.uuid() } else { "" };
    let parts = [destination.path.as_str(), namespace, name.as_str()];
    Ok(parts
        .map(|part| part.trim_matches('/'))
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("/"))
}

async fn put(hub: &Hub, build: &Build, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Context> {
    let object = StoredObject { body: Bytes::from(bytes), ..StoredObject::default() };
    let stored = match hub.objects_as(&build.caller()) {
        Ok(objects) => objects.put(bucket, key, object).await,
        Err(error) => Err(error),
    };
    stored.map_err(|error| client_error(format!("{bucket}/{key} cannot be written: {error}")))
}

//! Fetching an artifact, and making of it what is released.

use slipway_shared::artifact::{Bundle, Spool, SpoolWriter};
use slipway_shared::call::CallError;
use slipway_shared::objects::{DownloadObject, ObjectLocation};
use slipway_shared::overrides::AlarmOverride;
use slipway_shared::stacks::Stack;
use thiserror::Error;

use super::Packaged;
use super::contents::{PackageFault, package};
use crate::settings::Settings;

/// Most bytes of an artifact's zip: as many as Lambda takes for a function, and half of what the packages and it may have of `/tmp`.
const ARTIFACT_BYTES: u64 = 250 * 1024 * 1024;

/// All that a release is made of besides its artifact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    pub(crate) settings: &'a Settings,
    /// The overrides of alarms that are in force.
    pub(crate) overrides: &'a [AlarmOverride],
    /// The stack as it is, if there is one: parameters that nobody else gives keep its values.
    pub(crate) stack: Option<&'a Stack>,
}

/// The reason why nothing was made of an artifact.
#[derive(Debug, Error)]
pub(crate) enum PrepareError {
    /// It could not be fetched; trying again may help, unless there is none.
    #[error("the artifact cannot be fetched")]
    Fetch(#[source] CallError),
    /// It cannot be released.
    #[error(transparent)]
    Fault(#[from] PackageFault),
}

/// Fetches the artifact, verifies it and makes of it what is released. The same bytes always give the same release, whichever alarms
/// are overridden meanwhile.
pub(crate) async fn prepare<O: DownloadObject>(
    objects: &O,
    artifact: &ObjectLocation,
    circumstances: Circumstances<'_>,
) -> Result<Packaged, PrepareError> {
    let artifact = fetch(objects, artifact, ARTIFACT_BYTES).await?;
    let mut bundle = Bundle::read(&artifact).map_err(PackageFault::from)?;
    let (packaged, unchecked) = package(&mut bundle, circumstances)?;
    for unchecked in unchecked {
        tracing::warn!(%unchecked, "a function's code is not compared with its architecture");
    }
    Ok(packaged)
}

async fn fetch<O: DownloadObject>(objects: &O, artifact: &ObjectLocation, most: u64) -> Result<Spool, PrepareError> {
    let mut spool = SpoolWriter::of_at_most(most);
    match objects.download_object(artifact, &mut spool).await {
        Ok(()) => Ok(spool.finish().map_err(PackageFault::Spool)?),
        Err(_) if spool.is_full() => Err(PackageFault::TooLarge(most).into()),
        Err(error) => Err(PrepareError::Fetch(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_shared::fakes::Objects;

    #[tokio::test]
    async fn an_artifact_of_more_bytes_than_there_is_room_for_is_refused() {
        let location = ObjectLocation::new("artifacts", "build");
        let objects = Objects::default().with(&location, vec![0; 11]);
        assert_eq!(fetch(&objects, &location, 11).await.unwrap().length(), 11);
        let error = fetch(&objects, &location, 10).await.unwrap_err();
        assert!(matches!(error, PrepareError::Fault(PackageFault::TooLarge(10))), "{error}");
        let gone = fetch(&Objects::default(), &location, 10).await.unwrap_err();
        assert!(matches!(gone, PrepareError::Fetch(error) if error.is_not_found()));
    }
}

//! Putting a release's contents where CloudFormation finds them.

use slipway_shared::call::CallError;
use slipway_shared::objects::{HeadObject, ObjectLocation, PutObject};

use crate::package::Packaged;
use crate::ports::Ports;

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

async fn put_once<O>(objects: &O, location: &ObjectLocation, content: &[u8], kind: &str) -> Result<(), CallError>
where
    O: HeadObject + PutObject,
{
    if objects.object_exists(location).await? {
        return Ok(());
    }
    objects.put_object(location, content.to_vec(), kind).await
}

//! Putting a release's contents where CloudFormation finds them.

use slipway_shared::call::CallError;
use slipway_shared::objects::{Content, CreateObject, HeadObject, ObjectLocation};

use crate::package::{Package, Packaged};
use crate::ports::Ports;

/// Stores the packages, the manifest and the template, each unless it is there already.
pub(super) async fn store<P: Ports>(ports: &P, packaged: &Packaged) -> Result<(), CallError> {
    let objects = ports.objects();
    for Package { location, content } in &packaged.packages {
        // Most packages of most releases are there, and each may be megabytes: the question saves sending them in vain. It decides
        // nothing, as what comes between it and the creation is the same bytes.
        if !objects.object_exists(location).await? {
            create(objects, location, content.clone(), "application/zip").await?;
        }
    }
    if let Some(Package { location, content }) = &packaged.manifest {
        create(objects, location, content.clone(), "application/json").await?;
    }
    let template = packaged.template.clone().into_bytes();
    create(objects, &packaged.template_location, template.into(), "application/json").await
}

/// Creates an object whose name is the sum of its bytes: one that exists is the same.
async fn create<O>(objects: &O, location: &ObjectLocation, content: Content, kind: &str) -> Result<(), CallError>
where
    O: CreateObject,
{
    match objects.create_object(location, content, kind).await {
        Err(error) if error.is_already_exists() => Ok(()),
        ended => ended,
    }
}

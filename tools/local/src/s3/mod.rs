//! S3: buckets, objects, versions and uploads over an index of the plane's own.
//!
//! The library (`s3s`) has the protocol; what the operations do is here. Clients may sign with any credentials, so the
//! signature is taken off before the library sees a request. Keys are data and never paths: bodies are files that are
//! named by their digests, and the index is in memory with a journal behind it.

mod access;
mod answer;
mod asked;
mod body;
mod bucket;
mod checksum;
mod chunked;
mod context;
mod cors;
mod dates;
mod door;
mod endpoint;
mod form;
mod listing;
mod multipart;
mod must_be_new;
mod notification;
mod object;
mod operations;
mod port;
mod presigned;
mod refusal;
mod store;
mod tags;
mod trail;

use std::path::Path;
use std::sync::Arc;

use s3s::service::S3ServiceBuilder;

use crate::core::{Hub, ObjectStore};
use context::Context;

pub(crate) use endpoint::S3Endpoint;

impl S3Endpoint {
    /// Opens the store in `root`, which must exist.
    ///
    /// # Errors
    /// Fails if the directory cannot be used.
    pub(crate) fn open(root: &Path) -> std::io::Result<Self> {
        let context = Arc::new(Context::new(store::Store::open(root)?));
        let mut builder = S3ServiceBuilder::new(operations::Operations(Arc::clone(&context)));
        builder.set_auth(access::Unsigned);
        builder.set_access(access::Access(Arc::clone(&context)));
        Ok(Self { service: builder.build(), context })
    }

    /// Puts the store into a plane: its clock, its identifiers, its account and those who are notified.
    pub(crate) fn attach(&self, hub: &Arc<Hub>) {
        self.context.attach(hub);
    }

    /// The same store for the services of the plane.
    pub(crate) fn objects(&self) -> Arc<dyn ObjectStore> {
        Arc::new(port::Objects::new(self.clone()))
    }
}

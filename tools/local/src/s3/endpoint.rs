//! The S3 endpoint of a plane.

use std::sync::Arc;

use s3s::service::S3Service;

use super::context::Context;

/// The S3 endpoint of the plane.
#[derive(Clone)]
pub(crate) struct S3Endpoint {
    pub(super) service: S3Service,
    pub(super) context: Arc<Context>,
}

//! The state of STS.

use std::sync::Arc;

use crate::core::Hub;
use crate::iam::{Credentials, Directory};

/// The state of the service: the users and roles of IAM, and the credentials that it gave out.
pub(super) struct Sts {
    pub(super) hub: Arc<Hub>,
    pub(super) directory: Arc<Directory>,
    pub(super) credentials: Arc<Credentials>,
}

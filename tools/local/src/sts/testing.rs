//! The ground of tests in which IAM decides.

use std::sync::Arc;

use crate::core::{Hub, Service};
use crate::iam::{self, Authority, Credentials, Directory};

/// Lets IAM decide every call on a hub but the plane's own; gives IAM and STS, to be registered.
pub(crate) fn decided(hub: &Arc<Hub>) -> [Arc<dyn Service>; 2] {
    let (directory, credentials) = (Arc::<Directory>::default(), Arc::<Credentials>::default());
    hub.set_authority(Authority::new(hub, &directory, &credentials, true));
    [iam::service(hub, &directory), super::service(hub, &directory, &credentials)]
}

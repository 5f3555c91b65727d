//! Who asked, and what the answer is called: it goes with a request from the door to the operation.

use std::sync::Arc;

use crate::core::{Caller, PlaneIdentity, Principal};

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// Who asks.
    pub(super) caller: Arc<Caller>,
    /// Their unique id, as event records have it.
    pub(super) principal: String,
    /// The header `x-amz-request-id`.
    pub(super) request_id: String,
    /// The header `x-amz-id-2`.
    pub(super) host_id: String,
}

impl Asked {
    /// A request with an id of its own.
    pub(super) fn new(caller: Caller, identity: &PlaneIdentity) -> Self {
        let request_id = uuid::Uuid::new_v4().simple().to_string().to_uppercase()[..16].to_owned();
        let host_id = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        Self { principal: caller.user_id(&identity.account), caller: Arc::new(caller), request_id, host_id }
    }
}

impl Default for Asked {
    fn default() -> Self {
        Self::new(Principal::Plane.into(), &PlaneIdentity::default())
    }
}

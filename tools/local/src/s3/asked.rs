//! The caller of a request and the ids of its answer: they go with the request from the door to the operation.

use std::sync::{Arc, OnceLock};

use crate::core::{Caller, PlaneIdentity, Principal};

/// The signature of a request, as S3's condition keys have it. All members are none for an unsigned request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    /// `REST-HEADER`, `REST-QUERY-STRING` or `POST`.
    pub(super) auth_type: Option<&'static str>,
    /// `AWS4-HMAC-SHA256` or `AWS`.
    pub(super) signature: Option<&'static str>,
    /// The age of a presigned URL's signature, in milliseconds.
    pub(super) age: Option<i64>,
}

/// One request: its caller, its signature and the ids that its answer carries.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The caller: the signer of the request, or the anonymous principal.
    pub(super) caller: Arc<Caller>,
    /// The caller's unique id, as event records have it.
    pub(super) principal: String,
    /// The kind of its signature, for the condition keys.
    pub(super) sent: Sent,
    /// The key that a form names.
    pub(super) posted: Option<String>,
    /// The operation, once the library has found it.
    operation: Arc<OnceLock<String>>,
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
        Self {
            principal: caller.user_id(&identity.account),
            caller: Arc::new(caller),
            sent: Sent::default(),
            posted: None,
            operation: Arc::default(),
            request_id,
            host_id,
        }
    }

    /// Says that the request is a form, by whom it was signed and which key it names.
    pub(super) fn is_posted(&mut self, key: String, caller: Caller, identity: &PlaneIdentity) {
        self.sent.auth_type = caller.access_key.as_ref().map(|_| "POST");
        self.principal = caller.user_id(&identity.account);
        self.caller = Arc::new(caller);
        self.posted = Some(key);
    }

    /// Notes the operation that is asked for, once.
    pub(super) fn set_operation(&self, operation: &str) {
        let _ = self.operation.set(operation.to_owned());
    }

    /// The operation, if the library found one.
    pub(super) fn operation(&self) -> Option<&str> {
        self.operation.get().map(String::as_str)
    }
}

impl Default for Asked {
    fn default() -> Self {
        Self::new(Principal::Plane.into(), &PlaneIdentity::default())
    }
}

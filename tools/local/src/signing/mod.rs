//! The signer of a request: the credential scope, the signatures of versions 2 and 4, and the caller whom they name.
//!
//! The wire, S3 and the front doors of APIs ask here; nothing here knows any of them.

mod bucket_host;
mod caller;
mod scope;
mod signature;
mod signature_2;

pub(crate) use bucket_host::bucket_of_host;
pub(crate) use caller::{of as caller_of, spelled};
pub(crate) use scope::of as scope_of;
pub(crate) use signature::of_policy as policy_signature_4;
pub(crate) use signature_2::of_policy as policy_signature_2;

//! Stub.

#[cfg(feature = "template")]
pub mod template;
